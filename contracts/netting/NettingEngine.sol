// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IMarketRegistry } from "../interfaces/IMarketRegistry.sol";
import { INetting } from "../interfaces/INetting.sol";
import { IQueueFactory } from "../interfaces/IQueueFactory.sol";
import { MarketId } from "../types/MarketId.sol";
import { BatchLoader } from "./BatchLoader.sol";
import { BatchSettler } from "./BatchSettler.sol";
import { Work } from "./Work.sol";

/// @notice Queues orders in parallel and settles them once, market by market.
/// @dev Exactly once, whatever the scheduler does: an order carries its sequence, settlement takes those above the market's
///      `cutoff` and moves it up, and the slot of the cutoff is touched by settlement alone. Clearing a queue is thus
///      house-keeping, not what exactness rests on.
/// @dev Of the calls that the runtime runs in one sequence a later one that only reads a slot can lose an earlier one's write. Two
///      settlements by keepers are such calls, and a settlement reads far more than it could write back: positions, balances,
///      nonces, indexes. So one of them a block does the work, and those behind it touch nothing but the slot that tells them so. The
///      deferred transaction has a generation to itself, and needs no turn.
/// @dev Warning: who wants to slow keepers down can take the turn of a block, by sending the first settlement in it. Only one
///      that ended orders, or admitted a batch, has the turn: it must itself have taken up the market that comes first in the block,
///      or gone on with a batch that is half settled. The deferred transaction of the block goes on as ever.
/// @dev Sequences: 2 × block for an order that the block's deferred transaction sees, 2 × block + 1 for any other, because
///      those may run after the deferred transaction of their block.
abstract contract NettingEngine is BatchSettler {
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

    /// @notice Thrown when anyone but the engine's door calls.
    error NettingEngine_Unauthorized(address caller);
    /// @notice Thrown for a chunk of no orders, or gas figures of 0.
    error NettingEngine_BadConfig(Config config);

    /// @dev Threads of the jobs.
    uint256 internal immutable _THREADS;

    /// @dev The last block in which a keeper's settlement did something. Of all that settlements write, the first that it reads.
    uint256 internal _settledIn;

    constructor(IMarketRegistry registry, INetting netting, IQueueFactory queues, Config memory config)
        BatchLoader(registry, queues, config.marketGas, config.clearGas)
        BatchSettler(netting, config.chunk, config.fillGas)
    {
        if (config.chunk == 0 || config.marketGas == 0 || config.clearGas == 0 || config.fillGas == 0) {
            revert NettingEngine_BadConfig(config);
        }
        _THREADS = config.threads;
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
        ended = works.length > 1 && _THREADS != 0 && _fit(works) ? _settleAsJobs(works, _THREADS) : _settleInTurn(works);
        if (ended != 0) worked = true;
    }

    /// @dev Decides what of each order may fill: sets batch.admitted, and says why where that is 0.
    ///      Batches that are half settled (cursor or a stored clearing) come with it and must be left alone: {_isCleared}.
    function _admit(Work[] memory works) internal virtual;

    /// @dev Whether the running transaction has a generation to itself, behind another one with orders for it.
    function _followsAGeneration(uint256 markets) private view returns (bool) {
        for (uint256 i; i < markets && gasleft() > _MARKET_GAS; ++i) {
            MarketId id = MarketId.wrap(uint16(i));
            if (queueOf(id, true).holdsDeferrable(block.number)) return true;
            if (queueOf(id, false).holdsDeferrable(block.number)) return true;
        }
        return false;
    }
}
