// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { PoolFills } from "../../baseline/PoolFills.sol";
import { IMarketRegistry } from "../../interfaces/IMarketRegistry.sol";
import { IPerpClearingHouse } from "../../interfaces/IPerpClearingHouse.sol";
import { MarketId } from "../../types/MarketId.sol";
import { ContractTrader } from "../mocks/ContractTrader.sol";
import { OrderTracking } from "../mocks/OrderTracking.sol";
import { Defaults } from "../utils/Defaults.sol";

/// @notice What a trader can do wrong, each with its named error. Trader 0 has 1000 USDC; both houses answer alike.
contract ErrorsTest is OrderTracking {
    uint256 private constant MAX_SIZE = type(uint96).max;
    uint256 private constant MAX_LIMIT = type(uint128).max;
    uint256 private constant MAX_DEADLINE = type(uint40).max;
    MarketId private constant UNKNOWN = MarketId.wrap(7);

    address internal trader;

    function setUp() public override {
        super.setUp();
        trader = _trader(0);
        _fund(2, Defaults.COLLATERAL);
        _deposit(direct, trader, Defaults.COLLATERAL);
    }

    /// @dev The next call, by the trader as an externally owned account, must fail with exactly this error.
    function _expect(bytes memory error_) private {
        vm.expectRevert(error_);
        vm.prank(trader, trader);
    }

    function _houses() private view returns (IPerpClearingHouse[2] memory) {
        return [netted.house, direct.house];
    }

    /* TERMS */

    function test_RevertWhen_SizeIsZero() public {
        bytes memory error_ = abi.encodeWithSelector(IPerpClearingHouse.ClearingHouse_ZeroSize.selector);
        for (uint256 i; i < 2; ++i) {
            _expect(error_);
            _houses()[i].openPosition(ETH, true, 0, 0, 0);
            _expect(error_);
            _houses()[i].closePosition(ETH, 0, 0, 0);
            _expect(error_);
            _houses()[i].changePosition(ETH, true, true, 0, 0, 0);
            _expect(error_);
            _houses()[i].deposit(0);
            _expect(error_);
            _houses()[i].withdraw(0);
        }
    }

    function test_RevertWhen_SizeIsTooLarge() public {
        uint256 size = MAX_SIZE + 1;
        bytes memory error_ =
            abi.encodeWithSelector(IPerpClearingHouse.ClearingHouse_SizeTooLarge.selector, size, MAX_SIZE);
        for (uint256 i; i < 2; ++i) {
            _expect(error_);
            _houses()[i].openPosition(ETH, true, size, 0, 0);
            _expect(error_);
            _houses()[i].closePosition(ETH, size, 0, 0);
            _expect(error_);
            _houses()[i].changePosition(ETH, true, true, size, 0, 0);
        }
    }

    function test_RevertWhen_LimitIsTooLarge() public {
        uint256 limit = MAX_LIMIT + 1;
        bytes memory error_ =
            abi.encodeWithSelector(IPerpClearingHouse.ClearingHouse_LimitTooLarge.selector, limit, MAX_LIMIT);
        for (uint256 i; i < 2; ++i) {
            _expect(error_);
            _houses()[i].openPosition(ETH, true, 1e18, limit, 0);
            _expect(error_);
            _houses()[i].closePosition(ETH, 1e18, limit, 0);
            _expect(error_);
            _houses()[i].changePosition(ETH, true, true, 1e18, limit, 0);
        }
    }

    function test_RevertWhen_DeadlineHasPassedOrDoesNotFit() public {
        uint256 now_ = vm.getBlockTimestamp();
        uint256[2] memory deadlines = [now_ - 1, MAX_DEADLINE + 1];
        for (uint256 i; i < 4; ++i) {
            IPerpClearingHouse house = _houses()[i % 2];
            uint256 deadline = deadlines[i / 2];
            bytes memory error_ =
                abi.encodeWithSelector(IPerpClearingHouse.ClearingHouse_Expired.selector, deadline, now_);
            _expect(error_);
            house.openPosition(ETH, true, 1e18, 0, deadline);
            _expect(error_);
            house.closePosition(ETH, 1e18, 0, deadline);
            _expect(error_);
            house.changePosition(ETH, true, true, 1e18, 0, deadline);
        }
    }

    /// The largest of everything is taken, and ends: as a rejection, because nobody has the margin.
    function test_TheLargestTerms_AreTakenAndEnd() public {
        vm.recordLogs();
        vm.prank(trader, trader);
        netted.house.changePosition(ETH, true, true, MAX_SIZE, MAX_LIMIT, MAX_DEADLINE);
        vm.prank(_trader(1), _trader(1));
        netted.house.changePosition(ETH, true, false, MAX_SIZE, 1, vm.getBlockTimestamp() + 9);
        assertEq(_settleNextBlock(), 2, "both end");
        assertEq(_assertEachEndedOnce(vm.getRecordedLogs(), 2).rejected, 2, "by rejection");
    }

    function test_RevertWhen_MarketIsUnknown() public {
        bytes memory error_ = abi.encodeWithSelector(IMarketRegistry.MarketRegistry_UnknownMarket.selector, UNKNOWN);
        for (uint256 i; i < 2; ++i) {
            _expect(error_);
            _houses()[i].openPosition(UNKNOWN, true, 1e18, 0, 0);
            _expect(error_);
            _houses()[i].closePosition(UNKNOWN, 1e18, 0, 0);
            _expect(error_);
            _houses()[i].changePosition(UNKNOWN, true, true, 1e18, 0, 0);
            vm.expectRevert(error_);
            _houses()[i].getMarkPrice(UNKNOWN);
            vm.expectRevert(error_);
            _houses()[i].getPosition(trader, UNKNOWN);
        }
    }

    /* STATE */

    /// A buyer's worst price is 2000 × 1.05 ÷ 0.9995 + 1 wei; a tenth of five times that is above 1000 USDC. A seller's is 2000,
    /// and six of it need 1200.
    function test_RevertWhen_MarginIsTooLow() public {
        uint256 worst = uint256(2100e18) * 1_000_000 / 999_500 + 1;
        bytes memory error_ = abi.encodeWithSelector(
            IPerpClearingHouse.ClearingHouse_MarginTooLow.selector, trader, int256(1000e18), (worst * 5 + 9) / 10
        );
        bytes memory ofSeller = abi.encodeWithSelector(
            IPerpClearingHouse.ClearingHouse_MarginTooLow.selector, trader, int256(1000e18), uint256(1200e18)
        );
        for (uint256 i; i < 2; ++i) {
            _expect(error_);
            _houses()[i].openPosition(ETH, true, 5e18, 0, 0);
            _expect(ofSeller);
            _houses()[i].openPosition(ETH, false, 6e18, 0, 0);
        }
    }

    /// Exactly as much as the collateral carries: 5 sold at 2000, no worse, need 1000; one wei more needs more.
    function test_Margin_IsExact() public {
        _expect(
            abi.encodeWithSelector(
                IPerpClearingHouse.ClearingHouse_MarginTooLow.selector, trader, int256(1000e18), uint256(1000e18 + 200)
            )
        );
        netted.house.openPosition(ETH, false, 5e18 + 1, 2000e18, 0);
        vm.prank(trader);
        netted.house.openPosition(ETH, false, 5e18, 2000e18, 0);
        _openPosition(_trader(1), ETH, true, 4e18);
        assertEq(_settleNextBlock(), 2, "both end");
        assertEq(_baseOf(trader, ETH), -4e18, "all that nets fills");
    }

    function test_RevertWhen_ThereIsNothingToClose() public {
        bytes memory error_ =
            abi.encodeWithSelector(IPerpClearingHouse.ClearingHouse_NothingToClose.selector, trader, ETH);
        for (uint256 i; i < 2; ++i) {
            _expect(error_);
            _houses()[i].closePosition(ETH, 1e18, 0, 0);
        }
        _expect(error_);
        direct.house.changePosition(ETH, false, true, 1e18, 0, 0);
    }

    /// The baseline's changePosition tells a close of the other side at once, where the netting house rejects it later.
    function test_RevertWhen_TheBaselineClosesTheOtherSide() public {
        vm.prank(trader);
        direct.house.openPosition(ETH, true, 1e18, 0, 0);
        _expect(abi.encodeWithSelector(IPerpClearingHouse.ClearingHouse_NothingToClose.selector, trader, ETH));
        direct.house.changePosition(ETH, false, false, 1e18, 0, 0);
    }

    function test_RevertWhen_MoreIsWithdrawnThanCanBeSpared() public {
        bytes memory error_ = abi.encodeWithSelector(
            IPerpClearingHouse.ClearingHouse_NotWithdrawable.selector, trader, 1000e18 + 1e12, uint256(1000e18)
        );
        for (uint256 i; i < 2; ++i) {
            _expect(error_);
            _houses()[i].withdraw(Defaults.COLLATERAL + 1);
        }
    }

    /// An open position of 1 at 2000 binds 200 USDC of 1000, whatever it is worth.
    function test_RevertWhen_WhatAPositionBindsIsWithdrawn() public {
        _openPosition(trader, ETH, true, 1e18);
        _openPosition(_trader(1), ETH, false, 1e18);
        _settleNextBlock();
        _expect(
            abi.encodeWithSelector(
                IPerpClearingHouse.ClearingHouse_NotWithdrawable.selector, trader, 801e18, uint256(800e18)
            )
        );
        netted.house.withdraw(801 * Defaults.USDC);
        vm.prank(trader);
        netted.house.withdraw(800 * Defaults.USDC);
        assertEq(usdc.balanceOf(trader), 800 * Defaults.USDC, "800 can go");
    }

    /// changePosition is for externally owned accounts: a contract could settle in the parallel generation.
    function test_RevertWhen_AContractCallsChangePosition() public {
        for (uint256 i; i < 2; ++i) {
            ContractTrader wallet = new ContractTrader(_houses()[i]);
            vm.expectRevert(
                abi.encodeWithSelector(IPerpClearingHouse.ClearingHouse_OnlyOrigin.selector, address(wallet))
            );
            wallet.change(ETH, 1e18);
        }
    }

    /// 600 of 1 in a market whose price may move by 5 %: about 240 go in, the rest is beyond the bound. And a limit at the mid.
    function test_RevertWhen_TheBaselineCannotFillWithinTheLimit() public {
        vm.expectPartialRevert(PoolFills.PoolClearingHouse_BeyondLimit.selector);
        vm.prank(trader);
        direct.house.openPosition(ETH, true, 1e18, 2000e18, 0);
        _deposit(direct, carol, 1_000_000 * Defaults.USDC);
        vm.expectPartialRevert(PoolFills.PoolClearingHouse_BeyondLimit.selector);
        vm.prank(carol);
        direct.house.openPosition(ETH, true, 600e18, 0, 0);
    }
}
