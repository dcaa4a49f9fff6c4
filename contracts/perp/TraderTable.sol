// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Position } from "../types/Position.sol";
import { RejectReason } from "../types/RejectReason.sol";

/// @notice What the orders of one trader in one market add up to. Base and quote in WAD.
struct Row {
    address trader;
    /// Which of the settlement's markets.
    uint256 work;
    /// The trader's next row (a later market), or null: index + 1.
    uint256 next;
    bool isLoaded;
    Position position;
    /// Base of orders that may open, by direction.
    uint256 buys;
    uint256 sells;
    /// What these can cost at once, by direction, and beyond the maintenance margin that they free where they only reduce.
    uint256 buysCost;
    uint256 sellsCost;
    uint256 beyondFreed;
    /// Highest price that these can be worth.
    uint256 highestPrice;
    /// Why those of a direction are refused, all of them.
    RejectReason buysRefusal;
    RejectReason sellsRefusal;
    /// Base by which these, and the liquidation and the closes, can grow a long or a short position.
    uint256 longGrowth;
    uint256 shortGrowth;
    /// Base of orders that only reduce the position, what of it they may, and why they are refused.
    uint256 closing;
    uint256 closable;
    RejectReason closingRefusal;
    /// What they can cost, and what of it is beyond the maintenance margin that they free; by the market's bound, or else by what
    /// the pool can come to with the orders of this batch.
    uint256 closingCost;
    uint256 closingBeyondFreed;
    bool isJudgedByPool;
    /// Of a trader's first row: which footing its ways out are judged by (index + 1); null when there is nothing to judge.
    uint256 footing;
    /// The one liquidation that counts: its order and most base; and what it closes.
    bytes32 liquidationId;
    uint256 liquidationMost;
    uint256 liquidated;
}

/// @notice A hash table of rows in memory, by trader: settlement sums a trader's orders wherever they stand in the batch.
struct TraderTable {
    /// Open addressing: index + 1 of a trader's first row.
    uint256[] slots;
    Row[] rows;
    uint256 count;
    /// Mixed into the hash, so that nobody can choose addresses that collide.
    bytes32 seed;
}

using TraderTableLib for TraderTable global;

library TraderTableLib {
    /// @param capacity Rows at most.
    /// @param seed Anything that traders cannot know beforehand.
    function create(uint256 capacity, bytes32 seed) internal pure returns (TraderTable memory table) {
        uint256 size = 2;
        while (size < capacity * 2) size *= 2;
        table.slots = new uint256[](size);
        table.rows = new Row[](capacity);
        table.seed = seed;
    }

    /// @notice The row of a trader in a market; a new one when there is none.
    function at(TraderTable memory table, address trader, uint256 work) internal pure returns (Row memory row) {
        uint256 slot = _slotOf(table, trader);
        uint256 first = table.slots[slot];
        for (uint256 index = first; index != 0; index = row.next) {
            row = table.rows[index - 1];
            if (row.work == work) return row;
        }
        uint256 place = ++table.count;
        // At the end: a trader's rows stay in the order in which they were made.
        if (first == 0) table.slots[slot] = place;
        else row.next = place;
        row = table.rows[place - 1];
        (row.trader, row.work) = (trader, work);
    }

    /// @notice Whether the row at `index` is its trader's first; the others follow by `next`.
    function isFirst(TraderTable memory table, uint256 index) internal pure returns (bool) {
        return table.slots[_slotOf(table, table.rows[index].trader)] == index + 1;
    }

    function _slotOf(TraderTable memory table, address trader) private pure returns (uint256 slot) {
        uint256 mask = table.slots.length - 1;
        slot = uint256(keccak256(abi.encode(trader, table.seed))) & mask;
        while (table.slots[slot] != 0 && table.rows[table.slots[slot] - 1].trader != trader) slot = (slot + 1) & mask;
    }
}
