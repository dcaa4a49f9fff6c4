// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice A cumulative uint256 within bounds, as the runtime has it, at a storage slot.
/// @dev What other transactions add within a generation cannot be subtracted in it: the runtime checks bounds against the
/// value before the generation. Emulated exactly for subtractions. An addition is checked against the current value, where the
/// runtime would also refuse one that only fits after a parallel subtraction.
/// @dev One slot when the bounds are 0 and 2^n − 1 up to 2^96 − 1: value 96 bits, added 96, generation 48, n 8, form 8.
/// Four slots otherwise: (added 192, generation 48, unused 8, form 8), value, min, max.
library BoundedCell {
    /// @notice Thrown when a change would leave the bounds.
    error BoundedCell_OutOfBounds(uint256 value, uint256 spendable, bool isAddition, uint256 delta);
    /// @notice Thrown for a lower bound above the upper one.
    error BoundedCell_BadBounds(uint256 min, uint256 max);

    uint256 private constant SHORT = 1;
    uint256 private constant LONG = 2;
    uint256 private constant MAX_SHORT_BITS = 96;

    /// @dev A cell in memory.
    struct Cell {
        uint256 form;
        /// n, of a cell with one slot.
        uint256 bits;
        uint256 value;
        uint256 min;
        uint256 max;
        /// Sum of the additions since `generation` began, or the most that fits.
        uint256 added;
        uint256 generation;
    }

    /// @notice Creates a cell with value 0, whatever its lower bound is.
    function create(uint256 slot, uint256 min, uint256 max) internal {
        if (min > max) revert BoundedCell_BadBounds(min, max);
        bool isShort = min == 0 && max < 1 << MAX_SHORT_BITS && (max & (max + 1)) == 0;
        store(slot, Cell(isShort ? SHORT : LONG, isShort ? bitLength(max) : 0, 0, min, max, 0, 0));
        if (isShort) return;
        assembly ("memory-safe") {
            sstore(add(slot, 2), min)
            sstore(add(slot, 3), max)
        }
    }

    /// @notice Adds or subtracts; reverts when that leaves the bounds. Nothing for a delta of 0, as on the runtime.
    function change(uint256 slot, bool isAddition, uint256 delta, uint256 generation) internal {
        if (delta == 0) return;
        Cell memory cell = load(slot);
        if (cell.generation != generation) (cell.generation, cell.added) = (generation, 0);

        uint256 mine;
        assembly {
            mine := tload(slot)
        }
        uint256 others = cell.added > mine ? cell.added - mine : 0;
        uint256 spendable = cell.value > others ? cell.value - others : 0;

        if (isAddition) {
            // Check: no overflow, and inside the bounds.
            if (delta > cell.max || cell.value > cell.max - delta || cell.value + delta < cell.min) {
                revert BoundedCell_OutOfBounds(cell.value, spendable, isAddition, delta);
            }
            cell.value += delta;
            uint256 room = (cell.form == SHORT ? type(uint96).max : type(uint192).max) - cell.added;
            cell.added += delta < room ? delta : room;
            unchecked {
                mine += delta; // The value is bounded, and what is mine is part of it but for my own subtractions.
            }
            assembly {
                tstore(slot, mine)
            }
        } else {
            if (delta > spendable || spendable - delta < cell.min) {
                revert BoundedCell_OutOfBounds(cell.value, spendable, isAddition, delta);
            }
            cell.value -= delta;
        }
        store(slot, cell);
    }

    /// @notice Whether a cell was created.
    function exists(uint256 slot) internal view returns (bool) {
        uint256 head;
        assembly {
            head := sload(slot)
        }
        return head != 0;
    }

    /// @notice A cell, with all its fields.
    function load(uint256 slot) internal view returns (Cell memory cell) {
        uint256 head;
        assembly {
            head := sload(slot)
        }
        cell.form = head & 0xff;
        cell.generation = uint48(head >> 16);
        if (cell.form == SHORT) {
            cell.bits = uint8(head >> 8);
            cell.max = (1 << cell.bits) - 1;
            cell.added = uint96(head >> 64);
            cell.value = head >> 160;
            return cell;
        }
        cell.added = head >> 64;
        (uint256 value, uint256 min, uint256 max) = (0, 0, 0);
        assembly ("memory-safe") {
            value := sload(add(slot, 1))
            min := sload(add(slot, 2))
            max := sload(add(slot, 3))
        }
        (cell.value, cell.min, cell.max) = (value, min, max);
    }

    /// @dev Writes what a change can change.
    function store(uint256 slot, Cell memory cell) private {
        uint256 head = cell.form | (cell.generation << 16) | (cell.added << 64);
        if (cell.form == SHORT) {
            head |= (cell.bits << 8) | (cell.value << 160);
        } else {
            uint256 value = cell.value;
            assembly ("memory-safe") {
                sstore(add(slot, 1), value)
            }
        }
        assembly ("memory-safe") {
            sstore(slot, head)
        }
    }

    /// @dev n of 2^n − 1.
    function bitLength(uint256 ones) private pure returns (uint256 bits) {
        while (ones >> bits != 0) ++bits;
    }
}
