// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { PoolFills } from "../../../baseline/PoolFills.sol";
import { ICollateralVault } from "../../../interfaces/ICollateralVault.sol";
import { IPerpClearingHouse } from "../../../interfaces/IPerpClearingHouse.sol";
import { IPerpEvents } from "../../../interfaces/IPerpEvents.sol";
import { PriceStatus } from "../../../types/MarketRisk.sol";
import { BaselineTest } from "../../utils/BaselineTest.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice Liquidations and bad debt without netting: at once, with the pool.
contract BaselineLiquidationTest is BaselineTest {
    /// 4.2 bought at a little more than 2000, mark 1849: x = (R − E) ÷ (1849 × 8.5 %), up. The pool, still near 2000, takes it at once.
    function test_Liquidate_APartAtOnce() public {
        _openAt(alice, true, 4.2e18);
        _setPrices(1849e18, 0, PriceStatus.PoolOnly);
        IPerpClearingHouse.Account memory account = house.getAccount(alice);
        assertEq(account.initialMargin, 776.58e18, "10 % of 4.2 x 1849");
        uint256 missing = account.initialMargin - uint256(account.equity);
        uint256 part = (missing * 1e18 + 157.165e18 - 1) / 157.165e18;
        int256 quoteBefore = _position(alice).quote;

        vm.recordLogs();
        vm.prank(keeper);
        house.liquidate(alice, ETH, ALL);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(_position(alice).base, 4.2e18 - int256(part), "a part");
        (, int256 base, int256 quote,, uint256 pooled,,) = abi.decode(
            _dataOf(logs, IPerpEvents.OrderSettled.selector),
            (uint16, int256, int256, uint256, uint256, uint256, int256)
        );
        assertEq(base, -int256(part), "sold");
        assertEq(pooled, part, "to the pool");
        assertGt(_position(alice).quote, quoteBefore, "its cost is gone with it");
        (address by, uint256 fee, uint256 reward) =
            abi.decode(_dataOf(logs, IPerpEvents.Liquidated.selector), (address, uint256, uint256));
        assertEq(by, keeper, "by the keeper");
        assertEq(fee, (uint256(quote) * 150 + 9999) / 10_000, "1.5 % of what the pool gave, up");
        assertEq(reward, fee / 2, "half of it");
        assertEq(house.getAccount(keeper).collateral, int256(reward), "is the keeper's");

        account = house.getAccount(alice);
        assertGe(account.equity, int256(account.initialMargin), "the initial margin is there again");
        vm.expectPartialRevert(IPerpClearingHouse.ClearingHouse_NotLiquidatable.selector);
        house.liquidate(alice, ETH, ALL);
        _assertConserved();
    }

    /// As a kind of changePosition: the same, at once.
    function test_Liquidate_ByChangePosition() public {
        _openAt(alice, true, 4.2e18);
        uint256 word = house.liquidationOf(alice, 0.5e18);
        vm.expectPartialRevert(IPerpClearingHouse.ClearingHouse_NotLiquidatable.selector);
        vm.prank(keeper, keeper);
        house.changePosition(ETH, false, true, word, 0, 0);

        _setPrices(1849e18, 0, PriceStatus.PoolOnly);
        vm.expectRevert(abi.encodeWithSelector(IPerpClearingHouse.ClearingHouse_NothingToClose.selector, alice, ETH));
        vm.prank(keeper, keeper);
        house.changePosition(ETH, false, false, word, 0, 0);
        vm.expectRevert(IPerpClearingHouse.ClearingHouse_ZeroSize.selector);
        vm.prank(keeper, keeper);
        house.changePosition(ETH, false, true, uint256(uint160(alice)) << 96, 0, 0);
        vm.prank(keeper, keeper);
        house.changePosition(ETH, false, true, word, 0, 0);
        assertEq(_position(alice).base, 3.7e18, "0.5 and no more");
        assertEq(_position(keeper).base, 0, "the keeper trades nothing of its own");
    }

    /// carol's sales take the price below 1700: alice's 4.2 cost more than her 1000. All is closed, and what is missing is recorded at once.
    function test_Liquidate_BadDebtAtOnce() public {
        _openAt(alice, true, 4.2e18);
        for (uint256 i; i < 4; ++i) {
            _openAt(carol, false, 240e18);
        }
        assertLt(house.getAccount(alice).equity, 0, "less than nothing is left");
        (, uint256 insurance) = house.accountOf(ETH);
        vm.recordLogs();
        vm.prank(keeper);
        house.liquidate(alice, ETH, ALL);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(_position(alice).base, 0, "all of it");
        // Her 1000 and all that she realised, fees included, is what is missing.
        int256 missing = -(1000e18 + int256(_position(alice).realizedPnl));
        assertGt(missing, 0, "something is");
        assertEq(direct.vault.badDebtOf(alice), uint256(missing), "recorded");
        assertEq(
            abi.decode(_dataOf(logs, ICollateralVault.BadDebt.selector), (uint256)), uint256(missing), "and announced"
        );
        assertEq(house.getAccount(alice).collateral, 0, "she owes nothing any more");
        (, uint256 fee, uint256 reward) =
            abi.decode(_dataOf(logs, IPerpEvents.Liquidated.selector), (address, uint256, uint256));
        int256 fund = int256(insurance + fee - reward) - missing;
        assertEq(house.insuranceFund(), fund > 0 ? uint256(fund) : 0, "the insurance fund pays what it can");
        assertEq(house.uncoveredBadDebt(), fund < 0 ? uint256(-fund) : 0, "the rest stays visible");
        _assertConserved();
    }

    /// More than the pool takes within the market's bound: a keeper asks for less.
    function test_RevertWhen_ThePoolCannotTakeALiquidation() public {
        for (uint256 i; i < 3; ++i) {
            _openAt(bob, true, 200e18);
        }
        _setPrices(450e18, 0, PriceStatus.PoolOnly);
        vm.expectPartialRevert(PoolFills.PoolClearingHouse_BeyondLimit.selector);
        house.liquidate(bob, ETH, ALL);
        house.liquidate(bob, ETH, 200e18);
        assertEq(_position(bob).base, 400e18, "200 of 600");
    }

    function test_RevertWhen_ThereIsNothingToLiquidate() public {
        _openAt(alice, true, 4.2e18);
        _setPrices(1849e18, 0, PriceStatus.PoolOnly);
        vm.expectRevert(IPerpClearingHouse.ClearingHouse_ZeroSize.selector);
        house.liquidate(alice, ETH, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IPerpClearingHouse.ClearingHouse_NotLiquidatable.selector, keeper, int256(0), 0)
        );
        house.liquidate(keeper, ETH, ALL);
    }

    /// The trader as its own keeper, with funding due: booked once, by whichever of the two touches comes first.
    function test_Liquidate_ByTheTraderItself() public {
        _openAt(alice, true, 4.2e18);
        vm.warp(vm.getBlockTimestamp() + 1 hours);
        _setPrices(1849e18, 1800e18, PriceStatus.Ok);
        vm.prank(alice);
        house.liquidate(alice, ETH, ALL);
        _assertConserved();
        assertEq(house.getAccount(alice).funding, 0, "booked");
    }
}
