// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Position } from "../types/Position.sol";

/// @notice What the orders of one trader in one market add up to. Base in WAD.
struct Row {
    address trader;
    /// Which of the settlement's markets.
    uint256 work;
    /// The trader's next row (another market), or null: index + 1.
    uint256 next;
    /// Base of orders that may open, by direction.
    uint256 buys;
    uint256 sells;
    /// Base of orders that only reduce, by direction, and what of it the position allows.
    uint256 closeBuys;
    uint256 closeSells;
    uint256 closeBuysCap;
    uint256 closeSellsCap;
    /// Highest price a buyer of these accepts, WAD.
    uint256 worstPrice;
    Position position;
    /// Whether the buys, or the sells, could leave a larger position than there is.
    bool buysIncrease;
    bool sellsIncrease;
    /// Whether the account carries the worst that its orders can do.
    bool isCarried;
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
        row = table.rows[table.count++];
        (row.trader, row.work, row.next) = (trader, work, first);
        table.slots[slot] = table.count;
    }

    /// @notice The first row of a trader; follow `next`. Only for traders that have one.
    function firstOf(TraderTable memory table, address trader) internal pure returns (Row memory) {
        return table.rows[table.slots[_slotOf(table, trader)] - 1];
    }

    function _slotOf(TraderTable memory table, address trader) private pure returns (uint256 slot) {
        uint256 mask = table.slots.length - 1;
        slot = uint256(keccak256(abi.encode(trader, table.seed))) & mask;
        while (table.slots[slot] != 0 && table.rows[table.slots[slot] - 1].trader != trader) slot = (slot + 1) & mask;
    }
}
