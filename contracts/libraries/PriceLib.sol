// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { FixedPointMathLib } from "solady/utils/FixedPointMathLib.sol";

/// @notice Uniswap V3's square-root prices as WAD prices and back, and the price of a swap inside one tick range.
/// @dev Formulas: Uniswap v3 white paper, 6.2: with token0 = base, P = quote per base = (sqrtPriceX96 / 2^96)²;
///      Δbase = L × (1/√P₀ − 1/√P₁), Δquote = L × (√P₁ − √P₀).
library PriceLib {
    uint256 internal constant WAD = 1e18;
    uint256 internal constant BPS = 1e4;
    /// @dev Uniswap counts fees in hundredths of a bip.
    uint256 internal constant FEE_UNIT = 1e6;
    uint256 private constant Q96 = 1 << 96;
    /// @dev Bounds of sqrtPriceX96 in Uniswap V3, exclusive at the upper end.
    uint160 internal constant MIN_SQRT_PRICE = 4_295_128_739;
    uint160 internal constant MAX_SQRT_PRICE = 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_342;

    /// @notice Price in WAD, rounded to the nearest: the root of a round price is irrational, so 2000 comes back as 2000.
    function toWad(uint160 sqrtPriceX96) internal pure returns (uint256) {
        // (s² / 2^96) keeps 96 fractional bits; s < 2^160, so s² / 2^96 < 2^224.
        uint256 priceX96 = FixedPointMathLib.fullMulDiv(sqrtPriceX96, sqrtPriceX96, Q96);
        uint256 doubled = FixedPointMathLib.fullMulDiv(priceX96, 2 * WAD, Q96);
        return (doubled + 1) / 2;
    }

    /// @notice Root price of a WAD price, rounded down and kept inside Uniswap's bounds.
    function toSqrtPriceX96(uint256 priceWad) internal pure returns (uint160) {
        // √(price / 1e18) × 2^96 = √(price × 2^128 / 1e18) × 2^32, kept in range for every price below 2^128.
        uint256 root = FixedPointMathLib.sqrt(FixedPointMathLib.fullMulDiv(priceWad, 1 << 128, WAD)) << 32;
        return clamp(root);
    }

    /// @notice The root price that a swap of base ends at while liquidity stays the same.
    /// @dev √P₁ = L / (L/√P₀ ∓ Δbase), and then 2^-64 of itself further away from the start: more than the rounding of the
    ///      pool's own arithmetic, so a swap that is limited to it still goes through whole.
    /// @param base Base amount that moves the price (without fee), WAD, below 2^128.
    /// @param buysBase True when base leaves the pool (the price rises).
    /// @return Root price; the extreme price when the range has not that much base.
    function sqrtPriceAfter(uint160 sqrtPriceX96, uint128 liquidity, uint256 base, bool buysBase)
        internal
        pure
        returns (uint160)
    {
        if (liquidity == 0) return sqrtPriceX96;
        uint256 numerator = uint256(liquidity) << 96;
        uint256 reserve = numerator / sqrtPriceX96;
        if (buysBase) {
            if (base >= reserve) return MAX_SQRT_PRICE - 1;
            uint256 up = numerator / (reserve - base) + 1;
            return clamp(up + (up >> 64) + 1);
        }
        uint256 down = numerator / (reserve + 1 + base);
        return clamp(down - (down >> 64) - (down == 0 ? 0 : 1));
    }

    /// @notice Average price of a swap of base between two root prices in one tick range, fee included, WAD.
    /// @dev Δquote / Δbase = √P₀ × √P₁. A buyer pays 1 / (1 − fee) of it, rounded up; a seller of base has the fee taken
    ///      from the base it brings, so it gets (1 − fee) of it, rounded down.
    function averagePrice(uint160 sqrtStart, uint160 sqrtEnd, uint24 fee, bool buysBase)
        internal
        pure
        returns (uint256)
    {
        uint256 priceX96 = buysBase
            ? FixedPointMathLib.fullMulDivUp(sqrtStart, sqrtEnd, Q96)
            : FixedPointMathLib.fullMulDiv(sqrtStart, sqrtEnd, Q96);
        return buysBase
            ? FixedPointMathLib.fullMulDivUp(priceX96, WAD * FEE_UNIT, Q96 * (FEE_UNIT - fee)) + 1
            : FixedPointMathLib.fullMulDiv(priceX96, WAD * (FEE_UNIT - fee), Q96 * FEE_UNIT);
    }

    /// @notice The farthest price to which a batch may move a pool: `bps` beyond the mid price, upwards or downwards. WAD.
    function reach(uint256 midPrice, uint256 bps, bool upwards) internal pure returns (uint256) {
        return upwards ? midPrice * (BPS + bps) / BPS : midPrice * (BPS - bps) / BPS;
    }

    /// @notice {reach} as a root price.
    function bound(uint256 midPrice, uint256 bps, bool upwards) internal pure returns (uint160) {
        return toSqrtPriceX96(reach(midPrice, bps, upwards));
    }

    function clamp(uint256 root) private pure returns (uint160) {
        if (root <= MIN_SQRT_PRICE) return MIN_SQRT_PRICE + 1;
        return root >= MAX_SQRT_PRICE ? MAX_SQRT_PRICE - 1 : uint160(root);
    }
}
