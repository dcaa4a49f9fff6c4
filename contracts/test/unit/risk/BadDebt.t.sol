// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { ICollateralVault } from "../../../interfaces/ICollateralVault.sol";
import { IPerpClearingHouse } from "../../../interfaces/IPerpClearingHouse.sol";
import { IRiskRegistry } from "../../../interfaces/IRiskRegistry.sol";
import { MarketId } from "../../../types/MarketId.sol";
import { MarketRisk } from "../../../types/MarketRisk.sol";
import { Defaults } from "../../utils/Defaults.sol";
import { LiquidationTest } from "../../utils/LiquidationTest.sol";

/// @notice Losses that collateral does not cover, the insurance fund, and the protocol's fees. alice has 1,000 USDC. ETH has no fees,
///         BTC 1,000 ppm, half of them the protocol's.
contract BadDebtTest is LiquidationTest {
    address private guardian = makeAddr("guardian");

    function _initializeRisk() internal override {
        MarketRisk memory parameters = netted.risk.riskOf(BTC);
        (parameters.nettedFeePpm, parameters.pooledFeePpm, parameters.protocolShareBps) = (1000, 1000, 5000);
        _initialize(BTC, parameters);
        vm.startPrank(deployer);
        netted.risk.grantRoles(guardian, netted.risk.GUARDIAN());
        usdc.mint(guardian, 1000 * Defaults.USDC);
        vm.stopPrank();
        vm.prank(guardian);
        usdc.approve(address(netted.vault), type(uint256).max);
    }

    /// @dev Closes alice's position against bob, at the mid.
    function _close(MarketId id, bool isLong, uint256 size) private {
        _change(alice, id, false, isLong, size, 0);
        _changeDeferred(bob, id, false, !isLong, size, 0);
        _nextBlock();
    }

    /// @dev alice buys 4 at 2000 and sells them at 1600: 1600 are lost, 600 more than she has.
    function _lose1600() private {
        _trade(alice, ETH, true, 4e18);
        _setPrice(ETH, 1600e18);
        _close(ETH, true, 4e18);
        assertEq(netted.house.getAccount(alice).collateral, -600e18, "1000 - 1600");
    }

    function _payIn(uint256 amount) private {
        vm.prank(guardian);
        netted.vault.payFund(amount * Defaults.USDC);
    }

    /// @dev bob and carol trade 10 BTC at 2000: a fee of 20 each, 20 of the 40 the protocol's.
    function _earnFees() private {
        _change(carol, BTC, true, true, 10e18, 0);
        _changeDeferred(bob, BTC, true, false, 10e18, 0);
        _nextBlock();
    }

    /* BAD DEBT */

    function test_SettleBadDebt_ByAnyone() public {
        _lose1600();
        assertEq(netted.house.uncoveredBadDebt(), 0, "not recorded yet");
        vm.expectEmit(address(netted.vault));
        emit ICollateralVault.BadDebt(alice, 600e18);
        vm.prank(carol);
        assertEq(netted.house.settleBadDebt(alice), 600e18, "what her 1000 did not cover");
        assertEq(netted.vault.getBalance(alice), 0, "her balance is gone");
        assertEq(netted.vault.badDebtOf(alice), 600e18, "recorded");
        assertEq(netted.vault.totalBadDebt(), 600e18, "and summed");
        assertEq(netted.house.uncoveredBadDebt(), 600e18, "there is no insurance");
        assertEq(netted.house.getAccount(alice).collateral, 0, "she owes nothing any more");
        assertEq(netted.house.settleBadDebt(alice), 0, "once");
        assertEq(netted.vault.totalBadDebt(), 600e18, "not twice");
    }

    /// What she pays in afterwards is hers: the loss is the fund's.
    function test_SettleBadDebt_IsOverWithIt() public {
        _lose1600();
        netted.house.settleBadDebt(alice);
        _deposit(netted, alice, 5 * Defaults.USDC);
        assertEq(netted.house.getAccount(alice).withdrawable, 5e18, "all of it");
    }

    /// A position, be it worth less than nothing; a debt in one market beside a position in another; an account that is fine; one that
    /// nobody has.
    function test_SettleBadDebt_ElseDoesNothing() public {
        _trade(alice, ETH, true, 4e18);
        _trade(alice, BTC, false, 0.5e18);
        _setPrice(ETH, 1600e18);
        _expectNothing(alice);
        _close(ETH, true, 4e18);
        assertLt(netted.house.getAccount(alice).collateral, 0, "below zero");
        _expectNothing(alice);
        _expectNothing(bob);
        _expectNothing(makeAddr("nobody"));
        _expectNothing(address(0));
    }

    function _expectNothing(address account) private {
        uint256 balance = netted.vault.getBalance(account);
        assertEq(netted.house.settleBadDebt(account), 0, "nothing");
        assertEq(netted.vault.getBalance(account), balance, "nothing moved");
        assertEq(netted.vault.totalBadDebt(), 0, "nothing recorded");
    }

    /// A loss of 1600 in ETH, a profit of 0.5 x 1100 in BTC (sold at 2000, bought at 900), less 1 and 0.45 of fees: 51.45 are missing.
    function test_SettleBadDebt_CountsProfitElsewhereFirst() public {
        _trade(alice, ETH, true, 4e18);
        _trade(alice, BTC, false, 0.5e18);
        _setPrice(ETH, 1600e18);
        _setPrice(BTC, 900e18);
        _close(ETH, true, 4e18);
        _close(BTC, false, 0.5e18);
        assertEq(netted.house.settleBadDebt(alice), 51.45e18, "1000 - 1600 + 550 - 1.45");
    }

    /// Below zero by what is realised, and above it by what is open: nothing goes out, and nothing is written off meanwhile. 1 BTC sold at
    /// 2000 is bought at 900: 1100 of profit, less fees of 2 and 0.9.
    function test_Withdraw_LeavesNoBadDebt() public {
        _trade(alice, ETH, true, 4e18);
        _trade(alice, BTC, false, 0.9e18);
        _setPrice(ETH, 1600e18);
        _setPrice(BTC, 900e18);
        _close(ETH, true, 4e18);
        IPerpClearingHouse.Account memory account = netted.house.getAccount(alice);
        assertEq(account.collateral, -601.8e18, "1000 - 1600 - 1.8 of fees");
        assertEq(account.equity, 388.2e18, "990 of open profit");
        vm.expectRevert(
            abi.encodeWithSelector(IPerpClearingHouse.ClearingHouse_NotWithdrawable.selector, alice, 1e12, 0)
        );
        vm.prank(alice);
        netted.house.withdraw(1);
        _close(BTC, false, 0.9e18);
        assertEq(netted.house.getAccount(alice).collateral, 387.39e18, "another 0.81 of fees");
        vm.prank(alice);
        netted.house.withdraw(387_390_000);
        assertEq(netted.vault.totalBadDebt(), 0, "she never had bad debt");
    }

    /// It asks for no price, so that no feed and no state of a market stands in its way.
    function test_SettleBadDebt_NeedsNoPrice() public {
        _lose1600();
        vm.mockCallRevert(address(netted.risk), abi.encodeWithSelector(IRiskRegistry.pricesOf.selector), "no price");
        vm.prank(guardian);
        netted.risk.pause(ETH);
        assertEq(netted.house.settleBadDebt(alice), 600e18, "settled");
    }

    /* INSURANCE */

    /// 100 paid in and 20 of fees against 600 of bad debt: 480 are not covered. 500 more leave 20.
    function test_Insurance_CoversBadDebt() public {
        _payIn(100);
        _earnFees();
        assertEq(netted.house.insuranceFund(), 120e18, "100 and half of 40");
        _lose1600();
        netted.house.settleBadDebt(alice);
        assertEq(netted.house.insuranceFund(), 0, "used up");
        assertEq(netted.house.uncoveredBadDebt(), 480e18, "600 - 120");
        _payIn(500);
        assertEq(netted.house.uncoveredBadDebt(), 0, "covered");
        assertEq(netted.house.insuranceFund(), 20e18, "and 20 left");
    }

    /// Any loss and any fund: insurance less what it could not cover is all that came in less all bad debt; tokens = balances + fund.
    function testFuzz_Insurance_AddsUp(uint256 size, uint256 root, uint256 paid) public {
        size = bound(size, 1e18, 4e18);
        _payIn(bound(paid, 0, 1000));
        _trade(alice, ETH, true, size);
        root = bound(root, 25, 44);
        _setPrice(ETH, root * root * 1e18);
        _close(ETH, true, size);
        uint256 loss = size * (2000 - root * root);
        uint256 missing = loss > 1000e18 ? loss - 1000e18 : 0;
        assertEq(netted.house.settleBadDebt(alice), missing, "the loss beyond 1000");
        int256 left = int256(netted.house.insuranceFund()) - int256(netted.house.uncoveredBadDebt());
        assertEq(left, int256(netted.vault.paidIn()) - int256(netted.vault.totalBadDebt()), "the fund adds up");
        _checkBacked();
    }

    /* FEES */

    function test_CollectFees_ByTheOwnerOfTheRiskRegistry() public {
        _earnFees();
        assertEq(netted.house.collectableFees(), 20e18, "half of 40");
        vm.startPrank(deployer);
        vm.expectEmit(address(netted.house));
        emit IPerpClearingHouse.FeesCollected(second, 15 * Defaults.USDC);
        netted.house.collectFees(second, 15 * Defaults.USDC);
        assertEq(usdc.balanceOf(second), 15 * Defaults.USDC, "paid");
        assertEq(netted.house.collectableFees(), 5e18, "5 are left");
        assertEq(netted.vault.collected(), 15e18, "15 are gone");
        vm.expectRevert(
            abi.encodeWithSelector(IPerpClearingHouse.ClearingHouse_NotCollectable.selector, 5e18 + 1e12, 5e18)
        );
        netted.house.collectFees(second, 5 * Defaults.USDC + 1);
        netted.house.collectFees(second, 5 * Defaults.USDC);
        vm.stopPrank();
        assertEq(netted.house.insuranceFund(), 20e18, "the insurance fund's half stays");
        _checkBacked();
    }

    /// A guardian pauses, and moves nothing. A new owner of the registry has the right, the old one has it no more.
    function test_RevertWhen_AnyoneElseCollectsFees() public {
        _earnFees();
        address[3] memory others = [guardian, alice, address(netted.engine)];
        for (uint256 i; i < 3; ++i) {
            _expectNotOwner(others[i]);
        }
        vm.prank(second);
        netted.risk.requestOwnershipHandover();
        vm.prank(deployer);
        netted.risk.completeOwnershipHandover(second);
        _expectNotOwner(deployer);
        vm.prank(second);
        netted.house.collectFees(second, 1);
    }

    function _expectNotOwner(address by) private {
        vm.expectRevert(abi.encodeWithSelector(IPerpClearingHouse.ClearingHouse_NotOwner.selector, by));
        vm.prank(by);
        netted.house.collectFees(by, 1);
    }

    /// 600 of bad debt, 20 of insurance, 575 paid in: 5 are not covered, and of 20 of fees only 15 can go.
    function test_CollectFees_LeavesWhatBadDebtNeeds() public {
        _earnFees();
        _lose1600();
        netted.house.settleBadDebt(alice);
        assertEq(netted.house.collectableFees(), 0, "580 are not covered");
        _payIn(575);
        assertEq(netted.house.collectableFees(), 15e18, "20 - 5");
        _payIn(5);
        assertEq(netted.house.collectableFees(), 20e18, "all of them");
    }

    /// @dev tokens = Σ balances + fund.
    function _checkBacked() private view {
        uint256 balances =
            netted.vault.getBalance(alice) + netted.vault.getBalance(bob) + netted.vault.getBalance(carol);
        int256 tokens = int256(usdc.balanceOf(address(netted.vault)) * netted.vault.scale());
        assertEq(tokens, int256(balances) + netted.vault.fund(), "tokens = balances + fund");
    }
}
