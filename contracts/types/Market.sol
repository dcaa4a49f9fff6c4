// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice A listed market. Everything here is fixed at listing.
struct Market {
    /// Uniswap V3 pool of (baseToken, quoteToken); baseToken is its token0.
    address pool;
    /// Virtual base token, 18 decimals.
    address baseToken;
    /// Virtual quote token, 18 decimals.
    address quoteToken;
    /// Positions of this market.
    address tracker;
    /// Fee of the pool in hundredths of a bip (1e-6).
    uint24 fee;
    /// How far one batch's swap may move the pool's price at most, in bps of the mid price. The mark may bound it further.
    uint16 maxPriceMoveBps;
    /// Who nets first on the larger side.
    Allocation allocation;
}

/// @notice How the larger side of a batch shares what nets.
enum Allocation {
    /// Every order nets the same fraction. A permutation of the batch changes nothing.
    Uniform,
    /// Queue order: the first nets in full, the last goes to the pool.
    Fifo
}
