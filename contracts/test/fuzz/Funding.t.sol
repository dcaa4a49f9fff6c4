// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { FundingLib } from "../../libraries/FundingLib.sol";
import { PositionTracker } from "../../perp/PositionTracker.sol";
import { Position } from "../../types/Position.sol";
import { Emulation } from "../utils/Emulation.sol";

/// @notice Funding of a market over random times, rates and fills. The test plays the contracts that write.
contract FundingFuzzTest is Emulation {
    uint256 internal constant START = 1_700_000_000;
    uint256 internal constant TRADERS = 6;
    uint256 internal constant STEPS = 24;
    /// @dev Ten per cent a day of a price of 10^6: 10^23 ÷ 86,400.
    int256 internal constant MAX_RATE = 1_157_407_407_407_407_407;

    PositionTracker internal tracker;
    uint256 internal rng;

    function setUp() public {
        _installEmulation();
        vm.warp(START);
        tracker = new PositionTracker(address(this), address(this), address(this));
    }

    /// What a view says is due at any moment is what is booked at that moment.
    function testFuzz_ViewIsApplied(uint256 seed) public {
        rng = seed;
        for (uint256 i; i < STEPS; ++i) {
            _pass();
            int256 rate = _rate();
            address trader = _trader(_next(TRADERS));
            Position memory position = tracker.positionOf(trader);
            int256 expected = tracker.fundingIndexAt(rate);
            int256 due = FundingLib.owed(position.base, expected - position.fundingIndex);
            tracker.accrueFunding(rate);
            (int256 index, uint256 accruedAt) = tracker.funding();
            assertEq(index, expected, "the index");
            assertEq(accruedAt, vm.getBlockTimestamp(), "accrued up to now");
            assertEq(tracker.updatePosition(trader, _delta(), _delta(), 0).funding, due, "the payment");
        }
    }

    /// However often a market is settled in between, the index at the end is rate × seconds; a position that is touched each time
    /// pays what one that is never touched pays, and a wei more for each touch at most.
    function testFuzz_Telescopes(uint256 seed) public {
        rng = seed;
        int256 rate = _rate();
        int256 base = _delta() | 1;
        tracker.updatePosition(_trader(0), base, 0, 0);
        tracker.updatePosition(_trader(1), base, 0, 0);
        int256 often;
        for (uint256 i; i < STEPS; ++i) {
            _pass();
            tracker.accrueFunding(rate);
            often += tracker.updatePosition(_trader(0), 0, 0, 0).funding;
        }
        (int256 index,) = tracker.funding();
        assertEq(index, rate * int256(vm.getBlockTimestamp() - START), "rate x seconds");
        int256 once = tracker.updatePosition(_trader(1), 0, 0, 0).funding;
        assertEq(once, FundingLib.owed(base, index), "base x index");
        assertGe(often, once, "touching is never a gain");
        assertLe(often, once + int256(STEPS), "and costs a wei at most");
    }

    /// Longs and shorts of the same sum, touched at random: what they pay and get is nothing together, but for the wei of each
    /// touch that the fund keeps. What the fund holds is what was booked, exactly.
    function testFuzz_BalancedPositionsPayEachOther(uint256 seed) public {
        rng = seed;
        int256 sum;
        for (uint256 i; i < TRADERS - 1; ++i) {
            int256 base = _delta();
            sum += base;
            tracker.updatePosition(_trader(i), base, 0, 0);
        }
        tracker.updatePosition(_trader(TRADERS - 1), -sum, 0, 0);
        int256 booked;
        uint256 touches;
        for (uint256 i; i < STEPS; ++i) {
            _pass();
            tracker.accrueFunding(_rate());
            if (_next(2) == 0) continue;
            ++touches;
            booked += tracker.updatePosition(_trader(_next(TRADERS)), 0, 0, 0).funding;
            assertEq(tracker.fundingCollected(), booked, "the fund holds what was booked");
        }
        for (uint256 i; i < TRADERS; ++i) {
            booked += tracker.updatePosition(_trader(i), 0, 0, 0).funding;
        }
        assertEq(tracker.fundingCollected(), booked, "the fund holds what was booked");
        assertGe(booked, 0, "the fund never pays for rounding");
        assertLe(booked, int256(touches + TRADERS), "a wei a touch");
    }

    /// The difference between the sides goes to or comes from the fund: at a constant rate it is skew × index move.
    function testFuzz_TheFundIsTheOtherSideOfTheSkew(uint256 seed) public {
        rng = seed;
        int256 skew;
        for (uint256 i; i < TRADERS; ++i) {
            int256 base = _delta();
            skew += base;
            tracker.updatePosition(_trader(i), base, 0, 0);
        }
        _pass();
        tracker.accrueFunding(_rate());
        (int256 index,) = tracker.funding();
        for (uint256 i; i < TRADERS; ++i) {
            tracker.updatePosition(_trader(i), 0, 0, 0);
        }
        int256 share = FundingLib.owed(skew, index);
        assertGe(tracker.fundingCollected(), share - 1, "no less than the skew's");
        assertLe(tracker.fundingCollected(), share + int256(TRADERS), "and a wei of each more");
    }

    /// Base, open interest and money over random fills: nothing appears, nothing is lost.
    function testFuzz_FillsConserve(uint256 seed) public {
        rng = seed;
        int256 paid;
        int256 charged;
        int256[] memory bases = new int256[](TRADERS);
        for (uint256 i; i < STEPS; ++i) {
            _pass();
            tracker.accrueFunding(_rate());
            (uint256 who, int256 baseDelta, int256 quoteDelta, int256 charge) =
                (_next(TRADERS), _delta(), _delta(), _delta() / 1000);
            // Every third fill closes what is there, so that flat positions and reopened ones are in the mix.
            if (i % 3 == 2) baseDelta = -bases[who];
            tracker.updatePosition(_trader(who), baseDelta, quoteDelta, charge);
            bases[who] += baseDelta;
            paid += quoteDelta;
            charged += charge;
            _checkOpenInterest(bases);
        }
        int256 held;
        for (uint256 i; i < TRADERS; ++i) {
            Position memory position = tracker.positionOf(_trader(i));
            assertEq(position.base, bases[i], "base is what was traded");
            held += int256(position.quote) + position.realizedPnl;
        }
        assertEq(held + charged + tracker.fundingCollected(), paid, "quote, fees and funding are what was paid");
    }

    /* HELPERS */

    function _checkOpenInterest(int256[] memory bases) private view {
        uint256 longs;
        uint256 shorts;
        for (uint256 i; i < bases.length; ++i) {
            if (bases[i] > 0) longs += uint256(bases[i]);
            else shorts += uint256(-bases[i]);
        }
        (uint256 openLongs, uint256 openShorts) = tracker.openInterest();
        assertEq(openLongs, longs, "sum of the longs");
        assertEq(openShorts, shorts, "sum of the shorts");
    }

    /// @dev Up to ten hours; sometimes none.
    function _pass() private {
        vm.warp(vm.getBlockTimestamp() + (_next(4) == 0 ? 0 : _next(36_000)));
    }

    function _rate() private returns (int256) {
        return int256(_next(uint256(2 * MAX_RATE))) - MAX_RATE;
    }

    /// @dev Up to 10^9 of either sign, WAD, with all of its digits.
    function _delta() private returns (int256) {
        return int256(_next(2e27)) - 1e27;
    }

    function _next(uint256 below) private returns (uint256) {
        rng = uint256(keccak256(abi.encode(rng)));
        return rng % below;
    }

    function _trader(uint256 i) private pure returns (address) {
        return address(uint160(0x1000 + i));
    }
}
