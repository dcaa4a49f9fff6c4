// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IRiskRegistry } from "../../interfaces/IRiskRegistry.sol";
import { PositionTracker } from "../../perp/PositionTracker.sol";
import { MarketId } from "../../types/MarketId.sol";
import { MarketRisk, PriceStatus, Prices } from "../../types/MarketRisk.sol";
import { Position } from "../../types/Position.sol";
import { BatchTest } from "./BatchTest.sol";

/// @notice Batches with liquidations, fees, and bounds of open interest: their order changes nothing either.
contract PermutationRiskFuzzTest is BatchTest {
    uint256 private constant USED = 2;

    function setUp() public override {
        super.setUp();
        for (uint16 m; m < USED; ++m) {
            MarketRisk memory risk = netted.risk.riskOf(MarketId.wrap(m));
            (risk.nettedFeePpm, risk.pooledFeePpm, risk.protocolShareBps) = (100, 500, 2000);
            (risk.maxOpenInterest, risk.maxSkew, risk.minOrderSize) = (300e18, 60e18, 1000);
            vm.prank(deployer);
            netted.risk.initialize(MarketId.wrap(m), risk);
        }
        _leverage();
    }

    /// Every account of every market is asked to be liquidated, among random orders, at marks up to 30 % away.
    function testFuzz_PermutationChangesNothing(uint256 seed, uint256 count, uint256 mark) public {
        _comparePermutations(seed, count, mark);
    }

    /// Batches that are known to liquidate: the rule above is not held by empty ones alone.
    function test_PermutationChangesNothing_SomeAreLiquidated() public {
        uint256 liquidations;
        for (uint256 seed = 1; seed < 5; ++seed) {
            liquidations += _comparePermutations(seed, 12, seed % 2 == 0 ? 1700e18 : 2300e18);
        }
        assertGt(liquidations, 3, "some are liquidated");
    }

    function _comparePermutations(uint256 seed, uint256 count, uint256 mark) private returns (uint256 liquidations) {
        vm.clearMockedCalls();
        (Spec[] memory orders,) = _prepare(seed, bound(count, 1, 20), USED);
        Spec[] memory specs = _withLiquidations(orders);
        mark = bound(mark, 1400e18, 2600e18);
        for (uint16 m; m < USED; ++m) {
            vm.mockCall(
                address(netted.risk),
                abi.encodeCall(IRiskRegistry.pricesOf, (MarketId.wrap(m))),
                abi.encode(Prices(mark, 0, PriceStatus.PoolOnly))
            );
        }
        uint256 snapshot = vm.snapshotState();
        (Outcome[] memory first,) = _settleBatch(specs, _inOrder(specs.length), true);
        bytes32 accounts = _accounts();
        bytes32 markets = _marketState();
        for (uint256 i = orders.length; i < specs.length; ++i) {
            if (first[i].fill.base != 0) ++liquidations;
        }

        vm.revertToState(snapshot);
        (Outcome[] memory second,) = _settleBatch(specs, _shuffled(specs.length, seed), false);
        for (uint256 i; i < specs.length; ++i) {
            assertEq(uint8(second[i].reason), uint8(first[i].reason), "the same end");
            assertEq(second[i].fill.base, first[i].fill.base, "the same base");
            assertEq(second[i].fill.quote, first[i].fill.quote, "the same quote");
        }
        assertEq(_accounts(), accounts, "the same accounts, rewards and fees included");
        assertEq(_marketState(), markets, "the same pools, dust, fees and open interest");
    }

    /// @dev Traders 0 to 3 hold about nine times their collateral, two long and two short; the richest is the other side.
    function _leverage() private {
        for (uint256 i; i < 4; ++i) {
            MarketId id = MarketId.wrap(uint16(i % USED));
            uint256 size = netted.vault.getBalance(traders[i]) / 220;
            _change(traders[i], id, true, i < 2, size, 0);
            _change(traders[TRADERS - 1], id, true, i >= 2, size, 0);
        }
        _settleNextBlock();
        assertGt(_position(traders[0], MarketId.wrap(0)).base, 1e18, "300 in 220 a base");
    }

    /// @dev The orders, and a liquidation of either side of every trader in every market, each by another keeper.
    function _withLiquidations(Spec[] memory orders) private view returns (Spec[] memory specs) {
        uint256 count = orders.length;
        specs = new Spec[](count + TRADERS * USED * 2);
        for (uint256 i; i < count; ++i) {
            specs[i] = orders[i];
        }
        for (uint256 i = count; i < specs.length; ++i) {
            uint256 at = i - count;
            specs[i].trader = traders[(at / 4 + 1) % TRADERS];
            specs[i].market = MarketId.wrap(uint16(at / 2 % USED));
            specs[i].isLong = at % 2 == 0;
            specs[i].size = netted.house.liquidationOf(traders[at / 4], type(uint96).max);
        }
    }

    /// @dev Which part of quote is realised depends on the sequence of a trader's fills; their sum does not.
    function _accounts() private view returns (bytes32 hash) {
        for (uint256 i; i < TRADERS; ++i) {
            for (uint16 m; m < USED; ++m) {
                Position memory position = _position(traders[i], MarketId.wrap(m));
                hash = keccak256(
                    abi.encode(hash, position.base, int256(position.quote) + position.realizedPnl - position.settledPnl)
                );
            }
            hash = keccak256(abi.encode(hash, netted.vault.getBalance(traders[i]), netted.vault.badDebtOf(traders[i])));
        }
    }

    function _marketState() private view returns (bytes32 hash) {
        for (uint16 m; m < USED; ++m) {
            MarketId id = MarketId.wrap(m);
            (int256 base, int256 quote) = _dust(id);
            (uint256 protocol, uint256 insurance) = netted.netting.accountOf(id);
            (uint256 longs, uint256 shorts) = PositionTracker(_market(netted, id).tracker).openInterest();
            hash = keccak256(abi.encode(hash, base, quote, _root(id), protocol, insurance, longs, shorts));
        }
    }
}
