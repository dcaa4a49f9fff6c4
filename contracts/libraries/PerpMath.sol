// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { FixedPointMathLib } from "solady/utils/FixedPointMathLib.sol";

/// @notice Sums of positions and margin. Pure; every function says how it rounds.
library PerpMath {
    using FixedPointMathLib for uint256;

    uint256 internal constant WAD = 1e18;

    /// @notice |base| × price, rounded up. WAD.
    function notional(int256 base, uint256 price) internal pure returns (uint256) {
        return FixedPointMathLib.abs(base).fullMulDivUp(price, WAD);
    }

    /// @notice base × price + quote: the unrealised profit and loss. Rounded down, against the trader. WAD.
    function positionValue(int256 base, int256 quote, uint256 price) internal pure returns (int256) {
        int256 value = base >= 0
            ? int256(uint256(base).fullMulDiv(price, WAD))
            : -int256(FixedPointMathLib.abs(base).fullMulDivUp(price, WAD));
        return value + quote;
    }

    /// @notice A ratio of `amount`, rounded up. WAD.
    /// @param bps The ratio, in 1e-4.
    function ratioOf(uint256 amount, uint256 bps) internal pure returns (uint256) {
        return amount.fullMulDivUp(bps, 1e4);
    }

    /// @notice A ratio of what `base` is worth at a price, rounded down: margin that is not needed any more. WAD.
    /// @param bps The ratio, in 1e-4.
    function freedBy(uint256 base, uint256 price, uint256 bps) internal pure returns (uint256) {
        return base.fullMulDiv(price * bps, WAD * 1e4);
    }

    /// @notice What rounding can take from an order beyond its cost: a wei of base, for which it pays without getting it, on either of what
    ///         nets and what the pool fills; and a few wei of quote for the steps of sum, pool, fees and the value of its position. WAD.
    /// @param price WAD.
    function rounding(uint256 price) internal pure returns (uint256) {
        return 12 + 2 * price / WAD;
    }

    /// @notice A fee on `amount`, rounded up. WAD.
    /// @param ppm The fee, in 1e-6.
    function fee(uint256 amount, uint256 ppm) internal pure returns (uint256) {
        return amount.fullMulDivUp(ppm, 1e6);
    }

    /// @notice Whether a position that becomes `to` carries new risk: it grew, or it went over to the other side.
    function increases(int256 from, int256 to) internal pure returns (bool) {
        return to > 0 ? to > from : to < 0 && to < from;
    }

    /// @notice The position after a fill and what the fill realised.
    /// @dev Average cost: closing a part of the position realises that part of its quote. base + Σ and
    ///      quote + realised are conserved exactly, whatever the rounding of the part: the part that is closed and the
    ///      part that stays add up to the whole.
    /// @param base Position before, WAD; positive long.
    /// @param quote Quote before, WAD; the opposite sign of base.
    /// @param baseDelta Base of the fill; positive bought.
    /// @param quoteDelta Quote of the fill; positive received.
    /// @return newBase base + baseDelta
    /// @return newQuote Quote of what is open
    /// @return realized Profit (positive) or loss of what was closed; newQuote + realized = quote + quoteDelta
    function fill(int256 base, int256 quote, int256 baseDelta, int256 quoteDelta)
        internal
        pure
        returns (int256 newBase, int256 newQuote, int256 realized)
    {
        newBase = base + baseDelta;
        if (base == 0 || baseDelta == 0 || (base > 0) == (baseDelta > 0)) return (newBase, quote + quoteDelta, 0);

        uint256 held = FixedPointMathLib.abs(base);
        uint256 traded = FixedPointMathLib.abs(baseDelta);
        if (traded <= held) {
            int256 closedCost = part(quote, traded, held);
            newQuote = quote - closedCost;
            realized = closedCost + quoteDelta;
        } else {
            // The fill closes all and opens the rest on the other side at its own price.
            int256 closing = part(quoteDelta, held, traded);
            newQuote = quoteDelta - closing;
            realized = quote + closing;
        }
    }

    /// @notice value × numerator / denominator, towards zero.
    function part(int256 value, uint256 numerator, uint256 denominator) private pure returns (int256) {
        int256 magnitude = int256(FixedPointMathLib.abs(value).fullMulDiv(numerator, denominator));
        return value < 0 ? -magnitude : magnitude;
    }
}
