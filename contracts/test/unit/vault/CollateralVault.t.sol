// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { ICollateralVault } from "../../../interfaces/ICollateralVault.sol";
import { ParallelERC20 } from "../../../tokens/ParallelERC20.sol";
import { CollateralVault } from "../../../vault/CollateralVault.sol";
import { Emulation } from "../../utils/Emulation.sol";

contract Dollar is ParallelERC20 {
    constructor(uint8 decimals_) ParallelERC20("Dollar", "USD", decimals_) { }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

/// @notice The vault by itself; this contract plays its clearing house.
contract CollateralVaultTest is Emulation {
    address internal alice = makeAddr("alice");
    address internal bob = makeAddr("bob");
    Dollar internal token;
    CollateralVault internal vault;

    function setUp() public {
        _installEmulation();
        _deploy(6);
    }

    function _deploy(uint8 decimals) internal {
        token = new Dollar(decimals);
        vault = new CollateralVault(address(this), address(token));
        address[3] memory holders = [alice, bob, address(this)];
        for (uint256 i; i < 3; ++i) {
            token.mint(holders[i], 1_000_000 * 10 ** decimals);
            vm.prank(holders[i]);
            token.approve(address(vault), type(uint256).max);
        }
        _nextBlock();
    }

    /* DECIMALS */

    function test_Deposit_SixDecimals() public {
        vault.deposit(alice, 1000e6);
        assertEq(vault.scale(), 1e12, "10^(18 - 6)");
        assertEq(vault.getBalance(alice), 1000e18, "1000 dollars in WAD");
        assertEq(token.balanceOf(address(vault)), 1000e6, "in units of the token");
        _nextBlock();
        vault.withdraw(alice, 1);
        assertEq(vault.getBalance(alice), 1000e18 - 1e12, "one unit is 1e12 of WAD");
        assertEq(token.balanceOf(alice), 999_000e6 + 1, "one unit was paid");
    }

    function test_Deposit_EighteenDecimals() public {
        _deploy(18);
        vault.deposit(alice, 1000e18);
        assertEq(vault.scale(), 1, "WAD are its units");
        assertEq(vault.getBalance(alice), 1000e18, "1000 dollars");
        _nextBlock();
        vault.withdraw(alice, 1);
        assertEq(vault.getBalance(alice), 1000e18 - 1, "to the wei");
    }

    function test_RevertWhen_MoreThanEighteenDecimals() public {
        Dollar fine = new Dollar(19);
        vm.expectRevert(abi.encodeWithSelector(ICollateralVault.CollateralVault_UnsupportedDecimals.selector, 19));
        new CollateralVault(address(this), address(fine));
    }

    function test_RevertWhen_MoreIsWithdrawnThanThereIs() public {
        vault.deposit(alice, 5e6);
        _nextBlock();
        vm.expectRevert(
            abi.encodeWithSelector(
                ICollateralVault.CollateralVault_InsufficientBalance.selector, alice, 5e18, 5e18 + 1e12
            )
        );
        vault.withdraw(alice, 5e6 + 1);
    }

    function test_RevertWhen_AnyoneButTheHouseCalls() public {
        vault.deposit(alice, 5e6);
        _nextBlock();
        bytes memory unauthorized = abi.encodeWithSelector(ICollateralVault.CollateralVault_Unauthorized.selector, bob);
        vm.startPrank(bob);
        vm.expectRevert(unauthorized);
        vault.deposit(alice, 1);
        vm.expectRevert(unauthorized);
        vault.withdraw(alice, 1);
        vm.expectRevert(unauthorized);
        vault.settlePnl(alice, 1);
        vm.expectRevert(unauthorized);
        vault.collect(bob, 1);
        vm.stopPrank();
    }

    /* PROFIT AND LOSS */

    function test_SettlePnl_ProfitComesFromTheFund() public {
        vault.payFund(100e6);
        vault.settlePnl(alice, 30e18);
        assertEq(vault.getBalance(alice), 30e18, "30 credited");
        assertEq(vault.fund(), 70e18, "from the fund");
        vault.settlePnl(bob, 80e18);
        assertEq(vault.fund(), -10e18, "the fund owes what open losses have not brought yet");
        _checkBacked();
    }

    function test_SettlePnl_LossGoesToTheFund() public {
        vault.deposit(alice, 100e6);
        vault.settlePnl(alice, -30e18);
        assertEq(vault.getBalance(alice), 70e18, "30 debited");
        assertEq(vault.fund(), 30e18, "to the fund");
        assertEq(vault.badDebtOf(alice), 0, "all of it paid");
        _checkBacked();
    }

    function test_SettlePnl_LossBeyondTheBalanceIsBadDebt() public {
        vault.deposit(alice, 100e6);
        vm.expectEmit(address(vault));
        emit ICollateralVault.BadDebt(alice, 50e18);
        vault.settlePnl(alice, -150e18);
        assertEq(vault.getBalance(alice), 0, "nothing is left");
        assertEq(vault.fund(), 100e18, "the fund takes what there was");
        assertEq(vault.badDebtOf(alice), 50e18, "the rest is shown");
        vault.settlePnl(alice, -1);
        assertEq(vault.badDebtOf(alice), 50e18 + 1, "and adds up");
        vault.settlePnl(bob, -2);
        assertEq(vault.totalBadDebt(), 50e18 + 3, "over all traders too");
        _checkBacked();
    }

    function test_PayFund_AnyoneMay() public {
        vm.expectEmit(address(vault));
        emit ICollateralVault.FundPaid(bob, 7e6);
        vm.prank(bob);
        vault.payFund(7e6);
        assertEq(vault.fund(), 7e18, "7 dollars in WAD");
        assertEq(vault.paidIn(), 7e18, "and remembered");
        _checkBacked();
    }

    /// 30 of losses in the fund, 10 of them fees that the house pays out. What the fund has not, it owes.
    function test_Collect_PaysOutOfTheFund() public {
        vault.deposit(alice, 100e6);
        vault.settlePnl(alice, -30e18);
        _nextBlock();
        vault.collect(bob, 10e6);
        assertEq(token.balanceOf(bob), 1_000_010e6, "paid");
        assertEq(vault.fund(), 20e18, "from the fund");
        assertEq(vault.collected(), 10e18, "and remembered");
        vault.collect(bob, 25e6);
        assertEq(vault.fund(), -5e18, "the fund owes alice 5 of her 70");
        assertEq(vault.getBalance(alice), 70e18, "which are hers all the same");
        _checkBacked();
    }

    function test_RevertWhen_MoreIsCollectedThanTheVaultHolds() public {
        vault.deposit(alice, 1e6);
        _nextBlock();
        vm.expectRevert(bytes4(keccak256("TransferFailed()")));
        vault.collect(bob, 1e6 + 1);
    }

    /// Any sequence of payments, profits and losses: tokens = Σ balances + fund, and a loss is paid or bad debt.
    function testFuzz_Accounting(uint8 decimals, int256[8] memory moves) public {
        _deploy(uint8(bound(decimals, 0, 18)));
        uint256 unit = 10 ** token.decimals();
        int256 expected;
        for (uint256 i; i < 8; ++i) {
            address trader = i % 2 == 0 ? alice : bob;
            int256 amount = bound(moves[i], -500e18, 500e18);
            if (amount > 0) vault.deposit(trader, (uint256(amount) * unit) / 1e18);
            if (trader == alice && amount > 0) expected += int256(uint256(amount) * unit / 1e18 * vault.scale());
            vault.settlePnl(trader, amount / 3);
            if (trader == alice) expected += amount / 3;
            if (i == 3) vault.payFund(uint256(amount > 0 ? amount : -amount) * unit / 1e18);
            if (i == 5) {
                _nextBlock();
                vault.collect(bob, token.balanceOf(address(vault)) / 7);
            }
            _checkBacked();
        }
        assertEq(vault.totalBadDebt(), vault.badDebtOf(alice) + vault.badDebtOf(bob), "bad debt is summed");
        int256 holds = int256(vault.getBalance(alice)) - int256(vault.badDebtOf(alice));
        assertEq(holds, expected, "balance less bad debt is the sum of all moves");
    }

    function _checkBacked() private view {
        int256 tokens = int256(token.balanceOf(address(vault)) * vault.scale());
        int256 owed = int256(vault.getBalance(alice) + vault.getBalance(bob)) + vault.fund();
        assertEq(tokens, owed, "tokens = balances + fund");
    }
}
