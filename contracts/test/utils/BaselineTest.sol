// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { PoolClearingHouse } from "../../baseline/PoolClearingHouse.sol";
import { IRiskRegistry } from "../../interfaces/IRiskRegistry.sol";
import { PositionTracker } from "../../perp/PositionTracker.sol";
import { MarketRisk, PriceStatus, Prices } from "../../types/MarketRisk.sol";
import { Position } from "../../types/Position.sol";
import { BaseTest } from "../Base.t.sol";
import { Defaults } from "./Defaults.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice The baseline with fees of 500 ppm, 20 % of them the protocol's; maintenance 5 %, initial margin 10 %, liquidation fee 1.5 %, half
///         of it the keeper's. alice has 1,000 USDC, bob and carol a million each.
abstract contract BaselineTest is BaseTest {
    uint256 internal constant ALL = type(uint96).max;

    PoolClearingHouse internal house;
    uint256 private poolBase;
    uint256 private poolQuote;

    function setUp() public virtual override {
        super.setUp();
        house = PoolClearingHouse(address(direct.house));
        MarketRisk memory parameters = direct.risk.riskOf(ETH);
        (parameters.nettedFeePpm, parameters.pooledFeePpm, parameters.protocolShareBps) = (100, 500, 2000);
        vm.prank(deployer);
        direct.risk.initialize(ETH, parameters);
        _deposit(direct, alice, Defaults.COLLATERAL);
        _deposit(direct, bob, 1000 * Defaults.COLLATERAL);
        _deposit(direct, carol, 1000 * Defaults.COLLATERAL);
        _nextBlock();
        (poolBase, poolQuote) = _poolHolds();
    }

    function _openAt(address trader, bool isLong, uint256 size) internal {
        vm.prank(trader);
        house.openPosition(ETH, isLong, size, 0, 0);
    }

    function _setPrices(uint256 mark, uint256 index, PriceStatus status) internal {
        vm.mockCall(
            address(direct.risk), abi.encodeCall(IRiskRegistry.pricesOf, (ETH)), abi.encode(Prices(mark, index, status))
        );
    }

    function _position(address trader) internal view returns (Position memory) {
        return PositionTracker(_market(direct, ETH).tracker).positionOf(trader);
    }

    /// @dev Data of the last event of a kind.
    function _dataOf(Vm.Log[] memory logs, bytes32 topic) internal pure returns (bytes memory data) {
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == topic) data = logs[i].data;
        }
        assertGt(data.length, 0, "the event was emitted");
    }

    /// @dev Σ over traders of quote and realised profit, with pool, fees and funding, is 0 to the wei; base too.
    function _assertConserved() internal view {
        (uint256 heldBase, uint256 heldQuote) = _poolHolds();
        (uint256 protocol, uint256 insurance) = house.accountOf(ETH);
        int256 base = int256(heldBase) - int256(poolBase);
        int256 quote = int256(heldQuote) - int256(poolQuote) + int256(protocol + insurance);
        quote += PositionTracker(_market(direct, ETH).tracker).fundingCollected();
        address[4] memory all = [alice, bob, carol, keeper];
        for (uint256 i; i < all.length; ++i) {
            Position memory position = _position(all[i]);
            base += position.base;
            quote += int256(position.quote) + position.realizedPnl;
        }
        assertEq(base, 0, "base");
        assertEq(quote, 0, "quote, realised profit, fees and funding");
    }

    function _poolHolds() internal view returns (uint256, uint256) {
        address pool = _market(direct, ETH).pool;
        return (
            _token(_market(direct, ETH).baseToken).balanceOf(pool),
            _token(_market(direct, ETH).quoteToken).balanceOf(pool)
        );
    }
}
