// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice One trader's position in one market. WAD, signed.
struct Position {
    /// Base: positive long, negative short.
    int128 base;
    /// Quote that the open base cost (negative) or brought (positive).
    int128 quote;
    /// Profit and loss of all that was closed, ever, less fees and funding paid.
    int128 realizedPnl;
    /// The part of realizedPnl that has moved into the vault.
    int128 settledPnl;
    /// The market's funding index when the position was last touched: quote a base, WAD.
    int256 fundingIndex;
}
