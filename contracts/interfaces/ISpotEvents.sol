// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { MarketId } from "../types/MarketId.sol";
import { RejectReason } from "../types/RejectReason.sol";

/// @notice The life of a swap request in events. Every queued one ends in exactly one {SwapSettled} or {SwapRejected}.
/// @dev Amounts in wei of their token; prices in WAD: quote wei per base wei × 1e18, whatever the tokens' decimals.
/// @dev The last two have two indexed arguments: the runtime drops what comes after the third topic of an event that it moves into
///      the request's own receipt.
interface ISpotEvents {
    /// @notice A request was queued and its escrow taken. The fill comes later, in {SwapSettled} or {SwapRejected}.
    /// @param orderId Unique id of the request.
    /// @param buys True when it buys base for quote.
    /// @param size Base, > 0.
    /// @param limitPrice Worst price accepted; 0 for none (sellers only).
    /// @param deadline Last second (unix) at which it may settle; 0 for none.
    /// @param pid Id of the queueing transaction (its hash on Arcology).
    event SwapQueued(
        bytes32 indexed orderId,
        address indexed trader,
        MarketId indexed market,
        bool buys,
        uint256 size,
        uint256 limitPrice,
        uint256 deadline,
        bytes32 pid
    );

    /// @notice A request was filled, wholly or in part. What it got and what is left of its escrow can be claimed.
    /// @param baseDelta Base bought (positive) or sold. 0 for a buyer whose share of the pool's base was less than 1 wei.
    /// @param quoteDelta Quote received (positive) or paid. The average price is -quoteDelta / baseDelta.
    /// @param netted Base that was filled against other requests at the mid price.
    /// @param pooled Base that was filled by the pool.
    /// @param cancelled Base that stayed unfilled.
    event SwapSettled(
        bytes32 indexed orderId,
        address indexed trader,
        MarketId market,
        int256 baseDelta,
        int256 quoteDelta,
        uint256 netted,
        uint256 pooled,
        uint256 cancelled
    );

    /// @notice A request ended without a fill. All of its escrow can be claimed.
    event SwapRejected(bytes32 indexed orderId, address indexed trader, MarketId market, RejectReason reason);

    /// @notice A batch of one market was cleared.
    /// @param midPrice Mid price of the pool when the batch started.
    /// @param longs Base of all admitted buyers.
    /// @param shorts Base of all admitted sellers.
    /// @param netted Base that nets: min(longs, shorts).
    /// @param pooled Base that the pool took or gave; 0 when it was not touched.
    /// @param poolQuote Quote paid to the pool (buyers' residual) or received from it (sellers' residual).
    /// @param sqrtPriceX96 Square root of the pool's price after the batch, Q64.96.
    /// @param orders Number of requests in the batch, the rejected included.
    event BatchCleared(
        MarketId indexed market,
        uint256 midPrice,
        uint256 longs,
        uint256 shorts,
        uint256 netted,
        uint256 pooled,
        uint256 poolQuote,
        uint160 sqrtPriceX96,
        uint256 orders
    );

    /// @notice A trader took out what settlements had credited to it.
    event Claimed(address indexed trader, address indexed token, uint256 amount);
}
