// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Order } from "../types/Order.sol";
import { SwapRequestStore } from "./SwapRequestStore.sol";

/// @notice The entries of one queue that a settlement looks at: those of whole blocks.
struct QueueSpan {
    SwapRequestStore queue;
    /// Entries that the settlement sees.
    uint256 length;
    /// The first that it looks at, and the one behind the last.
    uint256 first;
    uint256 end;
    /// Whether orders stand in the queue that come later than those it takes.
    bool holdsLater;
}

using QueueSpanLib for QueueSpan global;

library QueueSpanLib {
    /// @param deferred Whether entries of the running generation count.
    function open(SwapRequestStore queue, bool deferred) internal view returns (QueueSpan memory span) {
        span.queue = queue;
        // The committed length conflicts with no append. The deferred transaction runs alone and must see its own order too.
        span.length = deferred ? queue.fullLength() : queue.committedLength();
    }

    /// @notice All from a block on.
    function startAt(QueueSpan memory span, uint256 blockNumber) internal view {
        span.first = span.queue.firstOfBlock(blockNumber, span.length);
        span.end = span.length;
    }

    /// @notice None behind a block.
    function endWith(QueueSpan memory span, uint256 blockNumber) internal view {
        span.end = span.queue.firstOfBlock(blockNumber + 1, span.length);
    }

    /// @notice Number of entries in the span.
    function entries(QueueSpan memory span) internal pure returns (uint256) {
        return span.end - span.first;
    }

    /// @notice The first block in the span in which anything was queued; beyond all blocks where there is none.
    function oldestBlock(QueueSpan memory span) internal view returns (uint256) {
        if (span.first == span.end) return type(uint256).max >> 1;
        return span.queue.getOrder(span.first).sequence() >> 1;
    }

    /// @notice The orders of the span, of sequences beyond `cutoff` and up to `upTo`, and where each stands.
    function load(QueueSpan memory span, uint256 cutoff, uint256 upTo)
        internal
        view
        returns (Order[] memory orders, uint256[] memory indexes)
    {
        uint256 later;
        (orders, indexes, later) = span.queue.loadRange(span.first, span.end, cutoff, upTo);
        span.holdsLater = later != 0 || span.end < span.length;
    }
}
