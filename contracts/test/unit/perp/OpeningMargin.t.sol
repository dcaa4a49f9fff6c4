// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpClearingHouse } from "../../../interfaces/IPerpClearingHouse.sol";
import { RejectReason } from "../../../types/RejectReason.sol";
import { MarginTest } from "./MarginTest.sol";

/// @notice What an account may open.
contract OpeningMarginTest is MarginTest {
    /// 1000 carries a notional of 10,000. A buyer without limit may pay 2000 × 1.05 / 0.9995 = 2101.05…, so 4.75 of base
    /// (9980) pass and 4.76 (10,001) do not.
    function test_Open_TenTimesTheCollateralAtTheWorstPrice() public {
        vm.prank(alice);
        netted.house.openPosition(ETH, true, 4.75e18, 0, 0);
        vm.expectPartialRevert(IPerpClearingHouse.ClearingHouse_MarginTooLow.selector);
        vm.prank(alice);
        netted.house.openPosition(ETH, true, 4.76e18, 0, 0);
    }

    /// A limit is the worst price: at 2000 exactly 5 of base are 10,000.
    function test_Open_ALimitIsTheWorstPrice() public {
        vm.prank(alice);
        netted.house.openPosition(ETH, true, 5e18, 2000e18, 0);
        vm.expectRevert(
            abi.encodeWithSelector(
                IPerpClearingHouse.ClearingHouse_MarginTooLow.selector, alice, int256(1000e18), 1000e18 + 200
            )
        );
        vm.prank(alice);
        // 2000 × (5 + 1e-18) × 10 % = 1000 and 200 wei
        netted.house.openPosition(ETH, true, 5e18 + 1, 2000e18, 0);
    }

    /// A seller's notional is largest at the mid. Its limit keeps it from selling below.
    function test_Open_ASellerAtTheMid() public {
        vm.prank(alice);
        netted.house.openPosition(ETH, false, 5e18, 2000e18, 0);
        vm.expectPartialRevert(IPerpClearingHouse.ClearingHouse_MarginTooLow.selector);
        vm.prank(alice);
        netted.house.openPosition(ETH, false, 5e18 + 1, 2000e18, 0);
    }

    /// Without a limit it may have to sell at 1899.05, 100.95 below the mark: what is left of 1000 must be the maintenance margin
    /// of 5 % of 2000 a base. 1000 - 100.95 x s = 100 x s: s = 4.976362279173923861, and 20 wei less for 4012 of rounding. The initial
    /// margin alone would carry 5.
    function test_Open_ASellerWithoutALimitPaysForTheWorstFill() public {
        vm.prank(alice);
        netted.house.openPosition(ETH, false, 4_976_362_279_173_923_841, 0, 0);
        vm.expectPartialRevert(IPerpClearingHouse.ClearingHouse_MarginTooLow.selector);
        vm.prank(alice);
        netted.house.openPosition(ETH, false, 4_976_362_279_173_923_843, 0, 0);
    }

    /// Several orders of one batch, each of which the collateral carries alone: together they are rejected, and all of them.
    function test_Open_OrdersOfOneBatchAreWeighedTogether() public {
        vm.recordLogs();
        _change(alice, ETH, true, false, 3e18, 0);
        _change(alice, ETH, true, false, 3e18, 0);
        _changeDeferred(bob, ETH, true, true, 6e18, 0);
        assertEq(_rejections(RejectReason.MarginTooLow), 2, "6 of base need 1200");
        assertEq(_base(alice, ETH), 0, "nothing was opened");
    }

    /// The same over two markets.
    function test_Open_OrdersOfOneBatchInTwoMarketsAreWeighedTogether() public {
        vm.recordLogs();
        _change(alice, ETH, true, false, 3e18, 0);
        _change(alice, BTC, true, false, 3e18, 0);
        _changeDeferred(bob, ETH, true, true, 3e18, 0);
        assertEq(_rejections(RejectReason.MarginTooLow), 2, "3 of base in each need 600 + 600");
        assertEq(_base(alice, ETH), 0, "nothing was opened here");
        assertEq(_base(alice, BTC), 0, "nor there");
    }

    /// Collateral that carries a position in one market does not carry another's in the other.
    function test_Open_AnotherMarketsPositionCounts() public {
        _trade(alice, ETH, false, 3e18);
        vm.prank(alice);
        netted.house.openPosition(BTC, false, 2e18, 0, 0);
        vm.expectPartialRevert(IPerpClearingHouse.ClearingHouse_MarginTooLow.selector);
        vm.prank(alice);
        netted.house.openPosition(BTC, false, 2e18 + 1, 0, 0);

        vm.recordLogs();
        _trade(alice, BTC, false, 2e18 + 1);
        assertEq(_rejections(RejectReason.MarginTooLow), 1, "settlement decides the same");
    }

    /// A buy and a sell of one batch: each may be the only one that fills, so the larger counts, not their difference.
    function test_Open_OppositeOrdersDoNotCancelOut() public {
        vm.recordLogs();
        _change(alice, ETH, true, true, 6e18, 0);
        _changeDeferred(alice, ETH, true, false, 6e18, 0);
        assertEq(_rejections(RejectReason.MarginTooLow), 2, "6 of base need 1200 on either side");
    }

    /* OPEN PROFIT AND LOSS */

    /// Long 1 from 2000 at 2500: equity 1500, but only the 1000 that were paid in carry anything new: 10,000 in all, of which
    /// 2500 stand. The other 7500 are 3.75 at 2000 elsewhere.
    function test_OpenProfitCarriesNoNewRisk() public {
        _trade(alice, ETH, true, 1e18);
        _setPrice(ETH, 2500e18);
        assertEq(netted.house.getAccount(alice).equity, 1500e18, "equity has the profit");
        vm.prank(alice);
        netted.house.openPosition(BTC, false, 3.75e18, 0, 0);
        vm.expectPartialRevert(IPerpClearingHouse.ClearingHouse_MarginTooLow.selector);
        vm.prank(alice);
        netted.house.openPosition(BTC, false, 3.75e18 + 1, 0, 0);
    }

    /// Long 1 from 2000 at 1600: 400 of 1000 are lost. 6000 in all are carried, 1600 stand: 2.2 at 2000 elsewhere.
    function test_OpenLossCounts() public {
        _trade(alice, ETH, true, 1e18);
        _setPrice(ETH, 1600e18);
        vm.prank(alice);
        netted.house.openPosition(BTC, false, 2.2e18, 0, 0);
        vm.expectPartialRevert(IPerpClearingHouse.ClearingHouse_MarginTooLow.selector);
        vm.prank(alice);
        netted.house.openPosition(BTC, false, 2.2e18 + 1, 0, 0);
    }
}
