// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpClearingHouse } from "../../../interfaces/IPerpClearingHouse.sol";
import { MarketRisk, MarketState, PriceStatus } from "../../../types/MarketRisk.sol";
import { RejectReason } from "../../../types/RejectReason.sol";
import { LiquidationTest } from "../../utils/LiquidationTest.sol";

/// @notice Who may be liquidated, and when.
contract LiquidationWhoTest is LiquidationTest {
    /// At exactly the maintenance margin the account stays; a little less mark and it goes.
    function test_Threshold_AtTheMaintenanceMarginNobodyIsLiquidated() public {
        _trade(alice, ETH, true, 4e18);
        // E = 1000 + 4 m - 8000 = 0.05 x 4 m: m = 7000 / 3.8, rounded up.
        uint256 mark = uint256(7000e18) * 10 / 38 + 1;
        _setMark(ETH, mark, PriceStatus.PoolOnly);
        _liquidate(keeper, alice, ETH, true, ALL);
        assertEq(_rejectedBySettle(RejectReason.NotLiquidatable), 1, "at the threshold");
        _setMark(ETH, mark - 10, PriceStatus.PoolOnly);
        _liquidateAgainstBob(ALL, 4e18);
        assertLt(_base(alice, ETH), 4e18, "below it");
    }

    function test_RevertWhen_AHealthyAccountIsLiquidatedAtTheDoor() public {
        _trade(alice, ETH, true, 4e18);
        vm.expectRevert(
            abi.encodeWithSelector(
                IPerpClearingHouse.ClearingHouse_NotLiquidatable.selector, alice, int256(1000e18), 400e18
            )
        );
        vm.prank(keeper);
        netted.house.liquidate(alice, ETH, ALL);
    }

    /// Through the door that checks: queued for settle().
    function test_Liquidate_AtTheDoorSettlesByAKeeper() public {
        _trade(alice, ETH, true, 4.2e18);
        _setPrice(ETH, 1849e18);
        vm.prank(keeper);
        netted.house.liquidate(alice, ETH, ALL);
        vm.prank(bob);
        netted.house.closePosition(ETH, uint256(PART), 0, 0);
        assertEq(_settleNextBlock(), 2, "both end");
        assertEq(_base(alice, ETH), 4.2e18 - PART, "the same part");
    }

    /// The wrong side, a market without a position, an account without any.
    function test_NothingThere_IsRejected() public {
        _trade(alice, ETH, true, 4e18);
        _setPrice(ETH, 1764e18);
        _liquidate(keeper, alice, ETH, false, ALL);
        _liquidate(keeper, alice, BTC, true, ALL);
        _liquidate(keeper, second, ETH, true, ALL);
        assertEq(_rejectedBySettle(RejectReason.NotLiquidatable), 3, "none of them");
        assertEq(_base(alice, ETH), 4e18, "nothing was closed");
    }

    /// Neither a guardian's pause nor a feed that is silent protects an account from being liquidated.
    function test_PausedAndUntrusted_LiquidationsGoOn() public {
        _trade(alice, ETH, true, 4e18);
        vm.prank(deployer);
        netted.risk.setState(ETH, MarketState.Paused);
        _setMark(ETH, 1764e18, PriceStatus.Stale);
        _liquidateAgainstBob(ALL, 4e18);
        assertEq(_base(alice, ETH), 0, "closed");
    }

    /// A mark of 1 wei: no division by nothing, no revert.
    function test_WorthlessPositions_AreLiquidated() public {
        _trade(alice, ETH, true, 4e18);
        _setMark(ETH, 1, PriceStatus.PoolOnly);
        _liquidateAgainstBob(ALL, 4e18);
        assertEq(_base(alice, ETH), 0, "closed");
    }

    /// A rest below the market's least order would be stuck: then all is closed. 4.2 - 2.6137 = 1.5863 < 1.6.
    function test_Rest_BelowTheLeastOrderIsClosedToo() public {
        MarketRisk memory parameters = netted.risk.riskOf(BTC);
        parameters.minOrderSize = 1.6e18;
        _initialize(BTC, parameters);
        _trade(alice, BTC, true, 4.2e18);
        _setPrice(BTC, 1849e18);
        _liquidate(keeper, alice, BTC, true, ALL);
        _changeDeferred(bob, BTC, false, false, 10e18, 0);
        assertEq(_base(alice, BTC), 0, "all of it");
    }

    /// Liquidated by oneself: the keeper's share of 72.491 comes back, the insurance fund's does not.
    function test_Keeper_MayBeTheTrader() public {
        _trade(alice, ETH, true, 4.2e18);
        _setPrice(ETH, 1849e18);
        int256 before = netted.house.getAccount(alice).equity;
        _liquidate(alice, alice, ETH, true, ALL);
        _changeDeferred(bob, ETH, false, false, uint256(PART), 0);
        assertEq(before - netted.house.getAccount(alice).equity, int256(FEE / 2), "half of the fee is gone");
        assertEq(_insuranceOf(ETH), FEE / 2, "to the insurance fund");
    }
}
