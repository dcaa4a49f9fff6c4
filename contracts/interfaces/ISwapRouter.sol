// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Market } from "../types/Market.sol";

/// @notice The one place that swaps with a Uniswap V3 pool.
interface ISwapRouter {
    /// @notice What a swap moved. Base and quote in wei of the tokens.
    struct Swapped {
        uint256 base;
        uint256 quote;
        /// Root of the pool's price after the swap.
        uint160 sqrtPriceX96;
    }

    /// @notice Thrown when anyone but the owner of the router swaps.
    error SwapRouter_Unauthorized(address caller);
    /// @notice Thrown when a callback comes from anything but the pool that is being swapped with.
    error SwapRouter_NotThePool(address caller);

    /// @notice Sells base to the pool, up to a price.
    /// @param base Base to sell, wei.
    /// @param sqrtPriceLimitX96 Where the pool's price stops at the latest.
    function exactInputExternal(Market calldata market, uint256 base, uint160 sqrtPriceLimitX96)
        external
        returns (Swapped memory);

    /// @notice Buys base from the pool, up to a price.
    /// @param base Base to buy, wei.
    /// @param sqrtPriceLimitX96 Where the pool's price stops at the latest.
    function exactOutputExternal(Market calldata market, uint256 base, uint160 sqrtPriceLimitX96)
        external
        returns (Swapped memory);
}
