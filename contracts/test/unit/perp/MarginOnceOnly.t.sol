// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpClearingHouse } from "../../../interfaces/IPerpClearingHouse.sol";
import { IUniswapV3Pool } from "../../../interfaces/external/IUniswapV3Pool.sol";
import { Allocation } from "../../../types/Market.sol";
import { MarketId } from "../../../types/MarketId.sol";
import { BaseTest } from "../../Base.t.sol";
import { Defaults } from "../../utils/Defaults.sol";

/// @notice Collateral counts once: over markets, over a flip, over the transactions of one batch.
contract MarginOnceOnlyTest is BaseTest {
    MarketId internal constant BTC = MarketId.wrap(1);

    /// Long 2 in one market, short 2 in the other, both halve: −2000 and +2000 are realised, 1000 of collateral stay 1000.
    function test_Withdraw_ALossThatAnotherMarketCoversIsNoBadDebt() public {
        _list(netted, Allocation.Uniform);
        _fund(1000 * Defaults.USDC);
        _trade(ETH, true, 2e18);
        _trade(BTC, false, 2e18);
        _halve(ETH);
        _halve(BTC);
        _trade(ETH, false, 2e18);
        _trade(BTC, true, 2e18);
        int256 equity = netted.house.getAccount(alice).equity;
        assertApproxEqAbs(equity, 1000e18, 100, "the two markets cancel out");
        vm.prank(alice);
        netted.house.withdraw(1);
        assertEq(netted.vault.badDebtOf(alice), 0, "no bad debt of a solvent account");
        assertEq(netted.house.getAccount(alice).equity, equity - 1e12, "a withdrawal creates no collateral");
    }

    /// A position on the other side of zero is new risk, be it no larger than the old one.
    function test_Flip_AnAccountWithoutEquityIsLiquidated() public {
        _fund(1000 * Defaults.USDC);
        _deposit(netted, carol, 10_000_000 * Defaults.USDC);
        _trade(ETH, true, 4e18);
        // Carol sells 5 % of the price six times: 2000 falls below 1500, alice's 1000 are gone.
        for (uint256 i; i < 6; ++i) {
            _open(carol, false, 300e18);
            _settleNextBlock();
        }
        assertLt(netted.house.getAccount(alice).equity, 0, "without equity");

        vm.expectPartialRevert(IPerpClearingHouse.ClearingHouse_MarginTooLow.selector);
        vm.prank(alice);
        netted.house.openPosition(ETH, false, 8e18, 0, 0);
        _open(alice, false, 8e18);
        _settleNextBlock();
        assertEq(_base(alice, ETH), 4e18, "it does not flip");

        _open(alice, false, 4e18);
        _settleNextBlock();
        assertEq(_base(alice, ETH), 4e18, "nor does it close at a loss that it cannot pay");
        vm.prank(alice);
        netted.house.liquidate(alice, ETH, 4e18);
        _settleNextBlock();
        assertEq(_base(alice, ETH), 0, "that is for a liquidation, which anyone may ask for");
    }

    /// Chunks of two: alice's sell of 4.9 (980 of her 1000) waits in a half-settled batch when she orders as much elsewhere.
    function test_Chunks_AHalfSettledBatchHoldsItsMargin() public {
        netted = _deployNetted(0, 2);
        _list(netted, Allocation.Uniform);
        _list(netted, Allocation.Uniform);
        _fund(1000 * Defaults.USDC);
        for (uint256 i; i < 4; ++i) {
            _change(bob, ETH, true, true, 1e18, 0);
        }
        _changeDeferred(alice, ETH, true, false, 4.9e18, 0);
        assertEq(netted.engine.batchesInProgress(), 1, "half settled");
        _nextBlock();
        _change(bob, BTC, true, true, 4.9e18, 0);
        _change(alice, BTC, true, false, 4.9e18, 0);
        for (uint256 i; i < 6; ++i) {
            _settleNextBlock();
        }
        assertEq(netted.engine.batchesInProgress(), 0, "settled");
        assertEq(_base(alice, ETH), -4.9e18, "the first is filled");
        assertEq(_base(alice, BTC), 0, "the second has no margin");
        assertEq(_base(bob, BTC), 4.9e18, "the other side's order is not held up");
    }

    /* HELPERS */

    function _fund(uint256 amount) private {
        _deposit(netted, alice, amount);
        _deposit(netted, bob, 1000 * amount);
        _nextBlock();
    }

    /// @dev Fills alice's order against bob, at the mid.
    function _trade(MarketId id, bool isLong, uint256 size) private {
        _change(alice, id, true, isLong, size, 0);
        _changeDeferred(bob, id, true, !isLong, size, 0);
        _nextBlock();
    }

    function _base(address trader, MarketId id) private view returns (int256 base) {
        (base,,) = netted.house.getPosition(trader, id);
    }

    /// @dev Shows half the price; nothing after it swaps with the pool. Half the price is the root / √2.
    function _halve(MarketId id) private {
        address pool = _market(netted, id).pool;
        (uint160 root,,,,,,) = IUniswapV3Pool(pool).slot0();
        root = uint160(uint256(root) * 1e18 / 1_414_213_562_373_095_048);
        vm.mockCall(
            pool,
            abi.encodeCall(IUniswapV3Pool.slot0, ()),
            abi.encode(root, int24(0), uint16(0), uint16(1), uint16(1), uint8(0), true)
        );
    }
}
