// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice Why settlement did not fill an order.
enum RejectReason {
    None,
    /// The deadline had passed when the batch was settled.
    Expired,
    /// The mid price of the batch is already beyond the order's limit.
    LimitPrice,
    /// The trader's equity does not carry the order at the worst price it accepts.
    MarginTooLow,
    /// A close order without an opposite position.
    NothingToClose,
    /// Nothing nets against it and the pool gives nothing within the price bounds.
    NoLiquidity,
    /// The market takes no such order now, or its index price does not stand.
    MarketClosed,
    /// An order that opens is smaller than the market's least size.
    TooSmall,
    /// The market's open interest or skew has no room for it.
    OpenInterest,
    /// A liquidation of an account that is not below its maintenance margin, or that another one of the batch restores.
    NotLiquidatable,
    /// A signed order whose nonce is used or cancelled.
    NonceUsed
}
