// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { ISwapRouter } from "../../interfaces/ISwapRouter.sol";
import { IUniswapV3Pool } from "../../interfaces/external/IUniswapV3Pool.sol";
import { NettingMath } from "../../libraries/NettingMath.sol";
import { PriceLib } from "../../libraries/PriceLib.sol";
import { Market } from "../../types/Market.sol";
import { BaseTest } from "../Base.t.sol";
import { Defaults } from "../utils/Defaults.sol";

/// @notice What PriceLib says about a swap, against the Uniswap V3 pool that makes it.
contract PoolPredictionTest is BaseTest {
    /// @dev Relative distance of the predicted end from the real one, 1e-15.
    uint256 internal constant PRECISION = 1e15;
    /// @dev A pool swaps in steps, each up to a word of the tick bitmap: 256 × 10 ticks, a price ratio of 1.0001^2560 = 1.29.
    ///      Swaps here take four at most. In each the pool rounds input and fee up to a wei of quote, the base down to a wei, and
    ///      the root of its price to 2^-96, which is liquidity / 2^96 of quote.
    uint256 internal constant STEPS = 4;

    function testFuzz_Buy(uint256 history, uint256 base) public {
        _walk(history);
        _checkSwap(bound(base, 1, 2000e18), true);
    }

    function testFuzz_Sell(uint256 history, uint256 base) public {
        _walk(history);
        _checkSwap(bound(base, 1, 2000e18), false);
    }

    /// Dust and whole amounts alike: sizes spread over all magnitudes.
    function testFuzz_AnyMagnitude(uint256 history, uint256 base, uint256 magnitude, bool buys) public {
        _walk(history);
        _checkSwap(bound(base, 1, 10 ** bound(magnitude, 0, 21)), buys);
    }

    /// A larger pool is a finer one: 2^-64 of its price is more base than anywhere else.
    function testFuzz_DeepPool(uint256 history, uint256 base, uint128 more, bool buys) public {
        Market memory market = _market(netted, ETH);
        vm.prank(deployer);
        netted.router.addLiquidity(market, uint128(bound(more, 1, 1e30)));
        _walk(history);
        _checkSwap(bound(base, 1, 2000e18), buys);
    }

    /// @dev Brings the pool to some price first.
    function _walk(uint256 history) private {
        bool buys = history & 1 == 0;
        _swap(bound(history >> 1, 1, 1000e18), buys, buys ? PriceLib.MAX_SQRT_PRICE - 1 : PriceLib.MIN_SQRT_PRICE + 1);
    }

    function _checkSwap(uint256 base, bool buys) private {
        Market memory market = _market(netted, ETH);
        (uint160 start,,,,,,) = IUniswapV3Pool(market.pool).slot0();
        uint256 moved = buys ? base : base * (1e6 - market.fee) / 1e6;
        uint128 liquidity = IUniswapV3Pool(market.pool).liquidity();
        uint160 end = PriceLib.sqrtPriceAfter(start, liquidity, moved, buys);
        uint256 average = PriceLib.averagePrice(start, end, market.fee, buys);

        // The prediction is the swap's limit, as in a settlement.
        ISwapRouter.Swapped memory swapped = _swap(base, buys, end);
        assertEq(swapped.base, base, "a swap that may go as far as predicted goes through whole");
        uint256 beyond = buys ? end - swapped.sqrtPriceX96 : swapped.sqrtPriceX96 - end;
        assertLt(beyond * PRECISION, swapped.sqrtPriceX96, "the prediction is beyond the real end by less than 1e-15");
        uint256 rounding = STEPS * (average / 1e18 + 2 * (1 + (liquidity >> 96)) + 1);
        if (buys) {
            uint256 most = NettingMath.shareUp(base, average, 1e18);
            assertLe(swapped.quote, most + rounding, "a buyer pays no more than predicted");
        } else {
            uint256 least = NettingMath.share(base, average, 1e18);
            assertGe(swapped.quote + rounding, least, "a seller gets no less than predicted");
        }
    }

    function _swap(uint256 base, bool buys, uint160 limit) private returns (ISwapRouter.Swapped memory) {
        Market memory market = _market(netted, ETH);
        vm.prank(address(netted.netting));
        return buys
            ? netted.router.exactOutputExternal(market, base, limit)
            : netted.router.exactInputExternal(market, base, limit);
    }
}
