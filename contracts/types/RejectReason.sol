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
    NoLiquidity
}
