// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IQueueFactory } from "../interfaces/IQueueFactory.sol";
import { Market } from "../types/Market.sol";
import { MarketId } from "../types/MarketId.sol";
import { SwapRequestStore } from "./SwapRequestStore.sol";
import { LibRLP } from "solady/utils/LibRLP.sol";

/// @notice Where a queue is: a function of its factory and its market alone, so that queueing reads no slot that anyone writes.
library QueueAddress {
    /// @param buys True for the orders that buy base.
    function derive(address factory, MarketId id, bool buys) internal pure returns (SwapRequestStore) {
        // The factory creates nothing but queues, two a market; a contract's nonce starts at 1 (EIP-161).
        uint256 nonce = 1 + 2 * uint256(MarketId.unwrap(id)) + (buys ? 0 : 1);
        return SwapRequestStore(LibRLP.computeAddress(factory, nonce));
    }
}

/// @notice Creates the queues of one engine.
abstract contract QueueFactory is IQueueFactory {
    /// @notice The engine.
    address public immutable ENGINE;

    QueueParameters internal _parameters;

    constructor(address engine) {
        ENGINE = engine;
    }

    /// @inheritdoc IQueueFactory
    function createQueues(MarketId id, Market calldata market) external returns (address buys, address sells) {
        if (msg.sender != ENGINE) revert QueueFactory_Unauthorized(msg.sender);
        buys = _create(id, true, QueueParameters(ENGINE, market.pool, market.quoteToken, market.baseToken, market.fee));
        sells =
            _create(id, false, QueueParameters(ENGINE, market.pool, market.baseToken, market.quoteToken, market.fee));
        delete _parameters;
    }

    /// @inheritdoc IQueueFactory
    function queueParameters() external view returns (QueueParameters memory) {
        return _parameters;
    }

    function _create(MarketId id, bool buys, QueueParameters memory parameters) private returns (address queue) {
        _parameters = parameters;
        queue = _newQueue();
        address expected = address(QueueAddress.derive(address(this), id, buys));
        if (queue != expected) revert QueueFactory_Misplaced(queue, expected);
    }

    /// @dev A new queue; it takes its parameters from {queueParameters}.
    function _newQueue() internal virtual returns (address);
}
