// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { MarketId } from "../types/MarketId.sol";
import { RejectReason } from "../types/RejectReason.sol";

/// @notice The life of an order in events. Every queued order ends in exactly one {OrderSettled} or {OrderRejected}.
/// @dev These two have two indexed arguments: the runtime drops what comes after the third topic of an event that it moves into
///      the order's own receipt.
interface IPerpEvents {
    /// @notice An order was queued. The fill comes later, in {OrderSettled} or {OrderRejected}.
    /// @param orderId Unique id of the order.
    /// @param trader Owner of the position.
    /// @param market Market of the order.
    /// @param isOpen True for an order that opens or extends, false for one that only reduces.
    /// @param isLong Side of the position that it opens or closes. It buys base when `isOpen == isLong`.
    /// @param size Base amount, WAD, > 0.
    /// @param limitPrice Worst price accepted, quote per base, WAD; 0 for none.
    /// @param deadline Last second (unix) at which it may settle; 0 for none.
    /// @param pid Id of the queueing transaction (its hash on Arcology).
    event OrderQueued(
        bytes32 indexed orderId,
        address indexed trader,
        MarketId indexed market,
        bool isOpen,
        bool isLong,
        uint256 size,
        uint256 limitPrice,
        uint256 deadline,
        bytes32 pid
    );

    /// @notice An order was filled, wholly or in part.
    /// @param baseDelta Change of the position's base, WAD; positive bought.
    /// @param quoteDelta Change of the position's quote, WAD; positive received. The average price is -quoteDelta / baseDelta.
    /// @param netted Base that was filled against other orders at the mid price, WAD.
    /// @param pooled Base that was filled by the pool, WAD.
    /// @param cancelled Base that stayed unfilled and was cancelled, WAD.
    /// @param realizedPnl Profit or loss that the fill realised, WAD.
    event OrderSettled(
        bytes32 indexed orderId,
        address indexed trader,
        MarketId market,
        int256 baseDelta,
        int256 quoteDelta,
        uint256 netted,
        uint256 pooled,
        uint256 cancelled,
        int256 realizedPnl
    );

    /// @notice An order ended without a fill.
    event OrderRejected(bytes32 indexed orderId, address indexed trader, MarketId market, RejectReason reason);

    /// @notice A batch of one market was cleared. Base amounts in WAD.
    /// @param midPrice Mid price of the pool when the batch started, WAD.
    /// @param longs Base of all admitted buyers.
    /// @param shorts Base of all admitted sellers.
    /// @param netted Base that nets: min(longs, shorts).
    /// @param pooled Base that the pool took; 0 when it was not touched.
    /// @param poolQuote Quote paid to the pool (buyers' residual) or received from it (sellers' residual), WAD.
    /// @param sqrtPriceX96 Square root of the pool's price after the batch, Q64.96.
    /// @param orders Number of orders in the batch, the rejected included.
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

    /// @notice A liquidation was queued: a forced order that reduces the position of `trader`.
    /// @param isLong Side of the position.
    /// @param size Most base that it closes, WAD; settlement decides how much restores the account.
    event LiquidationQueued(
        bytes32 indexed orderId,
        address indexed trader,
        MarketId indexed market,
        bool isLong,
        uint256 size,
        address keeper,
        bytes32 pid
    );

    /// @notice A liquidation was filled; its fill is in the OrderSettled of the same order. WAD.
    /// @param fee What the account paid.
    /// @param reward What of it the keeper got; the rest went to the insurance fund.
    event Liquidated(
        bytes32 indexed orderId,
        address indexed trader,
        MarketId indexed market,
        address keeper,
        uint256 fee,
        uint256 reward
    );

    /// @notice A taker fee went from the realised profit of `trader`. WAD. Not said when both are 0.
    event FeePaid(
        bytes32 indexed orderId, address indexed trader, MarketId indexed market, uint256 nettedFee, uint256 pooledFee
    );

    /// @notice Funding that was due was booked: `amount` positive from the trader, negative to it. WAD. Not said when 0.
    event FundingPaid(address indexed trader, MarketId indexed market, int256 amount);

    /// @notice Collateral was paid in. `amount` in units of the token.
    event Deposited(address indexed trader, uint256 amount);

    /// @notice Collateral was paid out. `amount` in units of the token.
    event Withdrawn(address indexed trader, uint256 amount);
}
