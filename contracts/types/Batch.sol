// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Order } from "./Order.sol";

/// @notice The orders of one market that settle together, as settlement works on them in memory.
struct Batch {
    /// Buyers first, then sellers.
    Order[] orders;
    /// How many of them buy.
    uint256 buyers;
    /// Base that may fill, by order: its size, less what a reduce-only cap took; 0 when rejected. WAD.
    uint256[] admitted;
    /// How far the residual may move the pool, beside the bound around its own price; 0 for no more than that. WAD.
    uint256 lowestPrice;
    uint256 highestPrice;
}

/// @notice How a batch clears: the prices and fractions every fill is computed from. Base amounts and prices in WAD.
struct Clearing {
    /// Mid price when the batch started.
    uint256 midPrice;
    /// Base of the admitted buyers and sellers.
    uint256 longs;
    uint256 shorts;
    /// Average price that the residual swap reaches at worst: orders whose limit is worse are left out of it.
    uint256 residualPrice;
    /// Where that swap stops at the latest.
    uint160 sqrtPriceLimitX96;
    /// Base of the larger side's orders that share the residual swap.
    uint256 sharers;
    /// Base that the pool gave or took, and the quote for it.
    uint256 pooled;
    uint256 poolQuote;
    /// Root of the pool's price after the swap.
    uint160 sqrtPriceX96;
    /// True when the pool gave all that was asked, so that every sharer fills whole.
    bool whole;
    /// Under Allocation.Fifo: base of the larger side that still nets with the fills to come.
    uint256 fifoLeft;
}
