// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IMarketRegistry } from "../interfaces/IMarketRegistry.sol";
import { IQueueFactory } from "../interfaces/IQueueFactory.sol";
import { MarketId } from "../types/MarketId.sol";
import { QueueBook } from "./QueueBook.sol";
import { QueueSpanLib } from "./QueueSpan.sol";
import { SwapRequestStore } from "./SwapRequestStore.sol";
import { Progress, Work } from "./Work.sol";
import { FixedPointMathLib } from "solady/utils/FixedPointMathLib.sol";

/// @notice Reads the batches that a settlement takes up: as many as it has the gas to bring to their prices, and no more.
/// @dev In two steps, because what judging orders costs is known when they are read, and not before: a batch is read on the reckoning that
///      an order costs `clearGas`, then what judging reads beyond that is asked for, and what the gas does not suffice for is left.
/// @dev In turn: each block begins with another market, and a keeper's settlement ends with the first that it cannot afford. So
///      who gives it little gas chooses how many markets it serves, never which. The deferred transaction, whose gas its callers
///      prepaid, goes on with others.
abstract contract BatchLoader is QueueBook {
    uint256 internal immutable _MARKET_GAS;
    uint256 internal immutable _CLEAR_GAS;

    /// @notice Settlement state by market.
    mapping(MarketId market => Progress progress) public progressOf;
    /// @dev Markets whose batch may be half settled; their progress says whether it is.
    uint256 internal _inProgress;

    /// @param marketGas Gas of a market: its swap, its queues, and what is left over for returning.
    /// @param clearGas Gas of an order: to read and admit it, and to store that for later.
    constructor(IMarketRegistry registry, IQueueFactory queues, uint256 marketGas, uint256 clearGas)
        QueueBook(registry, queues)
    {
        _MARKET_GAS = marketGas;
        _CLEAR_GAS = clearGas;
    }

    /// @notice What a market's queues hold that has not ended. Loops over it: for off-chain use.
    /// @return orders Number of orders.
    /// @return longs Base of the buyers, by their totals. WAD.
    /// @return shorts Base of the sellers, by their totals. WAD.
    function pendingOf(MarketId id) external view returns (uint256 orders, uint256 longs, uint256 shorts) {
        SwapRequestStore buys = queueOf(id, true);
        SwapRequestStore sells = queueOf(id, false);
        uint256 cutoff = progressOf[id].cutoff;
        orders = buys.pending(cutoff) + sells.pending(cutoff) - progressOf[id].cursor;
        (longs, shorts) = (swapTotals(buys.KEY()), swapTotals(sells.KEY()));
    }

    /// @dev Bitmap of the markets whose batch is half settled.
    function _begun() internal view returns (uint256 bitmap) {
        bitmap = _inProgress;
        for (uint256 i; bitmap >> i != 0; ++i) {
            if (bitmap >> i & 1 != 0 && progressOf[MarketId.wrap(uint16(i))].upTo == 0) bitmap ^= 1 << i;
        }
    }

    /// @dev True for a batch that an earlier transaction cleared.
    function _isCleared(Work memory work) internal view returns (bool) {
        return progressOf[work.id].upTo != 0;
    }

    /// @dev Gas that judging the orders of each batch takes beyond `clearGas` an order, and beyond what the batches before it take.
    function _readGas(Work[] memory works) internal view virtual returns (uint256[] memory);

    /* LOADING */

    /// @dev The batches to settle, in the order of their markets. While one is half settled no other begins: the margin of its orders is
    ///      spoken for, yet not to be seen in any position.
    function _loadAll(bool deferred) internal returns (Work[] memory works) {
        uint256 begun = _begun();
        works = _loadInTurn(begun, deferred);
        if (begun == 0) _keepAffordable(works, deferred);
        // From their turns back to the order of their markets, where the last begin again with the first.
        for (uint256 i = 1; i < works.length; ++i) {
            Work memory work = works[i];
            uint256 place = i;
            for (; place != 0 && MarketId.unwrap(works[place - 1].id) > MarketId.unwrap(work.id); --place) {
                works[place] = works[place - 1];
            }
            works[place] = work;
        }
    }

    /// @dev Reads batches on the reckoning of `clearGas` an order.
    function _loadInTurn(uint256 begun, bool deferred) private returns (Work[] memory works) {
        uint256 markets = queuedMarkets;
        works = new Work[](markets);
        uint256 count;
        uint256 reserved;
        for (uint256 i; i < markets && gasleft() > reserved + _MARKET_GAS; ++i) {
            uint256 market = (block.number + i) % markets;
            if (begun != 0 && begun >> market & 1 == 0) continue;
            Work memory work = works[count];
            (work.id, work.deferred) = (MarketId.wrap(uint16(market)), deferred);
            bool isShort = _load(work, reserved);
            if (work.count() != 0) {
                reserved += _gasOfRead(work);
                ++count;
            }
            if (isShort && !deferred && begun == 0) break;
        }
        _cut(works, count);
    }

    /// @dev Keeps the batches whose orders this transaction has the gas to judge too: whole, or those of the oldest block that has any.
    function _keepAffordable(Work[] memory works, bool deferred) private view {
        while (works.length != 0) {
            uint256 beyond = _firstBeyond(works);
            if (beyond == works.length) return;
            if (works[beyond].keepOldest()) continue;
            if (!deferred) return _cut(works, beyond);
            for (uint256 i = beyond + 1; i < works.length; ++i) {
                works[i - 1] = works[i];
            }
            _cut(works, works.length - 1);
        }
    }

    /// @dev The first of the batches that the gas does not suffice for; their number when there is none.
    function _firstBeyond(Work[] memory works) private view returns (uint256 i) {
        uint256 count;
        for (; i < works.length; ++i) {
            count += works[i].count();
        }
        // Counting what orders read is a small part of what clearing them may cost.
        if (gasleft() < _MARKET_GAS + count * _CLEAR_GAS / 8) return 0;
        uint256[] memory reading = _readGas(works);
        uint256 reserved;
        for (i = 0; i < works.length; ++i) {
            reserved += _gasOfRead(works[i]) + reading[i];
            if (gasleft() <= reserved) return i;
        }
    }

    /// @dev Reads a market's batch; it stays empty when there is nothing to do.
    /// @param reserved Gas that the markets read before this one have to have left.
    /// @return isShort True when there is something to do, and not the gas to do it.
    function _load(Work memory work, uint256 reserved) private returns (bool isShort) {
        work.buys = QueueSpanLib.open(queueOf(work.id, true), work.deferred);
        work.sells = QueueSpanLib.open(queueOf(work.id, false), work.deferred);
        if (work.buys.length + work.sells.length == 0) return false;

        Progress memory progress = progressOf[work.id];
        work.cursor = progress.cursor;
        // The first block that can hold orders after the cutoff: an odd cutoff has ended all of its block.
        work.buys.startAt((uint256(progress.cutoff) + 1) >> 1);
        work.sells.startAt((uint256(progress.cutoff) + 1) >> 1);
        isShort = progress.upTo == 0 ? _choose(work, progress.cutoff, reserved) : _resume(work, progress, reserved);
        if (work.upTo <= progress.cutoff) return isShort;
        work.load(progress.cutoff);
        if (work.count() == 0) {
            // No order has such a sequence any more. Where this write is lost, the next settlement finds the same.
            progressOf[work.id].cutoff = uint48(work.upTo);
            return false;
        }
        work.market = REGISTRY.get(work.id);
        work.midPrice = REGISTRY.midPrice(work.id);
    }

    /// @dev Chooses how far a new batch goes: as far as a settlement may now, or to the end of the oldest block that has any orders, or
    ///      nowhere (`upTo` is the cutoff). Queueing a block's orders costs more gas than clearing them, so what a block could
    ///      queue a transaction of the block's size can clear.
    function _choose(Work memory work, uint256 cutoff, uint256 reserved) private view returns (bool isShort) {
        work.upTo = work.deferred ? block.number << 1 : (block.number << 1) - 1;
        if (_canClear(work.entries(), reserved)) return false;
        uint256 oldest = FixedPointMathLib.min(work.buys.oldestBlock(), work.sells.oldestBlock());
        uint256 last = FixedPointMathLib.min((oldest << 1) + 1, work.upTo);
        work.upTo = cutoff;
        // What there is was queued in this block, and is for the next one's.
        if (oldest > last >> 1) return false;
        work.buys.endWith(oldest);
        work.sells.endWith(oldest);
        if (!_canClear(work.entries(), reserved)) return true;
        work.upTo = last;
    }

    /// @dev Goes on with a batch that is half settled. Of what was queued since, only the rest of its last block is looked at.
    function _resume(Work memory work, Progress memory progress, uint256 reserved) private view returns (bool isShort) {
        work.buys.endWith(progress.upTo >> 1);
        work.sells.endWith(progress.upTo >> 1);
        uint256 others = FixedPointMathLib.zeroFloorSub(work.entries(), progress.count);
        isShort = !_canClear(progress.count, reserved + others * _CLEAR_GAS / 4);
        work.upTo = isShort ? progress.cutoff : progress.upTo;
    }

    /// @dev Whether the gas suffices to read, judge and clear so many orders, without what judging them reads.
    function _canClear(uint256 count, uint256 reserved) private view returns (bool) {
        return gasleft() > reserved + _MARKET_GAS + count * _CLEAR_GAS;
    }

    function _cut(Work[] memory works, uint256 count) private pure {
        assembly ("memory-safe") {
            mstore(works, count)
        }
    }

    /// @dev Gas that a batch needs once it is read. A quarter of an order's is for that.
    function _gasOfRead(Work memory work) private view returns (uint256) {
        return _MARKET_GAS + work.count() * _CLEAR_GAS * 3 / 4;
    }
}
