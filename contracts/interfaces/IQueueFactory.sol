// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Market } from "../types/Market.sol";
import { MarketId } from "../types/MarketId.sol";

/// @notice Creates the queues of an engine, in the order of the markets, so that a queue's address follows from its market.
interface IQueueFactory {
    /// @notice What a queue is for.
    struct QueueParameters {
        /// The engine that alone writes it.
        address engine;
        address pool;
        address tokenIn;
        address tokenOut;
        /// Fee of the pool, 1e-6.
        uint24 fee;
    }

    /// @notice Thrown when anyone but the engine creates.
    error QueueFactory_Unauthorized(address caller);
    /// @notice Thrown when a queue did not get the address that orders look for it at.
    error QueueFactory_Misplaced(address queue, address expected);

    /// @notice Creates both queues of the next market. Only the engine.
    function createQueues(MarketId id, Market calldata market) external returns (address buys, address sells);

    /// @notice The market side that the queue under construction is for.
    /// @dev Asked by its constructor. Constructor arguments would do as well, but then each queue had its own creation code.
    function queueParameters() external view returns (QueueParameters memory);
}
