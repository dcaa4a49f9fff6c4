// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Multiprocess } from "../arcology/Multiprocess.sol";
import { INetting } from "../interfaces/INetting.sol";
import { INettingEngine } from "../interfaces/INettingEngine.sol";
import { NettingMath } from "../libraries/NettingMath.sol";
import { Clearing } from "../types/Batch.sol";
import { MarketId } from "../types/MarketId.sol";
import { BatchLoader } from "./BatchLoader.sol";
import { QueueSpan } from "./QueueSpan.sol";
import { Progress, Work } from "./Work.sol";
import { FixedPointMathLib } from "solady/utils/FixedPointMathLib.sol";

/// @notice Brings batches that are admitted to their end: one after the other, in parts where the gas is short, or as parallel jobs.
abstract contract BatchSettler is BatchLoader, INettingEngine {
    /// @notice Thrown when a job function is called by anything but the running settlement.
    error NettingEngine_NotAJob(address caller);

    /// @dev Settled entries that settle() leaves in a queue before it clears it: clearing conflicts with appending.
    uint256 internal constant STALE_ENTRIES = 256;

    /// @inheritdoc INettingEngine
    INetting public immutable NETTING;
    uint256 internal immutable _CHUNK;
    uint256 internal immutable _FILL_GAS;
    Multiprocess internal immutable _JOBS;

    /// @dev How the half-settled batch of a market cleared.
    mapping(MarketId market => Clearing clearing) internal _clearingOf;
    /// @dev Hash of the call that a market's job must make; zero once the job has begun.
    mapping(MarketId market => bytes32 hash) internal _jobOf;

    /// @param chunk Orders of a market that one transaction fills at most.
    /// @param fillGas Gas of an order: to fill it.
    constructor(INetting netting, uint256 chunk, uint256 fillGas) {
        NETTING = netting;
        _CHUNK = chunk;
        _FILL_GAS = fillGas;
        _JOBS = new Multiprocess();
    }

    /// @notice Runs the job of one market. Only the running settlement can have allowed this very call.
    function runJob(MarketId id, bytes calldata swapCall) external {
        if (_jobOf[id] != keccak256(swapCall)) revert NettingEngine_NotAJob(msg.sender);
        delete _jobOf[id];
        _callNetting(swapCall);
    }

    /// @inheritdoc INettingEngine
    function batchesInProgress() external view returns (uint256 bitmap) {
        return _begun();
    }

    /// @dev Runs after orders of a market have filled: those whose `batch.admitted` is set, perhaps with some that fill later.
    /// @param reserved Gas to leave.
    function _afterFills(Work memory work, uint256 reserved) internal virtual;

    /// @dev Settles batches market by market.
    /// @return ended Number of orders that came to their end.
    function _settleInTurn(Work[] memory works) internal returns (uint256 ended) {
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
    }

    /* JOBS */

    /// @dev True when every batch is new and all of them fill in this transaction.
    function _fit(Work[] memory works) internal view returns (bool) {
        uint256 total;
        for (uint256 i; i < works.length; ++i) {
            uint256 count = works[i].count();
            if (count > _CHUNK || _isCleared(works[i])) return false;
            total += count;
        }
        return gasleft() > works.length * _MARKET_GAS * 2 + total * _FILL_GAS;
    }

    /// @dev Settles batches that {_fit}, each as a job.
    function _settleAsJobs(Work[] memory works, uint256 threads) internal returns (uint256 ended) {
        for (uint256 i; i < works.length; ++i) {
            Work memory work = works[i];
            bytes memory swapCall = _swapCall(work);
            _jobOf[work.id] = keccak256(swapCall);
            _JOBS.addJob(
                _MARKET_GAS + work.count() * _FILL_GAS,
                0,
                address(this),
                abi.encodeCall(this.runJob, (work.id, swapCall))
            );
        }
        _JOBS.run(threads);
        for (uint256 i; i < works.length; ++i) {
            Work memory work = works[i];
            // What a job reports is no proof: the state is. A job that did not begin left its mark.
            if (_jobOf[work.id] != bytes32(0)) {
                delete _jobOf[work.id];
                _callNetting(_swapCall(work));
            }
            _finish(work);
            ended += work.count();
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

    /* ONE MARKET */

    /// @dev Settles one market: at once when it fits, else a part at the prices of the whole.
    /// @param reserved Gas that the markets after this one have to have left.
    function _settle(Work memory work, uint256 reserved) private returns (uint256 ended) {
        uint256 count = work.count();
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
        progressOf[work.id].count = uint32(work.count());
        for (uint256 i; i < work.count(); ++i) {
            if (work.batch.admitted[i] == work.batch.orders[i].size()) continue;
            queueOf(work.id, i < work.batch.buyers).update(work.indexes[i], work.batch.admitted[i]);
        }
    }

    /// @dev Ends a batch: moves the cutoff, takes its orders out of the totals, empties the queues where that is safe.
    function _finish(Work memory work) private {
        progressOf[work.id] = Progress({ cutoff: uint48(work.upTo), upTo: 0, cursor: 0, count: 0 });
        uint256 longs;
        uint256 shorts;
        for (uint256 i; i < work.count(); ++i) {
            if (i < work.batch.buyers) longs += work.batch.orders[i].size();
            else shorts += work.batch.orders[i].size();
        }
        _retire(work.buys, longs, work.deferred);
        _retire(work.sells, shorts, work.deferred);
    }

    function _retire(QueueSpan memory span, uint256 settled, bool deferred) private {
        if (settled != 0) _sub(span.queue.KEY(), settled);
        if (span.holdsLater || span.length == 0 || (!deferred && span.length < STALE_ENTRIES)) return;
        if (span.queue.fullLength() == span.length) span.queue.clear();
    }

    /// @dev What may still fill of the next orders of a half-settled batch.
    function _loadAdmitted(Work memory work, Clearing memory clearing, uint256 to) private view {
        for (uint256 place = work.cursor; place < to; ++place) {
            uint256 i = NettingMath.filledAt(work.batch, clearing, place);
            work.batch.admitted[i] = queueOf(work.id, i < work.batch.buyers).admittedOf(work.indexes[i]);
        }
    }

    /// @dev What a batch needs once it is admitted: half of what reading, admitting and storing it may cost.
    function _clearingGas(Work memory work) private view returns (uint256) {
        return _MARKET_GAS + work.count() * _CLEAR_GAS / 2;
    }

    /// @dev How many orders this transaction can still fill of one market. 0 leaves a cleared batch for the next one.
    function _budget(uint256 reserved) private view returns (uint256) {
        uint256 gas = gasleft();
        if (gas < reserved + _MARKET_GAS) return 0;
        return FixedPointMathLib.min(_CHUNK, (gas - reserved - _MARKET_GAS) / _FILL_GAS);
    }
}
