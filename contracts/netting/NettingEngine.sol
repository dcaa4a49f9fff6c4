// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { HashU256Map } from "../arcology/HashU256Map.sol";
import { Multiprocess } from "../arcology/Multiprocess.sol";
import { Runtime } from "../arcology/Runtime.sol";
import { IMarketRegistry } from "../interfaces/IMarketRegistry.sol";
import { INetting } from "../interfaces/INetting.sol";
import { INettingEngine } from "../interfaces/INettingEngine.sol";
import { IQueueFactory } from "../interfaces/IQueueFactory.sol";
import { NettingMath } from "../libraries/NettingMath.sol";
import { Batch, Clearing } from "../types/Batch.sol";
import { Market } from "../types/Market.sol";
import { MarketId } from "../types/MarketId.sol";
import { Order, OrderLib } from "../types/Order.sol";
import { QueueAddress } from "./QueueFactory.sol";
import { SwapRequestStore } from "./SwapRequestStore.sol";
import { FixedPointMathLib } from "solady/utils/FixedPointMathLib.sol";

/// @notice Queues orders in parallel and settles them once, market by market.
/// @dev Exactly once, whatever the scheduler does: an order carries its sequence, settlement takes those above the market's
///      `cutoff` and moves it up, and the slot of the cutoff is touched by settlement alone. Clearing a queue is thus
///      house-keeping, not what exactness rests on.
/// @dev Of the calls that the runtime runs in one sequence a later one that only reads a slot can lose an earlier one's write. Two
///      settlements by keepers are such calls, and a settlement reads far more than it could write back: positions, balances,
///      nonces, indexes. So one of them a block does the work, and those behind it touch nothing but the slot that tells them so. The
///      deferred transaction has a generation to itself, and needs no turn.
/// @dev Warning: who wants to slow keepers down can take the turn of a block, by sending the first settlement in it. Only one
///      that ended orders, or admitted a batch, has the turn: it must itself have done a real part of what was to do.
///      The deferred transaction of the block goes on as ever.
/// @dev Sequences: 2 × block for an order that the block's deferred transaction sees, 2 × block + 1 for any other, because
///      those may run after the deferred transaction of their block.
abstract contract NettingEngine is HashU256Map, INettingEngine {
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

    /// @notice What a deployment chooses. Gas figures are upper bounds of what settlement uses on its chain: it stops in time by them, and
    ///         for a deferred transaction their sum must stay below what its callers prepaid.
    struct Config {
        /// Threads for markets that settle in parallel, 0 to 255; 0 settles them one after the other.
        uint8 threads;
        /// Orders of a market that one transaction fills at most, 1 or more.
        uint32 chunk;
        /// Gas of a market: its swap, its queues, and what is left over for returning.
        uint32 marketGas;
        /// Gas of an order: to read and admit it, and to store that for later.
        uint32 clearGas;
        /// Gas of an order: to fill it.
        uint32 fillGas;
    }

    /// @dev One market's part of a settlement.
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
        /// Entries of either queue that this settlement saw, and whether later orders are among them.
        uint256 buyLength;
        uint256 sellLength;
        bool laterBuys;
        bool laterSells;
    }

    /// @notice A market's queues exist from now on.
    event QueuesCreated(MarketId indexed market, address buys, address sells);

    /// @notice Thrown when a job function is called by anything but the running settlement.
    error NettingEngine_NotAJob(address caller);
    /// @notice Thrown when anyone but the engine's door calls.
    error NettingEngine_Unauthorized(address caller);
    /// @notice Thrown for a chunk of no orders, or gas figures of 0.
    error NettingEngine_BadConfig(Config config);

    /// @dev Gas of an order, beyond clearGas, for each market in which its trader may have a position that admission reads.
    uint256 internal constant POSITION_GAS = 16_000;
    /// @dev Settled entries that settle() leaves in a queue before it clears it: clearing conflicts with appending.
    uint256 internal constant STALE_ENTRIES = 256;
    /// @dev The totals may fall below what earlier generations left by an order of the same transaction; this keeps them positive.
    uint256 internal constant TOTAL_ZERO = 1 << 128;

    IMarketRegistry public immutable REGISTRY;
    /// @inheritdoc INettingEngine
    INetting public immutable NETTING;
    IQueueFactory public immutable QUEUES;
    uint256 internal immutable _THREADS;
    uint256 internal immutable _CHUNK;
    uint256 internal immutable _MARKET_GAS;
    uint256 internal immutable _CLEAR_GAS;
    uint256 internal immutable _FILL_GAS;
    Multiprocess internal immutable _JOBS;

    /// @notice Settlement state by market.
    mapping(MarketId market => Progress progress) public progressOf;
    /// @notice Number of markets with queues.
    uint256 public queuedMarkets;
    /// @dev Markets whose batch may be half settled; their progress says whether it is.
    uint256 internal _inProgress;
    /// @dev The last block in which a keeper's settlement did something. Of all that settlements write, the first that it reads.
    uint256 internal _settledIn;

    /// @dev How the half-settled batch of a market cleared.
    mapping(MarketId market => Clearing clearing) internal _clearingOf;
    /// @dev Hash of the call that a market's job must make; zero once the job has begun.
    mapping(MarketId market => bytes32 hash) internal _jobOf;

    constructor(IMarketRegistry registry, INetting netting, IQueueFactory queues, Config memory config) {
        if (config.chunk == 0 || config.marketGas == 0 || config.clearGas == 0 || config.fillGas == 0) {
            revert NettingEngine_BadConfig(config);
        }
        REGISTRY = registry;
        NETTING = netting;
        QUEUES = queues;
        _THREADS = config.threads;
        _CHUNK = config.chunk;
        _MARKET_GAS = config.marketGas;
        _CLEAR_GAS = config.clearGas;
        _FILL_GAS = config.fillGas;
        _JOBS = new Multiprocess();
    }

    /* QUEUEING */

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
    function swapTotals(bytes32 key) external view returns (uint256) {
        uint256 total = _get(key);
        return total == 0 ? 0 : total - TOTAL_ZERO;
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
        longs = _get(buys.KEY()) - TOTAL_ZERO;
        shorts = _get(sells.KEY()) - TOTAL_ZERO;
    }

    /// @inheritdoc INettingEngine
    function batchesInProgress() public view returns (uint256 bitmap) {
        bitmap = _inProgress;
        for (uint256 i; bitmap >> i != 0; ++i) {
            if (bitmap >> i & 1 != 0 && progressOf[MarketId.wrap(uint16(i))].upTo == 0) bitmap ^= 1 << i;
        }
    }

    /// @dev Appends an order and adds to its side's total. Touches nothing else.
    function _queue(MarketId id, Order memory order) internal {
        SwapRequestStore queue = queueOf(id, order.isBuy());
        if (address(queue).code.length == 0) revert IMarketRegistry.MarketRegistry_UnknownMarket(id);
        _add(queue.pushRequest(order), order.size());
    }

    /* SETTLEMENT */

    /// @dev Settles what the queues hold.
    /// @param deferred True in the deferred transaction, which settles the orders of its own block too.
    /// @return ended Number of orders that came to their end.
    function _netAndExecute(bool deferred) internal returns (uint256 ended) {
        bool worked;
        if (deferred) {
            // A lone call has the flag too, inside the parallel generation: there it must not read what others write.
            if (_followsAGeneration(queuedMarkets)) (ended, worked) = _settleAll(true);
            return ended;
        }
        // Check: the turn of this block. Read before all else, and written back whatever becomes of it.
        uint256 settledIn = _settledIn;
        if (settledIn != block.number) {
            (ended, worked) = _settleAll(false);
            if (worked) settledIn = block.number;
        }
        _settledIn = settledIn;
    }

    /// @return ended Number of orders that came to their end.
    /// @return worked Whether anything changed: orders ended, or a batch was admitted.
    function _settleAll(bool deferred) private returns (uint256 ended, bool worked) {
        Work[] memory works = _loadAll(deferred);
        if (works.length == 0) return (0, false);
        worked = !_isCleared(works[0]);
        _admit(works);
        if (works.length > 1 && _THREADS != 0 && _fit(works)) return (_settleAsJobs(works), true);
        // What was admitted must come to be cleared in this transaction: its rejections are out.
        uint256 reserved;
        for (uint256 i; i < works.length; ++i) {
            reserved += _clearingGas(works[i]);
        }
        for (uint256 i; i < works.length; ++i) {
            reserved -= _clearingGas(works[i]);
            uint256 filled = _settle(works[i], reserved);
            ended += filled;
            if (filled != 0) _afterFills(works[i], reserved);
        }
        if (ended != 0) worked = true;
    }

    /// @dev Runs the job of one market. Only the running settlement can have allowed this very call.
    function runJob(MarketId id, bytes calldata swapCall) external {
        if (_jobOf[id] != keccak256(swapCall)) revert NettingEngine_NotAJob(msg.sender);
        delete _jobOf[id];
        _callNetting(swapCall);
    }

    /// @dev Decides what of each order may fill: sets batch.admitted, and says why where that is 0.
    ///      Batches that are half settled (cursor or a stored clearing) come with it and must be left alone: {_isCleared}.
    function _admit(Work[] memory works) internal virtual;

    /// @dev Gas that {_admit} needs once, however few the orders are.
    function _admissionGas() internal view virtual returns (uint256);

    /// @dev Runs after orders of a market have filled: those whose `batch.admitted` is set, perhaps with some that fill later.
    /// @param reserved Gas to leave.
    function _afterFills(Work memory work, uint256 reserved) internal virtual;

    /// @dev True for a batch that an earlier transaction cleared.
    function _isCleared(Work memory work) internal view returns (bool) {
        return progressOf[work.id].upTo != 0;
    }

    /* INTERNAL */

    /// @dev Reads the batches that there is something to do for. While one is half settled no other begins: the margin of its orders is
    ///      spoken for, yet not to be seen in any position.
    function _loadAll(bool deferred) private returns (Work[] memory works) {
        uint256 markets = queuedMarkets;
        uint256 begun = batchesInProgress();
        uint256 upTo = deferred ? block.number << 1 : (block.number << 1) - 1;
        works = new Work[](markets);
        uint256 active;
        // Gas that what was loaded needs to come to be cleared.
        uint256 loaded = _admissionGas();
        for (uint256 i; i < markets && gasleft() > loaded + _MARKET_GAS; ++i) {
            if (begun != 0 && begun >> i & 1 == 0) continue;
            Work memory work = works[active];
            work.id = MarketId.wrap(uint16(i));
            work.deferred = deferred;
            if (!_load(work, upTo, loaded)) continue;
            loaded += _gasOf(work.batch.orders.length);
            ++active;
        }
        assembly ("memory-safe") {
            mstore(works, active)
        }
    }

    function _createTotal(bytes32 key) private {
        _init(key, 0, type(uint256).max);
        _add(key, TOTAL_ZERO);
    }

    function _followsAGeneration(uint256 markets) private view returns (bool) {
        for (uint256 i; i < markets && gasleft() > _MARKET_GAS; ++i) {
            MarketId id = MarketId.wrap(uint16(i));
            if (queueOf(id, true).holdsDeferrable(block.number)) return true;
            if (queueOf(id, false).holdsDeferrable(block.number)) return true;
        }
        return false;
    }

    /// @dev Reads a market's batch. False when there is nothing to do, or not the gas to do it.
    /// @param reserved Gas that the markets read before this one have to have left.
    function _load(Work memory work, uint256 upTo, uint256 reserved) private returns (bool) {
        SwapRequestStore buys = queueOf(work.id, true);
        SwapRequestStore sells = queueOf(work.id, false);
        // The committed length conflicts with no append. The deferred transaction runs alone and must see its own order too.
        work.buyLength = work.deferred ? buys.fullLength() : buys.committedLength();
        work.sellLength = work.deferred ? sells.fullLength() : sells.committedLength();
        if (work.buyLength + work.sellLength == 0) return false;

        Progress memory progress = progressOf[work.id];
        work.cursor = progress.cursor;
        if (progress.upTo == 0) work.upTo = _affordable(work, progress.cutoff, upTo, reserved);
        else work.upTo = _canClear(progress.count, reserved) ? progress.upTo : progress.cutoff;
        if (work.upTo > progress.cutoff) _loadOrders(work, buys, sells, progress);
        if (work.batch.orders.length != 0) return true;
        if (work.upTo > progress.cutoff) progress.cutoff = uint48(work.upTo);
        progressOf[work.id] = progress;
        return false;
    }

    function _loadOrders(Work memory work, SwapRequestStore buys, SwapRequestStore sells, Progress memory progress)
        private
        view
    {
        (Order[] memory buyers, uint256[] memory buyIndexes, uint256 laterBuys) =
            buys.load(progress.cutoff, work.upTo, work.buyLength);
        (Order[] memory sellers, uint256[] memory sellIndexes, uint256 laterSells) =
            sells.load(progress.cutoff, work.upTo, work.sellLength);
        (work.laterBuys, work.laterSells) = (laterBuys != 0, laterSells != 0);
        uint256 count = buyers.length + sellers.length;
        work.batch = Batch(new Order[](count), buyers.length, new uint256[](count), 0, 0);
        work.indexes = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            bool isBuyer = i < buyers.length;
            work.batch.orders[i] = isBuyer ? buyers[i] : sellers[i - buyers.length];
            work.indexes[i] = isBuyer ? buyIndexes[i] : sellIndexes[i - buyers.length];
        }
        if (count == 0) return;
        work.market = REGISTRY.get(work.id);
        work.midPrice = REGISTRY.midPrice(work.id);
    }

    /// @dev What may still fill of the next orders of a half-settled batch.
    function _loadAdmitted(Work memory work, Clearing memory clearing, uint256 to) private view {
        for (uint256 place = work.cursor; place < to; ++place) {
            uint256 i = NettingMath.filledAt(work.batch, clearing, place);
            work.batch.admitted[i] = queueOf(work.id, i < work.batch.buyers).admittedOf(work.indexes[i]);
        }
    }

    /// @dev The last sequence whose orders this transaction has the gas to clear: all of them, or those of the oldest block
    ///      that has any, or none (returns `cutoff`). Queueing a block's orders costs more gas than clearing them, so what a
    ///      block could queue a transaction of the block's size can clear.
    function _affordable(Work memory work, uint256 cutoff, uint256 upTo, uint256 reserved)
        private
        view
        returns (uint256)
    {
        // The first block that can hold orders after the cutoff: an odd cutoff has ended all of its block.
        uint256 from = (cutoff + 1) >> 1;
        uint256 waiting = _entriesFrom(work, from);
        if (_canClear(waiting, reserved)) return upTo;
        uint256 oldest = _oldestBlock(work, from);
        if (!_canClear(waiting - _entriesFrom(work, oldest + 1), reserved)) return cutoff;
        uint256 last = (oldest << 1) + 1;
        return last < upTo ? last : upTo;
    }

    /// @dev Entries of both queues that were queued in a block or later.
    function _entriesFrom(Work memory work, uint256 blockNumber) private view returns (uint256) {
        return work.buyLength - queueOf(work.id, true).firstOfBlock(blockNumber, work.buyLength) + work.sellLength
            - queueOf(work.id, false).firstOfBlock(blockNumber, work.sellLength);
    }

    /// @dev The first block, from a given one on, in which anything was queued.
    function _oldestBlock(Work memory work, uint256 from) private view returns (uint256) {
        uint256 buy = _blockOfFirst(queueOf(work.id, true), from, work.buyLength);
        uint256 sell = _blockOfFirst(queueOf(work.id, false), from, work.sellLength);
        return buy < sell ? buy : sell;
    }

    function _blockOfFirst(SwapRequestStore queue, uint256 from, uint256 length) private view returns (uint256) {
        uint256 index = queue.firstOfBlock(from, length);
        return index == length ? type(uint256).max >> 1 : queue.getOrder(index).sequence() >> 1;
    }

    function _canClear(uint256 count, uint256 reserved) private view returns (bool) {
        return gasleft() > reserved + _gasOf(count);
    }

    /// @dev Gas to read, admit and clear a market's batch.
    function _gasOf(uint256 count) private view returns (uint256) {
        return _MARKET_GAS + count * (_CLEAR_GAS + queuedMarkets * POSITION_GAS);
    }

    /// @dev What a batch needs once it is admitted: half of what reading, admitting and storing it may cost.
    function _clearingGas(Work memory work) private view returns (uint256) {
        return _MARKET_GAS + work.batch.orders.length * _CLEAR_GAS / 2;
    }

    /// @dev How many orders this transaction can still fill of one market. 0 leaves a cleared batch for the next one.
    function _budget(uint256 reserved) private view returns (uint256) {
        uint256 gas = gasleft();
        if (gas < reserved + _MARKET_GAS) return 0;
        return FixedPointMathLib.min(_CHUNK, (gas - reserved - _MARKET_GAS) / _FILL_GAS);
    }

    /// @dev True when every batch is new and all of them fill in this transaction.
    function _fit(Work[] memory works) private view returns (bool) {
        uint256 total;
        for (uint256 i; i < works.length; ++i) {
            uint256 count = works[i].batch.orders.length;
            if (count > _CHUNK || _isCleared(works[i])) return false;
            total += count;
        }
        return gasleft() > works.length * _MARKET_GAS * 2 + total * _FILL_GAS;
    }

    function _settleAsJobs(Work[] memory works) private returns (uint256 ended) {
        for (uint256 i; i < works.length; ++i) {
            Work memory work = works[i];
            bytes memory swapCall = _swapCall(work);
            _jobOf[work.id] = keccak256(swapCall);
            _JOBS.addJob(
                _MARKET_GAS + work.batch.orders.length * _FILL_GAS,
                0,
                address(this),
                abi.encodeCall(this.runJob, (work.id, swapCall))
            );
        }
        _JOBS.run(_THREADS);
        for (uint256 i; i < works.length; ++i) {
            Work memory work = works[i];
            // What a job reports is no proof: the state is. A job that did not begin left its mark.
            if (_jobOf[work.id] != bytes32(0)) {
                delete _jobOf[work.id];
                _callNetting(_swapCall(work));
            }
            _finish(work);
            ended += work.batch.orders.length;
        }
        for (uint256 i; i < works.length; ++i) {
            _afterFills(works[i], 0);
        }
    }

    function _swapCall(Work memory work) private pure returns (bytes memory) {
        return abi.encodeCall(INetting.swap, (work.id, work.market, work.batch, work.midPrice, work.deferred));
    }

    function _callNetting(bytes memory swapCall) private {
        (bool ok, bytes memory reason) = address(NETTING).call(swapCall);
        if (ok) return;
        assembly ("memory-safe") {
            revert(add(reason, 32), mload(reason))
        }
    }

    /// @dev Settles one market: at once when it fits, else a part at the prices of the whole.
    /// @param reserved Gas that the markets after this one have to have left.
    function _settle(Work memory work, uint256 reserved) private returns (uint256 ended) {
        uint256 count = work.batch.orders.length;
        uint256 budget = _budget(reserved);
        bool isCleared = _isCleared(work);
        if (!isCleared && count <= budget) {
            _callNetting(_swapCall(work));
            _finish(work);
            return count;
        }
        if (!isCleared) _begin(work);
        if (budget == 0) return 0;
        uint256 to = work.cursor + budget < count ? work.cursor + budget : count;
        Clearing memory clearing = _clearingOf[work.id];
        if (isCleared) _loadAdmitted(work, clearing, to);
        clearing.fifoLeft = NETTING.fill(work.id, work.market, work.batch, clearing, work.cursor, to, work.deferred);
        ended = to - work.cursor;
        if (to < count) {
            progressOf[work.id].cursor = uint32(to);
            // All else of it is as it was.
            _clearingOf[work.id].fifoLeft = clearing.fifoLeft;
            return ended;
        }
        delete _clearingOf[work.id];
        _inProgress &= ~(1 << MarketId.unwrap(work.id));
        _finish(work);
    }

    /// @dev Clears a batch that does not fit and keeps what its later parts need.
    function _begin(Work memory work) private {
        _clearingOf[work.id] = NETTING.clear(work.id, work.market, work.batch, work.midPrice);
        _inProgress |= 1 << MarketId.unwrap(work.id);
        progressOf[work.id].upTo = uint48(work.upTo);
        progressOf[work.id].count = uint32(work.batch.orders.length);
        for (uint256 i; i < work.batch.orders.length; ++i) {
            if (work.batch.admitted[i] == work.batch.orders[i].size()) continue;
            queueOf(work.id, i < work.batch.buyers).update(work.indexes[i], work.batch.admitted[i]);
        }
    }

    /// @dev Ends a batch: moves the cutoff, takes its orders out of the totals, empties the queues where that is safe.
    function _finish(Work memory work) private {
        progressOf[work.id] = Progress({ cutoff: uint48(work.upTo), upTo: 0, cursor: 0, count: 0 });
        uint256 longs;
        uint256 shorts;
        for (uint256 i; i < work.batch.orders.length; ++i) {
            if (i < work.batch.buyers) longs += work.batch.orders[i].size();
            else shorts += work.batch.orders[i].size();
        }
        _retire(queueOf(work.id, true), longs, work.buyLength, work.laterBuys, work.deferred);
        _retire(queueOf(work.id, false), shorts, work.sellLength, work.laterSells, work.deferred);
    }

    function _retire(SwapRequestStore queue, uint256 settled, uint256 length, bool holdsLater, bool deferred) private {
        if (settled != 0) _sub(queue.KEY(), settled);
        if (holdsLater || length == 0 || (!deferred && length < STALE_ENTRIES)) return;
        if (queue.fullLength() == length) queue.clear();
    }
}
