// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpClearingHouse } from "../../../interfaces/IPerpClearingHouse.sol";
import { RejectReason } from "../../../types/RejectReason.sol";
import { Defaults } from "../../utils/Defaults.sol";
import { MarginTest } from "./MarginTest.sol";

/// @notice What an account may take out.
contract WithdrawingTest is MarginTest {
    /// At the entry price nothing is "required" by the requested formula, but the initial margin of 200 must stay for the 2000 that are open.
    function test_Withdraw_LeavesTenPercentOfTheNotional() public {
        _trade(alice, ETH, true, 1e18);
        IPerpClearingHouse.Account memory account = netted.house.getAccount(alice);
        assertEq(account.freeCollateral, 1000e18, "free by the requested formula");
        assertEq(account.withdrawable, 800e18, "but 200 stay");
        _expectNotWithdrawable(800 * Defaults.USDC + 1);
        vm.prank(alice);
        netted.house.withdraw(800 * Defaults.USDC);
        assertEq(usdc.balanceOf(alice), 800 * Defaults.USDC, "800 were paid");
    }

    function test_Withdraw_OpenProfitCannotBeWithdrawn() public {
        _trade(alice, ETH, true, 1e18);
        _setPrice(ETH, 3600e18);
        // Profit 1600: free collateral is 1000 less 10 % of it.
        assertEq(netted.house.getAccount(alice).withdrawable, 840e18, "no more than was paid in");
    }

    /// Long 1 from 2000 at 1600: equity 600, 160 must stay: 440.
    function test_Withdraw_AnOpenLossStays() public {
        _trade(alice, ETH, true, 1e18);
        _setPrice(ETH, 1600e18);
        assertEq(netted.house.getAccount(alice).withdrawable, 440e18, "equity 600 less 160");
        _expectNotWithdrawable(440 * Defaults.USDC + 1);
        vm.prank(alice);
        netted.house.withdraw(440 * Defaults.USDC);
    }

    /// Both markets' notional must be carried: 2000 + 4000 leave 1000 - 600.
    function test_Withdraw_BothMarketsCount() public {
        _trade(alice, ETH, true, 1e18);
        _trade(alice, BTC, false, 2e18);
        assertEq(netted.house.getAccount(alice).withdrawable, 400e18, "1000 less 10 % of 6000");
    }

    /// A realised profit is collateral before it has moved, and moves with the withdrawal: bought at 2000, sold at 2500.
    function test_Withdraw_SettlesRealisedProfit() public {
        _trade(alice, ETH, true, 1e18);
        _setPrice(ETH, 2500e18);
        _trade(alice, ETH, false, 1e18);
        IPerpClearingHouse.Account memory account = netted.house.getAccount(alice);
        assertEq(account.collateral, 1500e18, "1000 and 500 of profit");
        assertEq(netted.vault.getBalance(alice), 1000e18, "which is not in the vault's balance yet");
        vm.prank(alice);
        netted.house.withdraw(1500 * Defaults.USDC);
        assertEq(usdc.balanceOf(alice), 1500 * Defaults.USDC, "all of it was paid");
        assertEq(netted.vault.fund(), -500e18, "the fund has paid it, and waits for the other side's loss");
        assertEq(netted.house.getAccount(alice).collateral, 0, "and is not there twice");

        vm.prank(bob);
        netted.house.withdraw(1);
        assertEq(netted.vault.fund(), 0, "bob's realised loss of 500 makes up for it");
    }

    /// A realised loss reduces what can be withdrawn before it has moved: bought at 2000, sold at 1600.
    function test_Withdraw_SettlesRealisedLoss() public {
        _trade(alice, ETH, true, 1e18);
        _setPrice(ETH, 1600e18);
        _trade(alice, ETH, false, 1e18);
        assertEq(netted.vault.getBalance(alice), 1000e18, "the balance does not show it yet");
        _expectNotWithdrawable(600 * Defaults.USDC + 1);
        vm.prank(alice);
        netted.house.withdraw(600 * Defaults.USDC);
        assertEq(netted.vault.getBalance(alice), 0, "the loss moved with the withdrawal");
        assertEq(netted.vault.fund(), 400e18, "to the fund");
    }

    /// Orders that wait do not hold collateral: settlement looks again.
    function test_Withdraw_BeforeSettlementRejectsTheOrder() public {
        vm.recordLogs();
        vm.prank(alice);
        netted.house.openPosition(ETH, false, 5e18, 2000e18, 0);
        vm.prank(bob);
        netted.house.openPosition(ETH, true, 5e18, 0, 0);
        vm.prank(alice);
        netted.house.withdraw(1);
        _settleNextBlock();
        assertEq(_rejections(RejectReason.MarginTooLow), 1, "a unit too little");
        assertEq(_base(alice, ETH), 0, "nothing was opened");
    }

    /// Whatever is open, at whatever prices: the most that can be withdrawn leaves 10 % of the notional, a unit more cannot.
    function testFuzz_Withdraw_TheMostLeavesTenPercent(int256 eth, int256 btc, uint256 ethPrice, uint256 btcPrice)
        public
    {
        (eth, btc) = (bound(eth, -2e18, 2e18), bound(btc, -2e18, 2e18));
        if (eth != 0) _trade(alice, ETH, eth > 0, uint256(eth > 0 ? eth : -eth));
        if (btc != 0) _trade(alice, BTC, btc > 0, uint256(btc > 0 ? btc : -btc));
        _setPrice(ETH, bound(ethPrice, 1000e18, 4000e18));
        _setPrice(BTC, bound(btcPrice, 1000e18, 4000e18));
        uint256 most = netted.house.getAccount(alice).withdrawable / 1e12;
        assertLe(most, Defaults.COLLATERAL, "never more than was paid in");
        _expectNotWithdrawable(most + 1);
        if (most == 0) return;
        vm.prank(alice);
        netted.house.withdraw(most);
        IPerpClearingHouse.Account memory account = netted.house.getAccount(alice);
        assertGe(account.equity * 10, int256(account.openNotional), "equity is 10 % of the notional");
        assertGe(account.freeCollateral, 0, "and the requested formula holds");
        assertGe(account.equity, int256(account.maintenanceMargin), "so that nobody can liquidate it");
    }

    function _expectNotWithdrawable(uint256 amount) private {
        vm.expectPartialRevert(IPerpClearingHouse.ClearingHouse_NotWithdrawable.selector);
        vm.prank(alice);
        netted.house.withdraw(amount);
    }
}
