// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { HashU256Map } from "../arcology/HashU256Map.sol";
import { IMarketRegistry } from "../interfaces/IMarketRegistry.sol";
import { IQueueFactory } from "../interfaces/IQueueFactory.sol";
import { MarketId } from "../types/MarketId.sol";
import { Order } from "../types/Order.sol";
import { QueueAddress } from "./QueueFactory.sol";
import { SwapRequestStore } from "./SwapRequestStore.sol";

/// @notice The queues of an engine, two a market, and the base that waits in each.
abstract contract QueueBook is HashU256Map {
    /// @notice A market's queues exist from now on.
    event QueuesCreated(MarketId indexed market, address buys, address sells);

    /// @dev The totals may fall below what earlier generations left by an order of the same transaction; this keeps them positive.
    uint256 internal constant TOTAL_ZERO = 1 << 128;

    IMarketRegistry public immutable REGISTRY;
    IQueueFactory public immutable QUEUES;

    /// @notice Number of markets with queues.
    uint256 public queuedMarkets;

    constructor(IMarketRegistry registry, IQueueFactory queues) {
        REGISTRY = registry;
        QUEUES = queues;
    }

    /// @notice Creates the queues of the next listed market. Anyone may call it.
    function createQueues() external returns (MarketId id) {
        id = MarketId.wrap(uint16(queuedMarkets++));
        (address buys, address sells) = QUEUES.createQueues(id, REGISTRY.get(id));
        _createTotal(SwapRequestStore(buys).KEY());
        _createTotal(SwapRequestStore(sells).KEY());
        emit QueuesCreated(id, buys, sells);
    }

    /// @notice The queue of one side of a market. An address that follows from the market's index alone: queueing reads no
    ///         slot that anyone writes.
    /// @param buys True for the orders that buy base.
    function queueOf(MarketId id, bool buys) public view returns (SwapRequestStore) {
        return QueueAddress.derive(address(QUEUES), id, buys);
    }

    /// @notice swapTotals: base queued on one side and not settled, by key = hash(pool, tokenIn). WAD.
    function swapTotals(bytes32 key) public view returns (uint256) {
        uint256 total = _get(key);
        return total == 0 ? 0 : total - TOTAL_ZERO;
    }

    /// @dev Appends an order and adds to its side's total. Touches nothing else.
    function _queue(MarketId id, Order memory order) internal {
        SwapRequestStore queue = queueOf(id, order.isBuy());
        if (address(queue).code.length == 0) revert IMarketRegistry.MarketRegistry_UnknownMarket(id);
        _add(queue.pushRequest(order), order.size());
    }

    function _createTotal(bytes32 key) private {
        _init(key, 0, type(uint256).max);
        _add(key, TOTAL_ZERO);
    }
}
