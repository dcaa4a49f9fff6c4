// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { PriceLib } from "../../../libraries/PriceLib.sol";
import { Defaults } from "../../utils/Defaults.sol";
import { Test } from "forge-std/Test.sol";
import { FixedPointMathLib } from "solady/utils/FixedPointMathLib.sol";

/// @notice Prices and roots by themselves; `fuzz/PoolPrediction.t.sol` holds them against a real pool.
contract PriceLibTest is Test {
    uint256 internal constant MAX_PRICE = type(uint128).max;

    /* PRICES AND ROOTS */

    function test_ToWad_KnownRoots() public pure {
        assertEq(PriceLib.toWad(1 << 96), 1e18, "root 1 is price 1");
        // √2000 is irrational: its root, rounded down, still is 2000 to the wei.
        assertEq(PriceLib.toWad(Defaults.SQRT_PRICE), 2000e18, "2000 exactly");
        assertEq(PriceLib.toWad(50 << 96), 2500e18, "50 squared is 2500 exactly");
        assertEq(PriceLib.toWad(1 << 95), 0.25e18, "a half squared is a quarter");
        assertEq(PriceLib.toWad(3 << 96), 9e18, "3 squared is 9");
    }

    function test_ToWad_Extremes() public pure {
        // (2^-64)² × 1e18 = 2^-128 × 1e18 = 2.9e-21 wei.
        assertEq(PriceLib.toWad(PriceLib.MIN_SQRT_PRICE), 0, "the least price is below half a wei");
        // MAX_SQRT_PRICE ≈ 2^160, so the price is nearly 2^128.
        uint256 highest = PriceLib.toWad(PriceLib.MAX_SQRT_PRICE);
        assertLt(highest, uint256(1e18) << 128, "the highest price is below 2^128");
        assertGt(highest, uint256(99e16) << 128, "and above 0.99 of it");
    }

    /// Half a wei and more rounds up. √1.4e-18 = 1.18321595661992e-9, √1.6e-18 = 1.26491106406735e-9.
    function test_ToWad_RoundsToTheNearest() public pure {
        uint160 below = uint160(uint256(118_321_595_661_992) * (1 << 96) / 1e23);
        uint160 above = uint160(uint256(126_491_106_406_735) * (1 << 96) / 1e23);
        assertEq(PriceLib.toWad(below), 1, "1.4 wei is 1");
        assertEq(PriceLib.toWad(above), 2, "1.6 wei is 2");
    }

    function test_ToSqrtPriceX96_KnownPrices() public pure {
        assertEq(PriceLib.toSqrtPriceX96(1e18), 1 << 96, "price 1 is root 1");
        assertEq(PriceLib.toSqrtPriceX96(2500e18), 50 << 96, "price 2500 is root 50");
        assertEq(
            PriceLib.toSqrtPriceX96(0), PriceLib.MIN_SQRT_PRICE + 1, "no price: the lowest root a swap may stop at"
        );
        assertApproxEqRel(PriceLib.toSqrtPriceX96(2000e18), Defaults.SQRT_PRICE, 1, "2000 within 1e-18");
    }

    /// root(price) is rounded down by less than 2^32 of √(price × 2^128 / 1e18) × 2^32, so its square comes back
    /// lower by less than 2 × √(price × 1e18 / 2^128), and never higher than to the nearest wei.
    function testFuzz_RoundTrip_PriceRootPrice(uint256 price) public pure {
        price = bound(price, 1, MAX_PRICE);
        uint256 back = PriceLib.toWad(PriceLib.toSqrtPriceX96(price));
        uint256 slack = 2 * FixedPointMathLib.sqrt(FixedPointMathLib.fullMulDiv(price, 1e18, 1 << 128)) + 2;
        assertLe(back, price, "a root that is rounded down gives no higher price");
        assertLe(price - back, slack, "nor a price lower than the root's last bits");
    }

    /// A price above 1 has more digits than the root's first 60 bits, so the root comes back to within 2^-60.
    function testFuzz_RoundTrip_RootPriceRoot(uint256 root) public pure {
        root = bound(root, 1 << 96, uint256(1) << 128);
        uint256 back = PriceLib.toSqrtPriceX96(PriceLib.toWad(uint160(root)));
        uint256 distance = back > root ? back - root : root - back;
        assertLe(distance, (root >> 59) + (1 << 37), "the root comes back");
    }

    function testFuzz_ToWad_IsMonotonic(uint160 a, uint160 b) public pure {
        (uint160 low, uint160 high) = a < b ? (a, b) : (b, a);
        assertLe(PriceLib.toWad(low), PriceLib.toWad(high), "a higher root is no lower price");
    }

    /* BOUNDS */

    function test_Bound_FivePercent() public pure {
        // 2000 × 1.05 = 2100, 2000 × 0.95 = 1900.
        assertApproxEqAbs(PriceLib.toWad(PriceLib.bound(2000e18, 500, true)), 2100e18, 1e3, "5 % up");
        assertApproxEqAbs(PriceLib.toWad(PriceLib.bound(2000e18, 500, false)), 1900e18, 1e3, "5 % down");
    }

    function testFuzz_Bound_StaysWithin(uint256 price, uint256 bps) public pure {
        price = bound(price, 1e6, MAX_PRICE);
        bps = bound(bps, 1, 5000);
        assertLe(PriceLib.toWad(PriceLib.bound(price, bps, true)), price * (1e4 + bps) / 1e4, "not above the bound");
        uint256 down = PriceLib.toWad(PriceLib.bound(price, bps, false));
        assertLt(down, price, "below the mid");
    }

    /* SWAPS */

    /// L = 100, √P₀ = 50: base reserve 100 / 50 = 2. Buying 1 leaves 1: √P₁ = 100, average 50 × 100 = 5000.
    function test_SqrtPriceAfter_BuyHalfOfTheReserve() public pure {
        uint160 start = 50 << 96;
        uint160 end = PriceLib.sqrtPriceAfter(start, 100e18, 1e18, true);
        assertGt(end, 100 << 96, "beyond 100");
        assertApproxEqRel(uint256(end), uint256(100) << 96, 1, "by less than 1e-18");
        assertApproxEqAbs(PriceLib.averagePrice(start, end, 0, true), 5000e18, 1e3, "average of a purchase without fee");
        // 5000 / (1 − 0.0005) = 5002.501250625…
        assertApproxEqAbs(
            PriceLib.averagePrice(start, end, 500, true), 5_002_501_250_625_312_656_328, 1e3, "with 0.05 % fee"
        );
    }

    /// L = 100, √P₀ = 50: selling 2 brings the reserve to 4: √P₁ = 25, average 50 × 25 = 1250.
    function test_SqrtPriceAfter_SellTheReserveAgain() public pure {
        uint160 start = 50 << 96;
        uint160 end = PriceLib.sqrtPriceAfter(start, 100e18, 2e18, false);
        assertLt(end, 25 << 96, "beyond 25");
        assertApproxEqRel(uint256(end), uint256(25) << 96, 1, "by less than 1e-18");
        assertApproxEqAbs(PriceLib.averagePrice(start, end, 0, false), 1250e18, 1e3, "average of a sale without fee");
        // 1250 × 0.9995 = 1249.375
        assertApproxEqAbs(PriceLib.averagePrice(start, end, 500, false), 1249.375e18, 1e3, "with 0.05 % fee");
    }

    function test_SqrtPriceAfter_Extremes() public pure {
        uint160 start = 50 << 96;
        assertEq(PriceLib.sqrtPriceAfter(start, 0, 1e18, true), start, "without liquidity nothing moves");
        assertEq(PriceLib.sqrtPriceAfter(start, 100e18, 2e18, true), PriceLib.MAX_SQRT_PRICE - 1, "all of the reserve");
        assertEq(
            PriceLib.sqrtPriceAfter(start, 1, type(uint128).max, false),
            PriceLib.MIN_SQRT_PRICE + 1,
            "more than any range"
        );
    }

    function testFuzz_SqrtPriceAfter_MoreBaseGoesFurther(uint256 root, uint128 liquidity, uint256 a, uint256 b)
        public
        pure
    {
        uint160 start = uint160(bound(root, 1 << 64, uint256(1) << 140));
        (a, b) = (bound(a, 0, type(uint128).max - 1), bound(b, 0, type(uint128).max - 1));
        (a, b) = a < b ? (a, b) : (b, a);
        assertLe(
            PriceLib.sqrtPriceAfter(start, liquidity, a, true),
            PriceLib.sqrtPriceAfter(start, liquidity, b, true),
            "a larger purchase ends no lower"
        );
        assertGe(
            PriceLib.sqrtPriceAfter(start, liquidity, a, false),
            PriceLib.sqrtPriceAfter(start, liquidity, b, false),
            "a larger sale ends no higher"
        );
    }
}
