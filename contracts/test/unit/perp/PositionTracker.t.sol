// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPositionTracker } from "../../../interfaces/IPositionTracker.sol";
import { PositionTracker } from "../../../perp/PositionTracker.sol";
import { Position } from "../../../types/Position.sol";
import { Emulation } from "../../utils/Emulation.sol";

/// @notice The record of a position; this contract plays both its writers.
contract PositionTrackerTest is Emulation {
    PositionTracker internal tracker;
    address internal alice = makeAddr("alice");
    address internal bob = makeAddr("bob");

    function setUp() public {
        _installEmulation();
        tracker = new PositionTracker(address(this), address(this));
    }

    /// Two words of two signed halves each: a negative lower half must not spill into the upper one.
    function test_Record_EveryCombinationOfSigns() public {
        for (uint256 signs; signs < 16; ++signs) {
            address trader = address(uint160(100 + signs));
            int256 base = signs & 1 == 0 ? int256(3) : int256(-3);
            int256 quote = signs & 2 == 0 ? int256(500) : int256(-500);
            int256 pnl = signs & 4 == 0 ? int256(70) : int256(-70);
            int256 settled = signs & 8 == 0 ? int256(9) : int256(-9);
            tracker.updatePosition(trader, base, quote);
            // Closing all of it for the quote that makes `pnl`, and opening the same again.
            tracker.updatePosition(trader, -base, pnl - quote);
            tracker.updatePosition(trader, base, quote);
            tracker.realizePnl(trader, settled);
            _checkRecord(trader, base, quote, pnl, settled);
        }
    }

    function testFuzz_Record_RoundTrip(int128 base, int128 quote, int128 settled) public {
        tracker.updatePosition(alice, base, quote);
        tracker.realizePnl(alice, settled);
        _checkRecord(alice, base, quote, 0, settled);
    }

    function test_Record_TheExtremesOf128Bits() public {
        tracker.updatePosition(alice, type(int128).min, type(int128).max);
        tracker.realizePnl(alice, type(int128).min);
        _checkRecord(alice, type(int128).min, type(int128).max, 0, type(int128).min);
    }

    function test_RevertWhen_APositionOutgrows128Bits() public {
        tracker.updatePosition(alice, type(int128).max, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IPositionTracker.PositionTracker_Overflow.selector, int256(type(int128).max) + 1)
        );
        tracker.updatePosition(alice, 1, 0);
    }

    function test_UpdatePosition_ReturnsBothStates() public {
        tracker.updatePosition(alice, 2e18, -4000e18);
        (Position memory before, Position memory current) = tracker.updatePosition(alice, -1e18, 2500e18);
        assertEq(before.base, 2e18, "before: +2");
        assertEq(before.quote, -4000e18, "before: -4000");
        assertEq(current.base, 1e18, "after: +1");
        assertEq(current.quote, -2000e18, "after: half of the cost");
        assertEq(current.realizedPnl, 500e18, "profit 2500 - 2000");
    }

    function test_Positions_OfTradersStayApart() public {
        tracker.updatePosition(alice, 1e18, -2000e18);
        tracker.updatePosition(bob, -1e18, 2000e18);
        _checkRecord(alice, 1e18, -2000e18, 0, 0);
        _checkRecord(bob, -1e18, 2000e18, 0, 0);
        _checkRecord(makeAddr("nobody"), 0, 0, 0, 0);
    }

    function test_GetPositionValue() public {
        tracker.updatePosition(alice, 1e18, -2000e18);
        assertEq(tracker.getPositionValue(alice, 2500e18), 500e18, "+1 from 2000 at 2500");
        assertEq(tracker.getPositionValue(alice, 1500e18), -500e18, "and at 1500");
    }

    function _checkRecord(address trader, int256 base, int256 quote, int256 pnl, int256 settled) private view {
        Position memory position = tracker.positionOf(trader);
        assertEq(position.base, base, "base");
        assertEq(position.quote, quote, "quote");
        assertEq(position.realizedPnl, pnl, "realised");
        assertEq(position.settledPnl, settled, "settled");
    }
}
