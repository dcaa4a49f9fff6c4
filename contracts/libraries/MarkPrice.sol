// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { MarketRisk, PriceStatus, Prices } from "../types/MarketRisk.sol";
import { PriceLib } from "./PriceLib.sol";
import { FixedPointMathLib } from "solady/utils/FixedPointMathLib.sol";

/// @notice Mark and index price of a market from what its pool and its feed say. Pure.
library MarkPrice {
    /// @notice What a feed answered.
    struct Answer {
        /// False when the call failed or its answer has not the form of one.
        bool isThere;
        int256 value;
        uint256 updatedAt;
        /// Decimals of `value`.
        uint8 decimals;
    }

    /// @notice Most decimals of a feed.
    uint8 internal constant MAX_DECIMALS = 36;
    /// @notice Most that an answer may be, 10^52: times 10^18 for no decimals, and times 10^4 for bps, it stays within 256 bits.
    int256 internal constant MAX_ANSWER = int256(uint256(type(uint176).max));
    /// @notice An index of more than so many times the pool's average, or less than that part of it, is no price of this market but that
    ///         of another asset, or one of other decimals. It bounds nothing.
    uint256 internal constant MAX_RATIO = 5;

    /// @notice Prices of a market without a feed.
    function poolOnly(uint256 average) internal pure returns (Prices memory) {
        return Prices(average, 0, PriceStatus.PoolOnly);
    }

    /// @notice Prices of a market with a feed: the pool's average within the band around what a live feed says, else alone.
    /// @dev The band holds beyond maxDeviationBps too. There the feed is doubted, so nothing opens and no funding accrues, but the mark
    ///      does not jump: it never moves further than the price that moves it, and never the other way.
    /// @param average The pool's average price, WAD, > 0.
    /// @param time Unix seconds.
    function banded(uint256 average, Answer memory answer, MarketRisk memory risk, uint256 time)
        internal
        pure
        returns (Prices memory prices)
    {
        uint256 index;
        (index, prices.status) = judge(average, answer, risk, time);
        prices.mark = average;
        if (index == 0) return prices;
        if (prices.status == PriceStatus.Ok) prices.index = index;
        uint256 reach = index * risk.priceBandBps / PriceLib.BPS;
        prices.mark = FixedPointMathLib.clamp(average, FixedPointMathLib.max(index - reach, 1), index + reach);
    }

    /// @notice The index price of an answer, and whether it stands.
    /// @return index 0 where the answer is none, or none of this market: nothing bounds the mark then.
    function judge(uint256 average, Answer memory answer, MarketRisk memory risk, uint256 time)
        internal
        pure
        returns (uint256 index, PriceStatus)
    {
        if (!answer.isThere || answer.updatedAt > time || time - answer.updatedAt > risk.feedMaxAge) {
            return (0, PriceStatus.Stale);
        }
        if (answer.value <= 0) return (0, PriceStatus.NonPositive);
        if (answer.value > MAX_ANSWER) return (0, PriceStatus.Deviating);
        index = toWad(uint256(answer.value), answer.decimals);
        if (index == 0) return (0, PriceStatus.NonPositive);
        if (index > average * MAX_RATIO || index * MAX_RATIO < average) return (0, PriceStatus.Deviating);
        return (index, deviates(average, index, risk.maxDeviationBps) ? PriceStatus.Deviating : PriceStatus.Ok);
    }

    /// @notice `value` of so many decimals in WAD, rounded down.
    function toWad(uint256 value, uint8 decimals) internal pure returns (uint256) {
        return decimals <= 18 ? value * 10 ** (18 - decimals) : value / 10 ** (decimals - 18);
    }

    /// @dev |average − index| > bps of the index. Exact.
    function deviates(uint256 average, uint256 index, uint256 bps) private pure returns (bool) {
        return FixedPointMathLib.dist(average, index) * PriceLib.BPS > index * bps;
    }
}
