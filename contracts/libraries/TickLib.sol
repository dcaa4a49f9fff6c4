// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { PriceLib } from "./PriceLib.sol";
import { FixedPointMathLib } from "solady/utils/FixedPointMathLib.sol";

/// @notice Ticks of Uniswap V3 as prices.
/// @dev Uniswap v3 white paper, 6.1: a tick is a price of 1.0001^tick; 5.2: the geometric mean price of a period is the price of the
///      mean tick, which is the difference of two accumulators over the seconds between them.
library TickLib {
    /// @dev 2^128 ÷ √1.0001, rounded down.
    uint256 private constant STEP_X128 = 340_265_354_078_544_963_557_816_517_032_075_149_313;

    /// @notice The mean tick of a period, rounded down.
    /// @param older The pool's accumulator at the start of the period.
    /// @param newer Its accumulator at the end.
    /// @param elapsed Seconds of the period, > 0.
    function meanTick(int56 older, int56 newer, uint32 elapsed) internal pure returns (int24 tick) {
        int56 delta;
        unchecked {
            // The pool lets its accumulators overflow; the difference stays right.
            delta = newer - older;
        }
        int56 length = int56(uint56(elapsed));
        tick = int24(delta / length);
        if (delta < 0 && delta % length != 0) --tick;
    }

    /// @notice Price of a tick, quote per base, WAD, rounded to the nearest.
    /// @param tick Within Uniswap's ±887,272.
    function toWad(int24 tick) internal pure returns (uint256) {
        return PriceLib.toWad(toSqrtPriceX96(tick));
    }

    /// @notice √1.0001^tick × 2^96, right to 2^-32 of itself at the outermost ticks and to 2^-75 within a million times the price 1.
    /// @dev (1 ÷ √1.0001)^|tick| by squaring, with 128 fractional bits, and its inverse for a positive tick. Each of at most 40
    ///      products loses less than 2^-128, and the value is above 2^-64.
    function toSqrtPriceX96(int24 tick) internal pure returns (uint160) {
        uint256 root = 1 << 128;
        uint256 factor = STEP_X128;
        for (uint256 left = FixedPointMathLib.abs(tick); left != 0; left >>= 1) {
            if (left & 1 != 0) root = root * factor >> 128;
            factor = factor * factor >> 128;
        }
        return uint160((tick > 0 ? type(uint256).max / root : root) >> 32);
    }
}
