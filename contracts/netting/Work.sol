// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Batch } from "../types/Batch.sol";
import { Market } from "../types/Market.sol";
import { MarketId } from "../types/MarketId.sol";
import { Order } from "../types/Order.sol";
import { QueueSpan } from "./QueueSpan.sol";
import { FixedPointMathLib } from "solady/utils/FixedPointMathLib.sol";

/// @notice How far a market's settlement has come. One slot.
struct Progress {
    /// Orders up to this sequence have ended.
    uint48 cutoff;
    /// Last sequence of the batch that is half settled; 0 when none is.
    uint48 upTo;
    /// Orders of that batch that have ended, and all it has.
    uint32 cursor;
    uint32 count;
}

/// @notice One market's part of a settlement.
struct Work {
    MarketId id;
    Market market;
    Batch batch;
    /// Where each order stands in its queue.
    uint256[] indexes;
    uint256 midPrice;
    /// True in the deferred transaction.
    bool deferred;
    uint256 upTo;
    /// Orders that earlier transactions ended.
    uint256 cursor;
    /// What it sees of either queue.
    QueueSpan buys;
    QueueSpan sells;
}

using WorkLib for Work global;

library WorkLib {
    /// @notice Number of orders.
    function count(Work memory work) internal pure returns (uint256) {
        return work.batch.orders.length;
    }

    /// @notice Number of entries that it looks at.
    function entries(Work memory work) internal pure returns (uint256) {
        return work.buys.entries() + work.sells.entries();
    }

    /// @notice Reads the orders of its spans.
    function load(Work memory work, uint256 cutoff) internal view {
        (Order[] memory buyers, uint256[] memory buyIndexes) = work.buys.load(cutoff, work.upTo);
        (Order[] memory sellers, uint256[] memory sellIndexes) = work.sells.load(cutoff, work.upTo);
        uint256 total = buyers.length + sellers.length;
        work.batch = Batch(new Order[](total), buyers.length, new uint256[](total), 0, 0);
        work.indexes = new uint256[](total);
        for (uint256 i; i < total; ++i) {
            bool isBuyer = i < buyers.length;
            work.batch.orders[i] = isBuyer ? buyers[i] : sellers[i - buyers.length];
            work.indexes[i] = isBuyer ? buyIndexes[i] : sellIndexes[i - buyers.length];
        }
    }

    /// @notice Leaves of a new batch the orders of its oldest block. False when it has no others.
    function keepOldest(Work memory work) internal pure returns (bool) {
        Batch memory batch = work.batch;
        uint256 total = batch.orders.length;
        uint256 last = type(uint256).max;
        for (uint256 i; i < total; ++i) {
            last = FixedPointMathLib.min(last, batch.orders[i].sequence() | 1);
        }
        uint256 kept;
        uint256 buyers;
        for (uint256 i; i < total; ++i) {
            bool isBuyer = i < batch.buyers;
            if (batch.orders[i].sequence() > last) {
                (isBuyer ? work.buys : work.sells).holdsLater = true;
                continue;
            }
            if (isBuyer) ++buyers;
            (batch.orders[kept], work.indexes[kept]) = (batch.orders[i], work.indexes[i]);
            ++kept;
        }
        if (kept == total) return false;
        (batch.buyers, work.upTo) = (buyers, last);
        _cut(batch, work.indexes, kept);
        return true;
    }

    function _cut(Batch memory batch, uint256[] memory indexes, uint256 kept) private pure {
        Order[] memory orders = batch.orders;
        uint256[] memory admitted = batch.admitted;
        assembly ("memory-safe") {
            mstore(orders, kept)
            mstore(admitted, kept)
            mstore(indexes, kept)
        }
    }
}
