// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IUniswapV3Factory } from "../../../interfaces/external/IUniswapV3Factory.sol";
import { IUniswapV3Pool } from "../../../interfaces/external/IUniswapV3Pool.sol";
import { PriceLib } from "../../../libraries/PriceLib.sol";
import { TickLib } from "../../../libraries/TickLib.sol";
import { Test } from "forge-std/Test.sol";

/// @notice Ticks by themselves, and against the pool that defines them.
contract TickLibTest is Test {
    int24 internal constant LAST = 887_272;

    IUniswapV3Pool internal pool;
    IUniswapV3Pool internal other;

    function setUp() public {
        IUniswapV3Factory factory = IUniswapV3Factory(
            deployCode("node_modules/@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json")
        );
        pool = IUniswapV3Pool(factory.createPool(address(1), address(2), 500));
        other = IUniswapV3Pool(factory.createPool(address(1), address(2), 3000));
    }

    /// 1.0001^t to 60 digits, × 10^18, rounded.
    function test_ToWad_KnownTicks() public pure {
        assertEq(TickLib.toWad(0), 1e18, "tick 0 is 1");
        assertEq(TickLib.toWad(1), 1_000_100_000_000_000_000, "tick 1 is 1.0001");
        assertEq(TickLib.toWad(-1), 999_900_009_999_000_100, "tick -1 is its inverse");
        assertEq(TickLib.toWad(100), 1_010_049_662_092_876_569, "tick 100");
        assertApproxEqRel(TickLib.toWad(76_012), 1_999_835_018_391_808_649_836, 1, "the tick of 2000");
        assertApproxEqAbs(TickLib.toWad(-76_012), 500_041_248_804_695, 1, "and its inverse");
    }

    function test_ToSqrtPriceX96_TheOutermostTicks() public pure {
        assertApproxEqRel(TickLib.toSqrtPriceX96(-LAST), PriceLib.MIN_SQRT_PRICE, 1e9, "the lowest");
        assertApproxEqRel(TickLib.toSqrtPriceX96(LAST), PriceLib.MAX_SQRT_PRICE, 1e9, "the highest");
    }

    /// Neighbouring roots are 2^-14 of themselves apart. 2^-31 above the root of a tick the pool is in that tick, 2^-31 below it in
    /// the one before.
    function testFuzz_ToSqrtPriceX96_IsWhereThePoolChangesItsTick(int24 tick) public {
        tick = int24(bound(tick, -LAST + 1, LAST - 1));
        uint160 root = TickLib.toSqrtPriceX96(tick);
        pool.initialize(root + (root >> 31) + 1);
        other.initialize(root - (root >> 31) - 1);
        (, int24 above,,,,,) = pool.slot0();
        (, int24 below,,,,,) = other.slot0();
        assertEq(above, tick, "the tick starts at its root");
        assertEq(below, tick - 1, "and not before");
    }

    function test_MeanTick_RoundsDown() public pure {
        assertEq(TickLib.meanTick(0, 29, 10), 2, "2.9 is 2");
        assertEq(TickLib.meanTick(0, -29, 10), -3, "-2.9 is -3");
        assertEq(TickLib.meanTick(5, -25, 10), -3, "-3 is -3");
        assertEq(TickLib.meanTick(-7, -7, 10), 0, "no move is 0");
    }

    /// 200 s at 76,020 and 700 s at 75,000: (200 × 76,020 + 700 × 75,000) ÷ 900 = 75,226.7.
    function test_MeanTick_WeighsBySeconds() public pure {
        assertEq(TickLib.meanTick(1000, 1000 + 200 * 76_020 + 700 * 75_000, 900), 75_226, "the mean");
    }

    /// The accumulators of a pool overflow, and go on from the other end.
    function test_MeanTick_AcrossTheEndOfTheAccumulator() public pure {
        assertEq(TickLib.meanTick(type(int56).max - 9, type(int56).min + 20, 10), 3, "30 in 10 seconds");
        assertEq(TickLib.meanTick(type(int56).min + 9, type(int56).max - 20, 10), -3, "downwards");
    }

    function testFuzz_MeanTick_OfASteadyTickIsIt(int24 tick, uint32 elapsed, int56 older) public pure {
        tick = int24(bound(tick, -LAST, LAST));
        elapsed = uint32(bound(elapsed, 1, 1 << 31));
        int56 newer;
        unchecked {
            newer = older + tick * int56(uint56(elapsed));
        }
        assertEq(TickLib.meanTick(older, newer, elapsed), tick, "the tick itself");
    }
}
