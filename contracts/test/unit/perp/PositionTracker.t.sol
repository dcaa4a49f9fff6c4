// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPositionTracker } from "../../../interfaces/IPositionTracker.sol";
import { PositionTracker } from "../../../perp/PositionTracker.sol";
import { Position } from "../../../types/Position.sol";
import { Emulation } from "../../utils/Emulation.sol";

/// @notice The record of a position and what a market has in common; this contract plays all its writers.
contract PositionTrackerTest is Emulation {
    uint256 internal constant START = 1_700_000_000;

    PositionTracker internal tracker;
    address internal alice = makeAddr("alice");
    address internal bob = makeAddr("bob");

    function setUp() public {
        _installEmulation();
        vm.warp(START);
        tracker = new PositionTracker(address(this), address(this), address(this));
    }

    /* RECORD */

    /// Two words of two signed halves each: a negative lower half must not spill into the upper one.
    function test_Record_EveryCombinationOfSigns() public {
        for (uint256 signs; signs < 16; ++signs) {
            address trader = address(uint160(100 + signs));
            int256 base = signs & 1 == 0 ? int256(3) : int256(-3);
            int256 quote = signs & 2 == 0 ? int256(500) : int256(-500);
            int256 pnl = signs & 4 == 0 ? int256(70) : int256(-70);
            int256 settled = signs & 8 == 0 ? int256(9) : int256(-9);
            tracker.updatePosition(trader, base, quote, 0);
            // Closing all of it for the quote that makes `pnl`, and opening the same again.
            tracker.updatePosition(trader, -base, pnl - quote, 0);
            tracker.updatePosition(trader, base, quote, 0);
            tracker.realizePnl(trader, settled);
            _checkRecord(trader, base, quote, pnl, settled);
        }
    }

    function testFuzz_Record_RoundTrip(int128 base, int128 quote, int128 settled, int256 index) public {
        _setIndex(bound(index, -1e60, 1e60));
        tracker.updatePosition(alice, base, quote, 0);
        tracker.realizePnl(alice, settled);
        _checkRecord(alice, base, quote, 0, settled);
        (int256 now_,) = tracker.funding();
        assertEq(tracker.positionOf(alice).fundingIndex, now_, "the index of its touch");
    }

    function test_Record_TheExtremesOf128Bits() public {
        tracker.updatePosition(alice, type(int128).min, type(int128).max, 0);
        tracker.realizePnl(alice, type(int128).min);
        _checkRecord(alice, type(int128).min, type(int128).max, 0, type(int128).min);
    }

    function test_RevertWhen_APositionOutgrows128Bits() public {
        tracker.updatePosition(alice, type(int128).max, 0, 0);
        _expectOverflow(int256(type(int128).max) + 1);
        tracker.updatePosition(alice, 1, 0, 0);
        _expectOverflow(int256(type(int128).min) - 1);
        tracker.updatePosition(bob, 0, 0, -(int256(type(int128).min) - 1));
    }

    function test_UpdatePosition_ReturnsBothStates() public {
        tracker.updatePosition(alice, 2e18, -4000e18, 0);
        IPositionTracker.Touch memory touch = tracker.updatePosition(alice, -1e18, 2500e18, 0);
        assertEq(touch.before.base, 2e18, "before: +2");
        assertEq(touch.before.quote, -4000e18, "before: -4000");
        assertEq(touch.current.base, 1e18, "after: +1");
        assertEq(touch.current.quote, -2000e18, "after: half of the cost");
        assertEq(touch.current.realizedPnl, 500e18, "profit 2500 - 2000");
        assertEq(touch.funding, 0, "no funding");
        assertEq(abi.encode(touch.current), abi.encode(tracker.positionOf(alice)), "what is returned is what is kept");
    }

    /// Profit 500, fee 3: 497. A reward of 10 to somebody without a position is a profit and nothing else.
    function test_UpdatePosition_ChargesAndRewards() public {
        tracker.updatePosition(alice, 1e18, -2000e18, 0);
        IPositionTracker.Touch memory touch = tracker.updatePosition(alice, -1e18, 2500e18, 3e18);
        assertEq(touch.current.realizedPnl, 497e18, "500 - 3");
        touch = tracker.updatePosition(bob, 0, 0, -10e18);
        _checkRecord(bob, 0, 0, 10e18, 0);
        assertEq(tracker.fundingCollected(), 0, "neither is funding");
        _checkOpenInterest(0, 0);
    }

    function test_Positions_OfTradersStayApart() public {
        tracker.updatePosition(alice, 1e18, -2000e18, 0);
        tracker.updatePosition(bob, -1e18, 2000e18, 0);
        _checkRecord(alice, 1e18, -2000e18, 0, 0);
        _checkRecord(bob, -1e18, 2000e18, 0, 0);
        _checkRecord(makeAddr("nobody"), 0, 0, 0, 0);
    }

    function test_GetPositionValue() public {
        tracker.updatePosition(alice, 1e18, -2000e18, 0);
        assertEq(tracker.getPositionValue(alice, 2500e18), 500e18, "+1 from 2000 at 2500");
        assertEq(tracker.getPositionValue(alice, 1500e18), -500e18, "and at 1500");
    }

    /* OPEN INTEREST */

    function test_OpenInterest_FollowsEachSide() public {
        tracker.updatePosition(alice, 3e18, -6000e18, 0);
        _checkOpenInterest(3e18, 0);
        tracker.updatePosition(bob, -2e18, 4000e18, 0);
        _checkOpenInterest(3e18, 2e18);
        tracker.updatePosition(alice, -1e18, 2000e18, 0);
        _checkOpenInterest(2e18, 2e18);
        tracker.updatePosition(alice, -5e18, 10_000e18, 0);
        _checkOpenInterest(0, 5e18);
        tracker.updatePosition(bob, 6e18, -12_000e18, 0);
        _checkOpenInterest(4e18, 3e18);
        tracker.updatePosition(alice, 3e18, -6000e18, 0);
        tracker.updatePosition(bob, -4e18, 8000e18, 0);
        _checkOpenInterest(0, 0);
    }

    function test_RevertWhen_OneSideOutgrows128Bits() public {
        tracker.updatePosition(alice, type(int128).max, 0, 0);
        tracker.updatePosition(bob, type(int128).max, 0, 0);
        tracker.updatePosition(makeAddr("carol"), 1, 0, 0);
        _checkOpenInterest(type(uint128).max, 0);
        _expectOverflow(int256(1 << 128));
        tracker.updatePosition(makeAddr("dave"), 1, 0, 0);
    }

    /* FUNDING */

    /// 40 quote a base and day for an hour: 40e18 ÷ 86,400 = 462,962,962,962,962 a second, × 3,600 = 1.6666…; a long of 3 pays
    /// 4.99…, the short of 3 gets the same.
    function test_Funding_ALongPaysAShort() public {
        tracker.updatePosition(alice, 3e18, -6000e18, 0);
        tracker.updatePosition(bob, -3e18, 6000e18, 0);
        vm.warp(START + 3600);
        tracker.accrueFunding(462_962_962_962_962);
        (int256 index, uint256 accruedAt) = tracker.funding();
        assertEq(index, 1_666_666_666_666_663_200, "1.67 a base");
        assertEq(accruedAt, START + 3600, "now");
        assertEq(tracker.updatePosition(alice, 0, 0, 0).funding, 4_999_999_999_999_989_600, "alice pays");
        assertEq(tracker.fundingCollected(), 4_999_999_999_999_989_600, "the fund holds it");
        assertEq(tracker.updatePosition(bob, 0, 0, 0).funding, -4_999_999_999_999_989_600, "bob gets");
        assertEq(tracker.fundingCollected(), 0, "nothing stays");
        _checkRecord(alice, 3e18, -6000e18, -4_999_999_999_999_989_600, 0);
        _checkRecord(bob, -3e18, 6000e18, 4_999_999_999_999_989_600, 0);
        assertEq(tracker.updatePosition(alice, 0, 0, 0).funding, 0, "once");
    }

    /// What is due at a touch is due of the position before it.
    function test_Funding_IsOfThePositionBeforeTheFill() public {
        tracker.updatePosition(alice, 1e18, -2000e18, 0);
        vm.warp(START + 10);
        tracker.accrueFunding(1e18);
        // +1 for 10 seconds at 1 pays 10; the flip to -4 realises 100 of profit.
        IPositionTracker.Touch memory touch = tracker.updatePosition(alice, -5e18, 10_500e18, 7e18);
        assertEq(touch.funding, 10e18, "of +1");
        assertEq(touch.current.realizedPnl, 83e18, "100 - 10 - 7");
        vm.warp(START + 30);
        tracker.accrueFunding(1e18);
        assertEq(tracker.updatePosition(alice, 4e18, -8400e18, 0).funding, -80e18, "-4 gets 20 x 4");
    }

    function test_Funding_ANewPositionOwesNothing() public {
        _setIndex(50e18);
        assertEq(tracker.updatePosition(alice, 1e18, -2000e18, 0).funding, 0, "the market's past is not alice's");
        tracker.updatePosition(alice, -1e18, 2000e18, 0);
        _setIndex(90e18);
        assertEq(tracker.updatePosition(alice, 1e18, -2000e18, 0).funding, 0, "nor what passed while it was flat");
    }

    function test_Funding_TwoAccrualsInASecondAreOne() public {
        vm.warp(START + 1);
        tracker.accrueFunding(5e18);
        tracker.accrueFunding(7e18);
        (int256 index,) = tracker.funding();
        assertEq(index, 5e18, "the second has no seconds");
        assertEq(tracker.fundingIndexAt(7e18), 5e18, "nor has the view");
    }

    /// A market starts with its tracker: nothing accrues for the time before.
    function test_Funding_StartsAtDeployment() public view {
        (int256 index, uint256 accruedAt) = tracker.funding();
        assertEq(index, 0, "no index");
        assertEq(accruedAt, START, "from now on");
    }

    /// Moving profit and loss into the vault happens in the parallel generation: it touches nothing of the market.
    function test_RealizePnl_BooksNoFunding() public {
        tracker.updatePosition(alice, 1e18, -2000e18, 0);
        vm.warp(START + 10);
        tracker.accrueFunding(1e18);
        tracker.realizePnl(alice, -3);
        assertEq(tracker.fundingCollected(), 0, "nothing booked");
        assertEq(tracker.positionOf(alice).fundingIndex, 0, "still due");
        assertEq(tracker.updatePosition(alice, 0, 0, 0).funding, 10e18, "and paid at the next touch");
    }

    function test_RevertWhen_TheIndexOutgrowsItsBits() public {
        vm.warp(START + 1);
        _expectOverflow(int256(type(int216).max) + 1);
        tracker.accrueFunding(int256(type(int216).max) + 1);
        tracker.accrueFunding(type(int216).min);
        (int256 index, uint256 accruedAt) = tracker.funding();
        assertEq(index, type(int216).min, "the least");
        assertEq(accruedAt, START + 1, "and the time beside it");
    }

    /* WRITERS */

    function test_RevertWhen_NotTheWriter() public {
        address[3] memory writers = [makeAddr("netting"), makeAddr("house"), makeAddr("admission")];
        tracker = new PositionTracker(writers[0], writers[1], writers[2]);
        for (uint256 i; i < 3; ++i) {
            vm.startPrank(writers[i]);
            if (i != 0) _expectUnauthorized(writers[i]);
            tracker.updatePosition(alice, 1, -1, 0);
            if (i != 1) _expectUnauthorized(writers[i]);
            tracker.realizePnl(alice, 1);
            if (i != 2) _expectUnauthorized(writers[i]);
            tracker.accrueFunding(1);
            vm.stopPrank();
        }
    }

    /* HELPERS */

    function _setIndex(int256 index) private {
        (int256 present,) = tracker.funding();
        vm.warp(vm.getBlockTimestamp() + 1);
        tracker.accrueFunding(index - present);
    }

    function _checkRecord(address trader, int256 base, int256 quote, int256 pnl, int256 settled) private view {
        Position memory position = tracker.positionOf(trader);
        assertEq(position.base, base, "base");
        assertEq(position.quote, quote, "quote");
        assertEq(position.realizedPnl, pnl, "realised");
        assertEq(position.settledPnl, settled, "settled");
    }

    function _checkOpenInterest(uint256 longs, uint256 shorts) private view {
        (uint256 openLongs, uint256 openShorts) = tracker.openInterest();
        assertEq(openLongs, longs, "longs");
        assertEq(openShorts, shorts, "shorts");
    }

    function _expectOverflow(int256 value) private {
        vm.expectRevert(abi.encodeWithSelector(IPositionTracker.PositionTracker_Overflow.selector, value));
    }

    function _expectUnauthorized(address caller) private {
        vm.expectRevert(abi.encodeWithSelector(IPositionTracker.PositionTracker_Unauthorized.selector, caller));
    }
}
