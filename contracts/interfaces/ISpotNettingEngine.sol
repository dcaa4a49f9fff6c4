// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { MarketId } from "../types/MarketId.sol";
import { INettingEngine } from "./INettingEngine.sol";
import { ISpotEvents } from "./ISpotEvents.sol";

/// @notice The door of the spot side: swaps of ERC-20 pairs that net against each other before they touch a pool.
/// @dev Amounts in wei of their token; prices in WAD: quote wei per base wei × 1e18, whatever the tokens' decimals. Base is the pool's
///      token0, quote its token1.
/// @dev Warning: for plain ERC-20 tokens. One that takes a fee on transfers, or changes balances by itself, leaves the escrow short.
/// @dev Warning: markets settle in one transaction. A token that refuses transfers to or from its pool holds up all markets of the
///      engine until it stops to; traders who do not trust a token should not share an engine with it.
interface ISpotNettingEngine is INettingEngine, ISpotEvents {
    /// @notice Thrown for a request of nothing.
    error SpotNettingEngine_ZeroSize();
    /// @notice Thrown for a request larger than the queue can carry.
    error SpotNettingEngine_SizeTooLarge(uint256 size, uint256 max);
    /// @notice Thrown for a buyer without a limit: it is what the escrow is computed from.
    error SpotNettingEngine_LimitMissing();
    /// @notice Thrown for a limit price larger than the queue can carry.
    error SpotNettingEngine_LimitTooLarge(uint256 limitPrice, uint256 max);
    /// @notice Thrown when the deadline has passed or cannot be represented.
    error SpotNettingEngine_Expired(uint256 deadline, uint256 timestamp);
    /// @notice Thrown when a contract calls what is for externally owned accounts alone.
    error SpotNettingEngine_OnlyOrigin(address caller);

    /// @notice Takes the escrow of a swap and queues it; settles in this block's deferred transaction, or in {netAndExecuteSwaps}.
    ///         Approve the engine for the token that is sold first: base for a seller, quote for a buyer.
    /// @dev Externally owned accounts only. Reads and writes, beyond the queue's commutative state, the token alone. With a token whose
    ///      balances are commutative (ParallelERC20) and an unlimited allowance, no two calls conflict. A plain ERC-20 has one
    ///      slot for the escrow: calls that sell it run one after the other, and the runtime stops deferring the function;
    ///      {netAndExecuteSwaps} then settles.
    /// @param market Market index.
    /// @param buys True to buy base for quote, false to sell base for quote.
    /// @param size Base, 1 to 2^96 − 1.
    /// @param limitPrice Worst price accepted, 1 to 2^128 − 1. A seller may give 0 for none. Warning: anyone can move the pool's
    ///        price before a settlement; the limit is what protects.
    /// @param deadline Last unix second at which it may settle, up to 2^40 − 1; 0 for none.
    function queueSwapRequest(MarketId market, bool buys, uint256 size, uint256 limitPrice, uint256 deadline) external;

    /// @notice Settles what earlier blocks left in the queues. Any externally owned account; with nothing left it does nothing.
    /// @dev Once a block: behind one that ended requests or began to, the others of the block do nothing.
    /// @dev No contracts: one could move the pool's price, settle, and move it back, all without risk.
    /// @return ended Number of requests that came to their end.
    function netAndExecuteSwaps() external returns (uint256 ended);

    /// @notice Pays out all that settlements credited to the caller of one token: fills, and what is left of escrows. Any caller.
    /// @return amount What was paid, > 0.
    function claim(address token) external returns (uint256 amount);

    /// @notice What `trader` can claim of `token`.
    function claimable(address token, address trader) external view returns (uint256);

    /// @notice What a request must put up: a seller its size of base; a buyer, of quote, its size at its limit, and in addition
    ///         what a pool's rounding can cost at most. What is not spent comes back.
    function escrowOf(bool buys, uint256 size, uint256 limitPrice) external pure returns (uint256);
}
