// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { PriceLib } from "../../../libraries/PriceLib.sol";
import { PoolPrice } from "../../../risk/PoolPrice.sol";
import { Defaults } from "../../utils/Defaults.sol";
import { RiskTest } from "../../utils/RiskTest.sol";

/// @notice What a pool's ring of observations remembers and forgets, and what strangers can do to it. A real pool, initialised at START in
///         tick 76,012; the registry gave it room for 128 observations.
contract PoolRingTest is RiskTest {
    uint32 internal constant PERIOD = 900;

    /* A RING THAT IS FULL */

    function test_Listing_RaisesTheCardinality() public view {
        (,,,, uint16 next,,) = pool.slot0();
        assertEq(next, registry.OBSERVATIONS(), "128 observations");
    }

    /// 130 touches of one second each, after 2,000 s: the ring of 128 forgot the first ones. Its oldest observation is 127 s before
    /// the last, so the average is over 127 s and then 128 s, never the spot price. Ticks alternate between TICK and TICK + 100.
    function test_Ring_ThatIsFullAveragesOverWhatItHolds() public {
        _after(2000);
        for (uint256 i; i < 130; ++i) {
            _after(1);
            _moveTo(i % 2 == 0 ? TICK + 100 : TICK);
        }
        (,, uint16 newest, uint16 cardinality,,,) = pool.slot0();
        assertEq(cardinality, 128, "the ring has grown");
        assertEq(newest, 130 % 128, "and was gone round once");
        // i = 129 moved to TICK at the second of now. In the 127 s before it, 64 at TICK + 100 and 63 at TICK: 50.4.
        assertEq(_average(PERIOD), _priceOf(TICK + 50), "127 seconds");
        _after(2);
        // 64 × 100 ÷ 129 = 49.6.
        assertEq(_average(PERIOD), _priceOf(TICK + 49), "129 seconds");
        _after(PERIOD);
        assertEq(_average(PERIOD), _priceOf(TICK), "long enough again: 900 quiet seconds");
    }

    /// 255 touches: the newest observation stands at the end of the ring, its oldest at the start. Of the 127 s before now, 63 are at
    /// TICK + 100 and 64 at TICK: 49.6.
    function test_Ring_WhoseNewestStandsAtItsEnd() public {
        _after(2000);
        for (uint256 i; i < 255; ++i) {
            _after(1);
            _moveTo(i % 2 == 0 ? TICK + 100 : TICK);
        }
        (,, uint16 newest, uint16 cardinality,,,) = pool.slot0();
        assertEq(newest, cardinality - 1, "at the end");
        assertEq(_average(PERIOD), _priceOf(TICK + 49), "127 seconds");
    }

    /* A RING THAT GROWS */

    /// As above: 130 touches after 2,000 s, one a second, of which the ring holds 127 s. A stranger pays for 500 observations. Touch 254
    /// stands at the end of the ring, and with touch 255 the ring is one of 500, of which 371 were never written.
    function test_Growth_ByAStrangerLeavesTheAverage() public {
        _after(2000);
        _touch(0, 130);
        vm.prank(makeAddr("stranger"));
        pool.increaseObservationCardinalityNext(500);
        assertEq(_average(PERIOD), _priceOf(TICK + 50), "64 x 100 / 127 = 50.4");
        _touch(130, 255);
        assertEq(_average(PERIOD), _priceOf(TICK + 49), "63 x 100 / 127 = 49.6");

        _after(1);
        _moveTo(TICK - 5000);
        (,, uint16 newest, uint16 cardinality,,,) = pool.slot0();
        assertEq(newest, 128, "the first slot behind the old end");
        assertEq(cardinality, 500, "the ring has grown");
        // Touch 127 is the oldest: 64 s at TICK and 64 s at TICK + 100. The swap of this block, 40 % down, weighs nothing.
        assertEq(_average(PERIOD), _priceOf(TICK + 50), "128 seconds, not the spot price");
        _after(1);
        // (6,400 - 5,000) ÷ 129 = 10.9.
        assertEq(_average(PERIOD), _priceOf(TICK + 10), "129 seconds");
        _after(771);
        // (6,400 - 772 × 5,000) ÷ 900 = -4,281.8, down.
        assertEq(_average(PERIOD), _priceOf(TICK - 4282), "900 seconds");
    }

    /// A pool whose ring still holds its first second is young, not forgetful: the spot price until 900 s, whoever makes it grow.
    function test_Growth_LeavesAYoungPoolAsItIs() public {
        _touch(0, 100);
        pool.increaseObservationCardinalityNext(500);
        for (uint256 i = 100; i < 300; ++i) {
            _touch(i, i + 1);
            assertEq(_average(PERIOD), _spot(), "young");
        }
        _after(599);
        assertEq(_average(PERIOD), _spot(), "899 s");
        _after(1);
        // 150 touches to TICK + 100, a second each: 15,000 ÷ 900 = 16.7.
        assertEq(_average(PERIOD), _priceOf(TICK + 16), "900 s");
    }

    /// 127 touches of a new pool: its ring is full and holds its first second. The next touch forgets that.
    function test_Ring_ForgetsTheFirstSecondForGood() public {
        _touch(0, 127);
        assertEq(_average(PERIOD), _spot(), "127 s, since it began");
        _touch(127, 128);
        // The oldest is touch 0: 64 s at TICK + 100 of 127, 50.4.
        assertEq(_average(PERIOD), _priceOf(TICK + 50), "127 s, and something was forgotten");
    }

    /// A small ring, up to 100 touches, and strangers who make it grow in every eighth second that it is touched, by up to seven: the
    /// average is over what the ring holds, or the whole period.
    function testFuzz_Growth_AveragesOverWhatTheRingHolds(uint256 seed) public {
        _startPool(uint16(1 + (seed >> 8) % 20));
        uint256 touches = 2 + seed % 100;
        uint256[] memory times = new uint256[](touches);
        int256[] memory ticks = new int256[](touches);
        (times[0], ticks[0]) = (START, TICK);
        for (uint256 i = 1; i < touches; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            _after(1 + seed % 30);
            (times[i], ticks[i]) = (vm.getBlockTimestamp(), TICK + int256(seed >> 128) % 2000);
            if (ticks[i] == ticks[i - 1]) ++ticks[i];
            _moveTo(int24(ticks[i]));
            if (seed >> 64 & 7 != 0) continue;
            (,,,, uint16 next,,) = pool.slot0();
            pool.increaseObservationCardinalityNext(next + uint16(seed >> 72 & 7));
        }
        _after(seed >> 80 & 7);
        uint256 oldest = _oldest();
        uint256 period = vm.getBlockTimestamp() - oldest;
        // A ring of one holds nothing but the touch of this second; one that holds the pool's first second is young.
        if (period == 0 || (period < PERIOD && oldest == START)) return assertEq(_average(PERIOD), _spot(), "spot");
        if (period > PERIOD) period = PERIOD;
        assertEq(_average(PERIOD), _priceOf(_meanOf(times, ticks, period)), "the mean of what is there");
    }

    /// Whatever the times of the touches, the average is the same that a list of all touches gives.
    function testFuzz_Average_AgainstAListOfTouches(uint256 seed) public {
        uint256[] memory times = new uint256[](150);
        int256[] memory ticks = new int256[](150);
        (times[0], ticks[0]) = (START, TICK);
        for (uint256 i = 1; i < 150; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            _after(1 + seed % 20);
            (times[i], ticks[i]) = (vm.getBlockTimestamp(), TICK + int256(seed >> 128) % 2000);
            if (ticks[i] == ticks[i - 1]) ++ticks[i];
            _moveTo(int24(ticks[i]));
        }
        _after(seed >> 64 & 15);
        // The ring holds the last 128 touches.
        uint256 period = vm.getBlockTimestamp() - times[150 - 128];
        if (period > PERIOD) period = PERIOD;
        assertEq(_average(PERIOD), _priceOf(_meanOf(times, ticks, period)), "the mean of the list");
    }

    /// A pool that somebody lists without the registry keeps one observation: what it can average over starts at the last touch.
    function test_Ring_OfOneIsTheSpotPriceUntilItIsOldEnough() public {
        pool = _createPool();
        pool.initialize(Defaults.SQRT_PRICE);
        _after(PERIOD - 1);
        assertEq(_average(PERIOD), 2000e18, "too young");
        _after(1);
        assertEq(_average(PERIOD), _priceOf(TICK), "old enough");
    }

    /* HELPERS */

    /// @dev A second before each touch; to TICK + 100 when its number is even, else to TICK.
    function _touch(uint256 from, uint256 to) private {
        for (uint256 i = from; i < to; ++i) {
            _after(1);
            _moveTo(i % 2 == 0 ? TICK + 100 : TICK);
        }
    }

    function _spot() private view returns (uint256) {
        (uint160 root,,,,,,) = pool.slot0();
        return PriceLib.toWad(root);
    }

    /// @dev The least time of all observations that were written.
    function _oldest() private view returns (uint256 least) {
        (,,, uint16 cardinality,,,) = pool.slot0();
        least = type(uint256).max;
        for (uint256 i; i < cardinality; ++i) {
            (uint32 time,,, bool isWritten) = pool.observations(i);
            if (isWritten && time < least) least = time;
        }
    }

    function _average(uint32 period) private view returns (uint256) {
        return PoolPrice.average(pool, period);
    }

    /// @dev Floor of Σ tick × seconds ÷ period over the last `period` seconds.
    function _meanOf(uint256[] memory times, int256[] memory ticks, uint256 period) private view returns (int24) {
        uint256 end = vm.getBlockTimestamp();
        uint256 start = end - period;
        int256 sum;
        for (uint256 i; i < times.length; ++i) {
            uint256 from = times[i] < start ? start : times[i];
            uint256 to = i + 1 == times.length ? end : times[i + 1];
            if (to > from) sum += ticks[i] * int256(to - from);
        }
        // All ticks here are positive, so division rounds down.
        return int24(sum / int256(period));
    }
}
