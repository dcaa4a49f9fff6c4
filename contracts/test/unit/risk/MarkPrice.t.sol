// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { MarkPrice } from "../../../libraries/MarkPrice.sol";
import { MarketRisk, PriceStatus, Prices } from "../../../types/MarketRisk.sol";
import { Test } from "forge-std/Test.sol";

/// @notice Mark and index price by themselves: an index of 2000 from 8 decimals, a band of 2 %, a deviation of 10 %, an hour.
contract MarkPriceTest is Test {
    uint256 internal constant TIME = 1_700_000_000;

    /* BAND */

    /// 2 % of 2000 is 40.
    function test_Band_BoundsTheMark() public pure {
        _check(2000e18, 2000e18, "the index itself");
        _check(2030e18, 2030e18, "inside: the pool's average");
        _check(2040e18, 2040e18, "at the upper end");
        _check(2040e18 + 1, 2040e18, "a wei above it");
        _check(2200e18, 2040e18, "10 % above");
        _check(1960e18, 1960e18, "at the lower end");
        _check(1960e18 - 1, 1960e18, "a wei below it");
        _check(1800e18, 1960e18, "10 % below");
    }

    /// 10 % of 2000 is 200: at 2200 the feed is believed, a wei further it is not. The mark stays at the end of the band.
    function test_Deviation_KeepsTheBand() public pure {
        _checkDoubted(2200e18 + 1, 2040e18, _answer());
        _checkDoubted(3000e18, 2040e18, _answer());
        _checkDoubted(1800e18 - 1, 1960e18, _answer());
        _checkDoubted(1000e18, 1960e18, _answer());
    }

    /// The pool's average stands at 2200 while the feed falls through 2000, where it deviates by 10 %. Who is short gains by it:
    /// the mark, 2040 at 2000, falls to 2039.9898 and to 1836 with a feed at 1999.99 and at 1800.
    function test_Deviation_AFallingFeedNeverRaisesTheMark() public pure {
        MarkPrice.Answer memory answer = _answer();
        _check(2200e18, 2040e18, "2000: 10 %");
        answer.value = 1999.99e8;
        _checkDoubted(2200e18, 2039.9898e18, answer);
        answer.value = 1800e8;
        _checkDoubted(2200e18, 1836e18, answer);
    }

    /// Five times 2000 is 10,000, a fifth 400. Beyond, what the feed says is no price of this market: the pool alone.
    function test_Deviation_AnotherAssetsPriceBoundsNothing() public pure {
        _checkDoubted(10_000e18, 2040e18, _answer());
        _checkDoubted(10_000e18 + 1, 10_000e18 + 1, _answer());
        _checkDoubted(400e18, 1960e18, _answer());
        _checkDoubted(400e18 - 1, 400e18 - 1, _answer());
        // A feed that begins to answer with 9 decimals says 20,000 to who reads 8.
        MarkPrice.Answer memory answer = _answer();
        answer.value *= 10;
        _checkDoubted(2000e18, 2000e18, answer);
    }

    /// Either price moves up by at most 1 %, or both do: the mark does not fall, and rises by no more than that. Rounding: a wei of
    /// the answer is 1e10, and the band is rounded to a wei.
    function testFuzz_Mark_NeverJumps(uint256 average, uint256 ratio, uint256 step, uint256 which, uint256 band)
        public
        pure
    {
        average = bound(average, 1e18, 1e30);
        step = bound(step, 0, 100);
        MarketRisk memory risk = _risk();
        risk.priceBandBps = uint16(bound(band, 1, 2000));
        risk.maxDeviationBps = uint16(bound(band >> 128, uint256(risk.priceBandBps) + 1, 5000));
        // Half of them close to where the feed begins to be doubted: average = index × (1 ± deviation).
        ratio = which & 4 == 0
            ? bound(ratio, 2100, 48_000)
            : 1e8 / (10_000 + risk.maxDeviationBps) + bound(ratio, 0, 100) - 50;
        MarkPrice.Answer memory answer = _answer();
        answer.value = int256(average * ratio / 1e14);
        Prices memory before = MarkPrice.banded(average, answer, risk, TIME);
        if (which & 1 == 0) average += average * step / 10_000;
        if (which & 2 == 0) answer.value += answer.value * int256(step) / 10_000;
        Prices memory moved = MarkPrice.banded(average, answer, risk, TIME);
        assertGe(moved.mark, before.mark, "never the other way");
        assertLe(moved.mark, before.mark + before.mark * step / 10_000 + 1e11, "never further");
    }

    function testFuzz_Mark_LiesInTheBandOrIsThePools(uint256 average, uint256 value, uint16 band, uint16 deviation)
        public
        pure
    {
        average = bound(average, 1, 1e40);
        value = bound(value, 1, average / 1e8 + 1e10);
        MarketRisk memory risk = _risk();
        risk.priceBandBps = uint16(bound(band, 1, 2000));
        risk.maxDeviationBps = uint16(bound(deviation, uint256(risk.priceBandBps) + 1, 5000));
        MarkPrice.Answer memory answer = _answer();
        answer.value = int256(value);
        Prices memory prices = MarkPrice.banded(average, answer, risk, TIME);

        uint256 index = value * 1e10;
        uint256 distance = average > index ? average - index : index - average;
        assertEq(prices.status == PriceStatus.Ok, distance <= index * risk.maxDeviationBps / 10_000, "ok or too far");
        assertGt(prices.mark, 0, "a mark is never 0");
        if (prices.status != PriceStatus.Ok) {
            assertTrue(prices.status == PriceStatus.Deviating, "too far");
            assertEq(prices.index, 0, "no index");
            if (index > 5 * average || average > 5 * index) {
                return assertEq(prices.mark, average, "no price of this market");
            }
        } else {
            assertEq(prices.index, index, "the index");
        }
        uint256 reach = index * risk.priceBandBps / 10_000;
        assertLe(prices.mark, index + reach, "not above the band");
        assertGe(prices.mark, index - reach, "not below it");
        if (distance <= reach) assertEq(prices.mark, average, "inside the band it is the average");
    }

    /* STATUS */

    function test_Stale_ByAge() public pure {
        MarkPrice.Answer memory answer = _answer();
        answer.updatedAt = TIME - 3600;
        _checkStatus(answer, PriceStatus.Ok, "an hour old");
        answer.updatedAt = TIME - 3601;
        _checkStatus(answer, PriceStatus.Stale, "a second older");
        answer.updatedAt = 0;
        _checkStatus(answer, PriceStatus.Stale, "never");
    }

    function test_Stale_FromTheFuture() public pure {
        MarkPrice.Answer memory answer = _answer();
        answer.updatedAt = TIME + 1;
        _checkStatus(answer, PriceStatus.Stale, "a second ahead");
        answer.updatedAt = type(uint256).max;
        _checkStatus(answer, PriceStatus.Stale, "at the end of time");
    }

    function test_Stale_WithoutAnAnswer() public pure {
        MarkPrice.Answer memory answer = _answer();
        answer.isThere = false;
        _checkStatus(answer, PriceStatus.Stale, "the call failed");
    }

    function test_NonPositive() public pure {
        MarkPrice.Answer memory answer = _answer();
        answer.value = 0;
        _checkStatus(answer, PriceStatus.NonPositive, "0");
        answer.value = -2000e8;
        _checkStatus(answer, PriceStatus.NonPositive, "-2000");
        answer.value = type(int256).min;
        _checkStatus(answer, PriceStatus.NonPositive, "the least");
        (answer.value, answer.decimals) = (1e10, 36);
        _checkStatus(answer, PriceStatus.NonPositive, "1e-26 is no wei");
    }

    function test_Deviating_AnAnswerTooLargeToBePrice() public pure {
        MarkPrice.Answer memory answer = _answer();
        answer.decimals = 0;
        answer.value = MarkPrice.MAX_ANSWER;
        _checkStatus(answer, PriceStatus.Deviating, "the most that is computed with");
        answer.value += 1;
        _checkStatus(answer, PriceStatus.Deviating, "a bit more is not");
        answer.value = type(int256).max;
        _checkStatus(answer, PriceStatus.Deviating, "the most there is");
    }

    /// An old answer is not looked at, so it is old before it is anything else.
    function test_Stale_ComesFirst() public pure {
        MarkPrice.Answer memory answer = _answer();
        (answer.value, answer.updatedAt) = (-1, TIME - 3601);
        _checkStatus(answer, PriceStatus.Stale, "old and negative");
    }

    /* DECIMALS */

    function test_Decimals_AreScaledToWad() public pure {
        _checkDecimals(2000, 0);
        _checkDecimals(2000e8, 8);
        _checkDecimals(2000e18, 18);
        _checkDecimals(2000e36, 36);
        assertEq(MarkPrice.toWad(1_999_999_999_999_999_999_999, 21), 1_999_999_999_999_999_999, "rounded down");
    }

    function testFuzz_Decimals_NeverOverflow(uint176 value, uint8 decimals) public pure {
        decimals = uint8(bound(decimals, 0, MarkPrice.MAX_DECIMALS));
        uint256 scaled = MarkPrice.toWad(value, decimals);
        if (decimals <= 18) return assertEq(scaled / 10 ** (18 - decimals), value, "exact, without overflow");
        uint256 unit = 10 ** (decimals - 18);
        assertLe(scaled * unit, value, "rounded down");
        assertLt(value - scaled * unit, unit, "by less than a wei");
    }

    /* HELPERS */

    function _check(uint256 average, uint256 mark, string memory what) private pure {
        Prices memory prices = MarkPrice.banded(average, _answer(), _risk(), TIME);
        assertTrue(prices.status == PriceStatus.Ok, what);
        assertEq(prices.mark, mark, what);
        assertEq(prices.index, 2000e18, what);
    }

    function _checkDoubted(uint256 average, uint256 mark, MarkPrice.Answer memory answer) private pure {
        Prices memory prices = MarkPrice.banded(average, answer, _risk(), TIME);
        assertTrue(prices.status == PriceStatus.Deviating, "the feed is not believed");
        assertEq(prices.mark, mark, "the mark");
        assertEq(prices.index, 0, "no index");
    }

    function _checkStatus(MarkPrice.Answer memory answer, PriceStatus status, string memory what) private pure {
        Prices memory prices = MarkPrice.banded(2100e18, answer, _risk(), TIME);
        assertEq(uint256(prices.status), uint256(status), what);
        assertEq(prices.mark, status == PriceStatus.Ok ? 2040e18 : 2100e18, what);
    }

    function _checkDecimals(int256 value, uint8 decimals) private pure {
        MarkPrice.Answer memory answer = _answer();
        (answer.value, answer.decimals) = (value, decimals);
        assertEq(MarkPrice.banded(2000e18, answer, _risk(), TIME).index, 2000e18, "2000");
    }

    function _risk() private pure returns (MarketRisk memory risk) {
        (risk.priceBandBps, risk.maxDeviationBps, risk.feedMaxAge) = (200, 1000, 3600);
    }

    function _answer() private pure returns (MarkPrice.Answer memory) {
        return MarkPrice.Answer(true, 2000e8, TIME - 10, 8);
    }
}
