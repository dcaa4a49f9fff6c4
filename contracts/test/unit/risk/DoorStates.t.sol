// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpClearingHouse } from "../../../interfaces/IPerpClearingHouse.sol";
import { IRiskRegistry } from "../../../interfaces/IRiskRegistry.sol";
import { MarketId } from "../../../types/MarketId.sol";
import { MarketRisk, MarketState, PriceStatus, Prices } from "../../../types/MarketRisk.sol";
import { RejectReason } from "../../../types/RejectReason.sol";
import { Defaults } from "../../utils/Defaults.sol";
import { LiquidationTest } from "../../utils/LiquidationTest.sol";

/// @notice What the doors take in each state of a market, and what nothing ever stops. alice has 1,000 USDC on both houses.
contract DoorStatesTest is LiquidationTest {
    address private guardian = makeAddr("guardian");

    function _initializeRisk() internal override {
        MarketRisk memory parameters = netted.risk.riskOf(BTC);
        parameters.minOrderSize = 0.5e18;
        _initialize(BTC, parameters);
        vm.startPrank(deployer);
        netted.risk.grantRoles(guardian, netted.risk.GUARDIAN());
        vm.stopPrank();
        _deposit(direct, alice, Defaults.COLLATERAL);
    }

    function _setState(MarketState state) private {
        vm.startPrank(deployer);
        netted.risk.setState(ETH, state);
        direct.risk.setState(ETH, state);
        vm.stopPrank();
    }

    /// @dev On both houses.
    function _setPrices(Prices memory prices) private {
        bytes memory call_ = abi.encodeCall(IRiskRegistry.pricesOf, (ETH));
        vm.mockCall(address(netted.risk), call_, abi.encode(prices));
        vm.mockCall(address(direct.risk), call_, abi.encode(prices));
    }

    function _expectClosed(MarketState state, bool isLong, uint256 size) private {
        bytes memory error_ = abi.encodeWithSelector(IPerpClearingHouse.ClearingHouse_MarketClosed.selector, ETH, state);
        IPerpClearingHouse[2] memory houses = [netted.house, direct.house];
        for (uint256 i; i < 2; ++i) {
            vm.expectRevert(error_);
            vm.prank(alice);
            houses[i].openPosition(ETH, isLong, size, 0, 0);
        }
    }

    /// @dev alice long 1 on both houses.
    function _openOnBoth() private {
        _trade(alice, ETH, true, 1e18);
        vm.prank(alice);
        direct.house.openPosition(ETH, true, 1e18, 0, 0);
    }

    /* STATES */

    /// No order that opens, be it to reduce; closes at once at the one house, by settlement at the other.
    function test_Paused_ClosesPass() public {
        _openOnBoth();
        _setState(MarketState.Paused);
        _expectClosed(MarketState.Paused, true, 1e18);
        _expectClosed(MarketState.Paused, false, 1e18);
        vm.startPrank(alice);
        direct.house.closePosition(ETH, ALL, 0, 0);
        netted.house.closePosition(ETH, ALL, 0, 0);
        vm.stopPrank();
        _settleNextBlock();
        (int256 base,,) = direct.house.getPosition(alice, ETH);
        assertEq(base, 0, "closed at once");
        assertEq(_base(alice, ETH), 0, "closed at settlement");
    }

    /// The unread door is told at settlement.
    function test_Paused_UnreadOpensAreRejected() public {
        vm.prank(guardian);
        netted.risk.pause(ETH);
        _change(alice, ETH, true, true, 1e18, 0);
        assertEq(_rejectedBySettle(RejectReason.MarketClosed), 1, "paused");
    }

    /// Long 1: selling 1 by an order that opens is let through, 1 and a wei turns the position around.
    function test_CloseOnly_AnOrderThatReducesPasses() public {
        _openOnBoth();
        _setState(MarketState.CloseOnly);
        _expectClosed(MarketState.CloseOnly, true, 1);
        _expectClosed(MarketState.CloseOnly, false, 1e18 + 1);
        vm.startPrank(alice);
        netted.house.openPosition(ETH, false, 1e18, 0, 0);
        direct.house.openPosition(ETH, false, 1e18, 0, 0);
        vm.stopPrank();
        _settleNextBlock();
        (int256 base,,) = direct.house.getPosition(alice, ETH);
        assertEq(base, 0, "reduced at once");
        assertEq(_base(alice, ETH), 0, "reduced at settlement");
    }

    /// Stale, not positive, too far away: no new risk, and the same way out.
    function test_RevertWhen_NewRiskHasNoPrice() public {
        _openOnBoth();
        IPerpClearingHouse[2] memory houses = [netted.house, direct.house];
        for (uint256 status = uint256(PriceStatus.Stale); status <= uint256(PriceStatus.Deviating); ++status) {
            _setPrices(Prices(2000e18, 0, PriceStatus(status)));
            for (uint256 i; i < 2; ++i) {
                vm.startPrank(alice);
                vm.expectRevert(
                    abi.encodeWithSelector(IPerpClearingHouse.ClearingHouse_PriceNotTrusted.selector, ETH, status)
                );
                houses[i].openPosition(ETH, true, 1, 0, 0);
                houses[i].openPosition(ETH, false, 0.1e18, 0, 0);
                houses[i].closePosition(ETH, 0.1e18, 0, 0);
                vm.stopPrank();
            }
        }
        _settleNextBlock();
        (int256 base,,) = direct.house.getPosition(alice, ETH);
        assertEq(base, 0.4e18, "six times 0.1 less");
        assertEq(_base(alice, ETH), 0.4e18, "at both");
    }

    /// 0.5 is the least; a close may be as small as it likes.
    function test_RevertWhen_AnOpenIsTooSmall() public {
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IPerpClearingHouse.ClearingHouse_TooSmall.selector, 0.5e18 - 1, 0.5e18));
        netted.house.openPosition(BTC, true, 0.5e18 - 1, 0, 0);
        netted.house.openPosition(BTC, true, 0.5e18, 0, 0);
        vm.stopPrank();
        _settleNextBlock();
        vm.prank(alice);
        netted.house.closePosition(BTC, 1, 0, 0);
        _settleNextBlock();
        assertEq(_base(alice, BTC), 0.5e18 - 1, "a wei closed");
    }

    /* WHAT NOTHING STOPS */

    /// In any state, with any status of the price: free collateral goes out, a position closes, and one below its maintenance margin
    /// is liquidated, by both doors.
    function testFuzz_AStateNeverStopsAWayOut(uint256 state, uint256 status, uint256 size, bool isLong, bool isUnread)
        public
    {
        size = bound(size, 0.1e18, 4e18);
        _trade(alice, ETH, isLong, size);
        _trade(carol, ETH, isLong, 1e18);
        // bob, the other side of both, liquidates and closes nothing here.
        _setState(MarketState(state % 3));
        _setPrices(Prices(2000e18, 0, PriceStatus(status % 5)));

        uint256 most = netted.house.getAccount(alice).withdrawable / 1e12;
        assertGe(most, 199 * Defaults.USDC, "1000 less 10 % of at most 8000");
        vm.prank(alice);
        netted.house.withdraw(most);
        assertEq(usdc.balanceOf(alice), most, "paid");

        vm.prank(carol);
        netted.house.closePosition(ETH, ALL, 0, 0);
        _settleNextBlock();
        assertEq(_base(carol, ETH), 0, "closed");

        // She has 10 % of 2000 a base left: at 1700 or 2300 300 a base are lost.
        _setPrices(Prices(isLong ? 1700e18 : 2300e18, 0, PriceStatus(status % 5)));
        if (isUnread) {
            _liquidate(keeper, alice, ETH, isLong, ALL);
        } else {
            vm.prank(keeper);
            netted.house.liquidate(alice, ETH, ALL);
        }
        _settleNextBlock();
        assertEq(_base(alice, ETH), 0, "liquidated: less than nothing was left");
    }

    /// Any positions, marks and funding that is due: the most that goes out leaves the account above its maintenance margin.
    function testFuzz_Withdraw_NeverLeavesALiquidatableAccount(
        int256[2] memory sizes,
        uint256[2] memory marks,
        uint256 index,
        uint256 elapsed
    ) public {
        for (uint16 i; i < 2; ++i) {
            int256 size = bound(sizes[i], -2e18, 2e18);
            if (size < 0 ? size > -0.5e18 : size < 0.5e18) continue;
            _trade(alice, MarketId.wrap(i), size > 0, uint256(size > 0 ? size : -size));
        }
        vm.warp(vm.getBlockTimestamp() + bound(elapsed, 0, 2 days));
        for (uint16 i; i < 2; ++i) {
            vm.mockCall(
                address(netted.risk),
                abi.encodeCall(IRiskRegistry.pricesOf, (MarketId.wrap(i))),
                abi.encode(Prices(bound(marks[i], 1500e18, 3000e18), bound(index, 1500e18, 3000e18), PriceStatus.Ok))
            );
        }
        IPerpClearingHouse.Account memory account = netted.house.getAccount(alice);
        uint256 most = account.withdrawable / 1e12;
        vm.startPrank(alice);
        if (most != 0) netted.house.withdraw(most);
        vm.expectPartialRevert(IPerpClearingHouse.ClearingHouse_NotWithdrawable.selector);
        netted.house.withdraw(1);
        vm.stopPrank();
        if (most == 0) return;
        account = netted.house.getAccount(alice);
        assertGe(account.equity, int256(account.initialMargin), "the initial margin stays");
        assertGe(account.initialMargin, account.maintenanceMargin, "which is no less than the other");
        vm.expectPartialRevert(IPerpClearingHouse.ClearingHouse_NotLiquidatable.selector);
        netted.house.liquidate(alice, ETH, ALL);
    }

    /// What the door lets through settlement does not reject for margin, when nothing changes in between; and it leaves nobody to be liquidated.
    function testFuzz_Open_TheDoorIsNoLaxerThanSettlement(uint256 held, uint256 size, uint256 limit, bool isLong)
        public
    {
        held = bound(held, 0, 3e18);
        if (held != 0) _trade(alice, ETH, isLong, held);
        size = bound(size, 1, 5e18);
        limit = limit % 2 == 0 ? 0 : bound(limit, isLong ? 2000e18 : 1850e18, isLong ? 2150e18 : 2000e18);
        vm.prank(alice);
        try netted.house.openPosition(ETH, isLong, size, limit, 0) { }
        catch (bytes memory reason) {
            assertEq(bytes4(reason), IPerpClearingHouse.ClearingHouse_MarginTooLow.selector, "no other reason");
            return;
        }
        assertEq(_rejectedBySettle(RejectReason.MarginTooLow), 0, "settlement agrees");
        vm.expectPartialRevert(IPerpClearingHouse.ClearingHouse_NotLiquidatable.selector);
        netted.house.liquidate(alice, ETH, ALL);
    }
}
