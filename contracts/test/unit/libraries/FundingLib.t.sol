// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { FundingLib } from "../../../libraries/FundingLib.sol";
import { MarkPrice } from "../../../libraries/MarkPrice.sol";
import { PriceStatus, Prices } from "../../../types/MarketRisk.sol";
import { Test } from "forge-std/Test.sol";

contract FundingLibTest is Test {
    uint256 internal constant CAP = 1000; // 10 % a day

    /* RATE */

    /// Mark 2010, index 2000: longs pay 10 a base and day, 10e18 ÷ 86,400 = 115,740,740,740,740.7 wei a second.
    function test_PerSecond_IsThePremiumOverADay() public pure {
        assertEq(_perSecond(2010e18, 2000e18, CAP), 115_740_740_740_740, "longs pay");
        assertEq(_perSecond(1990e18, 2000e18, CAP), -115_740_740_740_740, "shorts pay, towards zero too");
        assertEq(_perSecond(2000e18, 2000e18, CAP), 0, "no premium");
        assertEq(_perSecond(2000e18 + 86_399, 2000e18, CAP), 0, "less than a wei a second");
    }

    /// 1 % of 2000 is 20 a day: 231,481,481,481,481 a second.
    function test_PerSecond_IsCapped() public pure {
        assertEq(_perSecond(2020e18, 2000e18, 100), 231_481_481_481_481, "at the cap");
        assertEq(_perSecond(2040e18, 2000e18, 100), 231_481_481_481_481, "beyond it");
        assertEq(_perSecond(1960e18, 2000e18, 100), -231_481_481_481_481, "downwards");
        assertEq(_perSecond(2040e18, 2000e18, 0), 0, "no funding at all");
    }

    function test_PerSecond_NoneWithoutAnIndex() public pure {
        PriceStatus[4] memory without =
            [PriceStatus.PoolOnly, PriceStatus.Stale, PriceStatus.NonPositive, PriceStatus.Deviating];
        for (uint256 i; i < without.length; ++i) {
            assertEq(FundingLib.perSecond(Prices(2010e18, 2000e18, without[i]), CAP), 0, "the index does not stand");
        }
    }

    function testFuzz_PerSecond_ADayStaysWithinTheCap(uint256 mark, uint256 index, uint256 cap) public pure {
        // The most that a feed can say, and a mark 20 % above it.
        index = bound(index, 1, uint256(MarkPrice.MAX_ANSWER) * 1e18);
        mark = bound(mark, 1, index / 5 * 6 + 1);
        cap = bound(cap, 0, 10_000);
        int256 day = _perSecond(mark, index, cap) * 1 days;
        int256 most = int256(index * cap / 10_000);
        assertLe(day, most, "not above");
        assertGe(day, -most, "not below");
        int256 premium = int256(mark) - int256(index);
        assertTrue(premium >= 0 ? day >= 0 && day <= premium : day <= 0 && day >= premium, "nor beyond the premium");
    }

    /* PAYMENT */

    /// The index moves from 5 to 15, 10 a base.
    function test_Owed_LongsPayWhatShortsGet() public pure {
        assertEq(FundingLib.owed(2e18, 10e18), 20e18, "a long of 2 pays 20");
        assertEq(FundingLib.owed(-2e18, 10e18), -20e18, "a short of 2 gets 20");
        assertEq(FundingLib.owed(2e18, -10e18), -20e18, "the other way round");
        assertEq(FundingLib.owed(-2e18, -10e18), 20e18, "the other way round");
        assertEq(FundingLib.owed(0, 10e18), 0, "nobody");
        assertEq(FundingLib.owed(2e18, 0), 0, "no time");
    }

    /// 3 wei of base × 0.5 = 1.5 wei.
    function test_Owed_RoundsAgainstTheTrader() public pure {
        assertEq(FundingLib.owed(3, 0.5e18), 2, "who pays, pays 2");
        assertEq(FundingLib.owed(-3, 0.5e18), -1, "who gets, gets 1");
        assertEq(FundingLib.owed(-3, -0.5e18), 2, "a short pays");
        assertEq(FundingLib.owed(3, -0.5e18), -1, "a long gets");
    }

    function testFuzz_Owed_OppositePositionsLeaveAWeiAtMost(int128 base, int256 move) public pure {
        base = int128(bound(base, -type(int128).max, type(int128).max));
        move = bound(move, -1e40, 1e40);
        int256 sum = FundingLib.owed(base, move) + FundingLib.owed(-int256(base), move);
        assertGe(sum, 0, "the fund never pays for rounding");
        assertLe(sum, 1, "and gets a wei at most");
    }

    /// Touching a position in between costs its owner a wei at most, and never brings one.
    function testFuzz_Owed_InTwoPartsIsNoLess(int128 base, int256 first, int256 second) public pure {
        base = int128(bound(base, -type(int128).max, type(int128).max));
        (first, second) = (bound(first, -1e40, 1e40), bound(second, -1e40, 1e40));
        int256 parts = FundingLib.owed(base, first) + FundingLib.owed(base, second);
        int256 whole = FundingLib.owed(base, first + second);
        assertGe(parts, whole, "no less");
        assertLe(parts, whole + 1, "a wei more at most");
    }

    function _perSecond(uint256 mark, uint256 index, uint256 cap) private pure returns (int256) {
        return FundingLib.perSecond(Prices(mark, index, PriceStatus.Ok), cap);
    }
}
