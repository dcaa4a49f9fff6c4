// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpClearingHouse } from "../../../interfaces/IPerpClearingHouse.sol";
import { MarketRisk, PriceStatus } from "../../../types/MarketRisk.sol";
import { RejectReason } from "../../../types/RejectReason.sol";
import { LiquidationTest } from "../../utils/LiquidationTest.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice What an account can leave by an order of its own: no order ends below zero, and none makes its trader liquidatable. alice has
///         1,000 of collateral. The pool has L = 447,213.6: at 1600 that is 11,180.34 of base.
contract WaysOutTest is LiquidationTest {
    /// 2.49 from 2000, at 1600: 4 are left. Selling 2.49 to the pool ends at 1600 / (1 + 2.49 / 11,180.34)² = 1599.2876, of which the
    /// fee leaves 1598.4879: a base costs 1.5121 at the worst, and all 3.7651. That is there. It nets, so that it costs nothing.
    function test_Close_WhatTheWorstFillLeaves() public {
        _trade(alice, ETH, true, 2.49e18);
        _setPrice(ETH, 1600e18);
        _change(alice, ETH, false, true, 2.49e18, 0);
        _changeDeferred(bob, ETH, false, false, 2.49e18, 0);
        assertEq(_base(alice, ETH), 0, "closed");
        assertEq(netted.house.getAccount(alice).collateral, 4e18, "at the mid");
    }

    /// 2.495 from 2000: 2 are left, and the worst fill costs 3.7744.
    function test_Close_NotBeyondIt() public {
        _trade(alice, ETH, true, 2.495e18);
        _setPrice(ETH, 1600e18);
        _change(alice, ETH, false, true, 2.495e18, 0);
        vm.prank(alice);
        netted.house.closePosition(ETH, 2.495e18, 0, 0);
        assertEq(_rejectedBySettle(RejectReason.MarginTooLow), 2, "by neither door");
    }

    /// A limit is the worst fill: at 1599.5 the same 2.495 cost 1.2475 of the 2. Bob sells to her as well: her limit alone counts.
    function test_Close_ALimitIsTheWorstFill() public {
        _trade(alice, ETH, true, 2.495e18);
        _setPrice(ETH, 1600e18);
        _change(alice, ETH, false, true, 2.495e18, 1599.5e18);
        _changeDeferred(bob, ETH, false, false, 2.495e18, 0);
        assertEq(_base(alice, ETH), 0, "closed");
    }

    /// An order that opens and only reduces is a way out too: 2.495 of it could cost 5 % and the fee.
    function test_Open_ThatReducesIsAWayOut() public {
        _trade(alice, ETH, true, 2.495e18);
        _setPrice(ETH, 1600e18);
        vm.expectPartialRevert(IPerpClearingHouse.ClearingHouse_MarginTooLow.selector);
        vm.prank(alice);
        netted.house.openPosition(ETH, false, 2.495e18, 0, 0);
        _change(alice, ETH, true, false, 2.495e18, 0);
        assertEq(_rejectedBySettle(RejectReason.MarginTooLow), 1, "nor does it open");
        assertEq(_base(alice, ETH), 2.495e18, "it stays");
    }

    /// Closes of one batch are weighed together, each at its own limit: 1.2475 of base at the worst fill of 1598.4863 cost 1.8884, and at
    /// 1599.5 they cost 0.6238. With 2 left the two that have no limit are too much, 3.7767; one with a limit makes it 2.5122, still too
    /// much; two make it 1.2475.
    function test_Close_OrdersOfOneBatchAreWeighedTogether() public {
        _trade(alice, ETH, true, 2.495e18);
        _setPrice(ETH, 1600e18);
        _change(alice, ETH, false, true, 1.2475e18, 0);
        _change(alice, ETH, false, true, 1.2475e18, 1599.5e18);
        assertEq(_rejectedBySettle(RejectReason.MarginTooLow), 2, "one limit is not enough");
        _change(alice, ETH, false, true, 1.2475e18, 1599.5e18);
        _change(alice, ETH, false, true, 1.2475e18, 1599.5e18);
        _changeDeferred(bob, ETH, false, false, 2.495e18, 0);
        assertEq(_base(alice, ETH), 0, "two are");
    }

    /// With a maintenance margin of 0.05 % a base closed frees 0.8. Long 2.4925 at 1600: 3 are left, 1.994 of them must stay. Closing 2
    /// ends at 1600 / (1 + 2 / 11,180.34)² = 1599.4277, with the fee 1598.6280: it costs 2.7440 and frees 1.6, more than the 1.006 that are
    /// to spare. Solvent, yet liquidatable. Closing 1 costs 1.0859 and frees 0.8.
    function test_Close_DoesNotMakeLiquidatable() public {
        MarketRisk memory parameters = netted.risk.riskOf(BTC);
        (parameters.maintenanceMarginBps, parameters.liquidationFeeBps) = (5, 5);
        _initialize(BTC, parameters);
        _trade(alice, BTC, true, 2.4925e18);
        _setPrice(BTC, 1600e18);
        assertEq(netted.house.getAccount(alice).equity, 3e18, "1000 - 997");
        assertEq(netted.house.getAccount(alice).maintenanceMargin, 1.994e18, "0.05 % of 3988");
        _change(alice, BTC, false, true, 2e18, 0);
        assertEq(_rejectedBySettle(RejectReason.MarginTooLow), 1, "3 - 2.744 is less than 0.394");
        _change(alice, BTC, false, true, 1e18, 0);
        _changeDeferred(bob, BTC, false, false, 1e18, 0);
        assertEq(_base(alice, BTC), 1.4925e18, "3 - 1.0859 is more than 1.194");
    }

    /// Orders that nobody carries and liquidations of the healthy cost who sends them nothing, and do not count: if 1,000 to sell did, the
    /// 2.49 could cost 5 %, 200 instead of 3.77.
    function test_Close_OrdersThatDoNotStandDoNotCount() public {
        _trade(carol, ETH, true, 500e18);
        _trade(alice, ETH, true, 2.49e18);
        _setPrice(ETH, 1600e18);
        _deposit(netted, second, 10e6);
        vm.recordLogs();
        _change(second, ETH, true, false, 1000e18, 0);
        _liquidate(second, carol, ETH, true, ALL);
        _change(alice, ETH, false, true, 2.49e18, 0);
        _changeDeferred(bob, ETH, false, false, 2.49e18, 0);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(_count(logs, RejectReason.MarginTooLow), 1, "10 do not carry 1,000");
        assertEq(_count(logs, RejectReason.NotLiquidatable), 1, "carol is healthy");
        assertEq(_base(alice, ETH), 0, "closed");
    }

    /// Nor do orders that the pool cannot fill: a seller's limit at the mid is above all that the pool pays.
    function test_Close_OrdersThatThePoolCannotFillDoNotCount() public {
        _trade(alice, ETH, true, 2.49e18);
        _setPrice(ETH, 1600e18);
        _change(carol, ETH, true, false, 1000e18, 1600e18);
        _change(alice, ETH, false, true, 2.49e18, 0);
        _changeDeferred(bob, ETH, true, true, 1002.49e18, 1600e18);
        assertEq(_base(alice, ETH), 0, "closed");
    }

    /// What one close frees does not pay for another, because one alone may fill: 760 at 1.1 % and 1 %, and 16,800 left of which 15,200 must
    /// stay. Selling 160 ends at 2000 / 1.016² = 1937.5, with the fee 1936.5: they cost 10,160 and free 3,200. A second close, of 600 at
    /// 2000 less a wei, costs nothing and would free 12,000; but nobody buys at that price.
    function test_Close_OneDoesNotPayForAnother() public {
        MarketRisk memory parameters = netted.risk.riskOf(BTC);
        (parameters.initialMarginBps, parameters.maintenanceMarginBps, parameters.liquidationFeeBps) = (110, 100, 50);
        _initialize(BTC, parameters);
        _deposit(netted, alice, 15_800e6);
        _nextBlock();
        _change(alice, BTC, true, true, 760e18, 2000e18);
        _changeDeferred(bob, BTC, true, false, 760e18, 0);
        _nextBlock();
        // As the pool stands it may be moved 0.45 % from a mark of its own; a spot mark lets it go 5 %.
        assertEq(netted.registry.midPrice(BTC), netted.house.getMarkPrice(BTC), "a young market");
        assertEq(netted.house.getAccount(alice).maintenanceMargin, 15_200e18, "1 % of 1,520,000");
        _change(alice, BTC, false, true, 160e18, 0);
        _change(alice, BTC, false, true, 600e18, 2000e18 - 1);
        assertEq(_rejectedBySettle(RejectReason.MarginTooLow), 2, "neither");
        IPerpClearingHouse.Account memory account = netted.house.getAccount(alice);
        assertGe(account.equity, int256(account.maintenanceMargin), "it keeps its margin");
    }

    /* MARK AND MID APART */

    /// Short 6 from 1600 with 1000, while the mark stays and the pool goes to 2000: at the mark nothing is lost, at the pool 2400 are. She
    /// cannot buy them back from bob's long, who would be paid by the fund.
    function test_Close_AgainstAPushedPoolIsNotPaidByTheFund() public {
        _setPrice(ETH, 1600e18);
        _trade(alice, ETH, false, 6e18);
        vm.clearMockedCalls();
        _setMark(ETH, 1600e18, PriceStatus.PoolOnly);
        assertEq(netted.house.getAccount(alice).equity, 1000e18, "by the mark");
        vm.expectRevert(
            abi.encodeWithSelector(
                IPerpClearingHouse.ClearingHouse_MarginTooLow.selector, alice, int256(-1400e18), _worstLossOf6()
            )
        );
        vm.prank(alice);
        netted.house.openPosition(ETH, true, 6e18, 0, 0);
        _change(alice, ETH, false, false, 6e18, 0);
        assertEq(_rejectedBySettle(RejectReason.MarginTooLow), 1, "rejected");
        assertEq(netted.vault.totalBadDebt(), 0, "nothing is owed to anybody");
        assertEq(netted.house.getAccount(alice).withdrawable, 0, "and nothing can leave");
    }

    /// The pool stands beyond its bound around the mark and is not moved farther: 2000 / 0.9995 at the worst, 1.0005 a base beyond the
    /// mid, and 12 + 2 x 2000 wei for rounding. What lies between mark and mid is in the -1400 already.
    function _worstLossOf6() private pure returns (uint256) {
        return 6_003_001_500_750_379_204;
    }

    /// Short 1 from 2000 at a mark of 1900: the mark shows 1100, the pool still 1000. 190 must stay, so that 810 can go.
    function test_Withdraw_CountsNoProfitThatThePoolWouldNotPay() public {
        _trade(alice, ETH, false, 1e18);
        _setMark(ETH, 1900e18, PriceStatus.PoolOnly);
        assertEq(netted.house.getAccount(alice).equity, 1100e18, "1000 + 100");
        assertEq(netted.house.getAccount(alice).withdrawable, 810e18, "1000 - 10 % of 1900");
    }

    /// Nor does it carry anything new, and a loss that the pool shows alone counts: long 1 from 2000 at a mark of 2000, and the pool at
    /// 1600: 600 of 1000 carry 6000, of which 2000 stand here. 2 at 2000 of the other market are 4000.
    function test_Open_ALossThatThePoolShowsCounts() public {
        _trade(alice, ETH, true, 1e18);
        _setPrice(ETH, 1600e18);
        _setMark(ETH, 2000e18, PriceStatus.PoolOnly);
        vm.prank(alice);
        netted.house.openPosition(BTC, false, 2e18, 2000e18, 0);
        vm.expectPartialRevert(IPerpClearingHouse.ClearingHouse_MarginTooLow.selector);
        vm.prank(alice);
        netted.house.openPosition(BTC, false, 2e18 + 1, 2000e18, 0);
    }

    /* LIQUIDATIONS */

    /// At a mark of 1849 and a mid of 1806.25 the 4.2 from 2000 net 42.75 below the mark: with 1.5 % of 1806.25 a base costs 69.84375 and
    /// frees 184.9. 410.78 / 115.05625 = 3.570253...: then the initial margin is there, though the fill was no better than the mid.
    function test_Liquidation_IsSizedForTheMid() public {
        _trade(alice, ETH, true, 4.2e18);
        _setPrice(ETH, 1806.25e18);
        _setMark(ETH, 1849e18, PriceStatus.PoolOnly);
        uint256 part = (uint256(410.78e36) + 115.05625e18 - 1) / 115.05625e18;
        _liquidateAgainstBob(ALL, part);
        assertEq(_base(alice, ETH), int256(4.2e18 - part), "3.57 closed");
        IPerpClearingHouse.Account memory account = netted.house.getAccount(alice);
        assertGe(account.equity, int256(account.initialMargin), "restored");
        assertLe(account.equity, int256(account.initialMargin) + 200, "and no more");
    }

    /// At 1849 2.6137 of 4.2 are liquidated. An order of her own to sell 3 would only have reduced the position without that; with it, it
    /// would end 1.41 short: new risk, which an account below its maintenance margin does not take.
    function test_Liquidation_AnOrderThatWouldNowTurnThePositionIsRefused() public {
        _trade(alice, ETH, true, 4.2e18);
        _setPrice(ETH, 1849e18);
        _change(alice, ETH, true, false, 3e18, 1849e18);
        Vm.Log[] memory logs = _liquidateAgainstBob(ALL, uint256(PART));
        assertEq(_count(logs, RejectReason.MarginTooLow), 1, "refused");
        assertEq(_base(alice, ETH), 4.2e18 - PART, "the liquidation alone");
    }

    /// Long 4.2 at 1764: E = 1000 - 4.2 x 236 = 8.8. A keeper closes 4, which costs more of fees than that: her own close of the rest
    /// would be paid by the fund.
    function test_Liquidation_ItsCostCountsForHerOwnCloses() public {
        _trade(alice, ETH, true, 4.2e18);
        _setPrice(ETH, 1764e18);
        vm.recordLogs();
        _liquidate(keeper, alice, ETH, true, 4e18);
        _change(alice, ETH, false, true, 0.2e18, 0);
        _changeDeferred(bob, ETH, false, false, 4e18, 0);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(_count(logs, RejectReason.MarginTooLow), 1, "nothing is left for a close of her own");
        assertEq(_base(alice, ETH), 0.2e18, "the keeper asked for 4");
    }
}
