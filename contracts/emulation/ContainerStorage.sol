// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Generations } from "./Generations.sol";
import { IContainerEmulation } from "./IEmulation.sol";

/// @notice How the container emulator keeps elements: by index, with a table that finds the index of a key.
/// @dev Made so that a queue which is filled and cleared again and again writes over its old slots: clearing moves on to the
/// next epoch and leaves all else as it is, what an older epoch left counts as empty, and an append then costs 5,000 gas a
/// slot where a new slot costs 22,100.
///
/// Slots are keccak256 of one word (owner 160, namespace 8, id 88), except for BoundedCell's:
/// - header: generation 48, committed 48, length 48, live 48, epoch 32, kind 8 (from the lowest bit);
/// - element: key length 16, value length 16, live 8 (from the highest bit), then key and value without a gap, over as many
///   slots as they take;
/// - table: epoch 32 (highest bits), five entries of (tag 16, index + 1 24). A key has one place in each level of the table; a
///   level has 4 times the places of the one before, and is asked when the place in that one is full.
abstract contract ContainerStorage is Generations, IContainerEmulation {
    struct Header {
        uint256 generation;
        uint256 committed;
        uint256 length;
        uint256 live;
        uint256 epoch;
        uint256 kind;
    }

    /// @dev Where the table has, or would have, a key.
    struct Place {
        bool found;
        uint256 index;
        bytes32 slot;
        uint256 word;
        uint256 shift;
    }

    uint256 private constant HEADER = 0;
    uint256 private constant ELEMENT = 1;
    uint256 private constant TABLE = 2;

    uint256 private constant PREFIX_BYTES = 5;
    uint256 private constant ENTRY_BITS = 40;
    uint256 private constant ENTRIES_BITS = 200;
    uint256 private constant MAX_LENGTH = type(uint24).max - 1;

    /* HEADER */

    function _load(address owner) internal view returns (Header memory header) {
        bytes32 slot = _slot(owner, HEADER, 0);
        uint256 word;
        assembly {
            word := sload(slot)
        }
        if (word == 0) revert Emulator_NoContainer(owner);
        header.generation = uint48(word);
        header.committed = uint48(word >> 48);
        header.length = uint48(word >> 96);
        header.live = uint48(word >> 144);
        header.epoch = uint32(word >> 192);
        header.kind = uint8(word >> 224);
    }

    /// @dev To call with a header whose counts changed, before the first of them changes: keeps the committed length.
    function _roll(Header memory header) internal view {
        uint256 current = _generation();
        if (header.generation == current) return;
        header.generation = current;
        header.committed = header.length;
    }

    function _save(address owner, Header memory header) internal {
        bytes32 slot = _slot(owner, HEADER, 0);
        uint256 word = header.generation | (header.committed << 48) | (header.length << 96) | (header.live << 144)
            | (header.epoch << 192) | (header.kind << 224);
        assembly {
            sstore(slot, word)
        }
    }

    /// @dev The kind of a container, 0 when there is none.
    function _kind(address owner) internal view returns (uint8) {
        bytes32 slot = _slot(owner, HEADER, 0);
        uint256 word;
        assembly {
            word := sload(slot)
        }
        return uint8(word >> 224);
    }

    function _headerSlot(address owner) internal pure returns (bytes32) {
        return _slot(owner, HEADER, 0);
    }

    /* TABLE */

    /// @dev Finds a key, live or deleted, or the place for it.
    function _find(address owner, uint256 epoch, bytes32 keyHash) internal view returns (Place memory place) {
        uint256 hash = uint256(keyHash);
        uint256 tag = hash >> 240;
        for (uint256 level;; ++level) {
            uint256 number = (hash >> (24 * level)) & ((1024 << (2 * level)) - 1);
            bytes32 slot = _slot(owner, TABLE, (level << 80) | number);
            uint256 word;
            assembly {
                word := sload(slot)
            }
            if (word >> 224 != epoch) word = epoch << 224;
            for (uint256 shift; shift < ENTRIES_BITS; shift += ENTRY_BITS) {
                uint256 entry = uint40(word >> shift);
                if (entry == 0) return Place(false, 0, slot, word, shift);
                if (entry >> 24 != tag) continue;
                uint256 index = uint24(entry) - 1;
                if (keccak256(_keyAt(owner, index)) == keyHash) return Place(true, index, slot, word, shift);
            }
        }
    }

    /* ELEMENTS */

    /// @dev Appends an element whose key is not in the table; `place` is what {_find} answered for it.
    function _append(
        address owner,
        Header memory header,
        Place memory place,
        bytes32 keyHash,
        bytes calldata key,
        bytes calldata value
    ) internal {
        if (key.length == 0 || header.length >= MAX_LENGTH) {
            revert ContainerEmulator_BadElement(key.length, value.length);
        }
        (bytes32 slot, uint256 word) = (place.slot, place.word);
        word |= (((uint256(keyHash) >> 240) << 24) | (header.length + 1)) << place.shift;
        assembly {
            sstore(slot, word)
        }
        _write(owner, header.length, 0, key, value);
        ++header.length;
        ++header.live;
    }

    /// @dev Writes a live element, leaving out the slots before `firstSlot` but for the first of all.
    function _write(address owner, uint256 index, uint256 firstSlot, bytes calldata key, bytes calldata value)
        internal
    {
        if (key.length > type(uint16).max || value.length > type(uint16).max) {
            revert ContainerEmulator_BadElement(key.length, value.length);
        }
        bytes memory packed =
            abi.encodePacked(uint16(key.length), uint16(value.length), uint8(1), key, value, bytes32(0));
        uint256 slots = (PREFIX_BYTES + key.length + value.length + 31) / 32;
        uint256 base = uint256(_slot(owner, ELEMENT, index));
        for (uint256 i; i < slots; i = i < firstSlot ? firstSlot : i + 1) {
            assembly ("memory-safe") {
                sstore(add(base, i), mload(add(packed, add(32, mul(i, 32)))))
            }
        }
    }

    /// @dev Writes another value under a key.
    function _update(address owner, uint256 index, bytes calldata key, bytes calldata value) internal {
        uint256 firstSlot = (PREFIX_BYTES + key.length) / 32;
        _write(owner, index, firstSlot == 0 ? 1 : firstSlot, key, value);
    }

    function _delete(address owner, uint256 index) internal {
        uint256 base = uint256(_slot(owner, ELEMENT, index));
        assembly {
            sstore(base, and(sload(base), not(shl(216, 0xff))))
        }
    }

    function _isLive(address owner, uint256 index) internal view returns (bool) {
        return uint8(_prefix(owner, index) >> 216) == 1;
    }

    function _keyAt(address owner, uint256 index) internal view returns (bytes memory) {
        return _slice(owner, index, PREFIX_BYTES, _prefix(owner, index) >> 240);
    }

    function _valueAt(address owner, uint256 index) internal view returns (bytes memory) {
        uint256 prefix = _prefix(owner, index);
        return _slice(owner, index, PREFIX_BYTES + (prefix >> 240), uint16(prefix >> 224));
    }

    function _prefix(address owner, uint256 index) private view returns (uint256 prefix) {
        bytes32 slot = _slot(owner, ELEMENT, index);
        assembly {
            prefix := sload(slot)
        }
    }

    /// @dev `length` bytes of an element from byte `from` on.
    function _slice(address owner, uint256 index, uint256 from, uint256 length)
        private
        view
        returns (bytes memory slice)
    {
        uint256 base = uint256(_slot(owner, ELEMENT, index)) + from / 32;
        uint256 skip = from % 32;
        slice = new bytes(length + 64);
        assembly ("memory-safe") {
            let start := add(slice, 32)
            let end := add(start, add(skip, length))
            for { let at := start } lt(at, end) { at := add(at, 32) } {
                mstore(at, sload(base))
                base := add(base, 1)
            }
            mcopy(start, add(start, skip), length)
            mstore(slice, length)
        }
    }

    /* CELLS */

    /// @dev Where BoundedCell keeps the cumulative of a key.
    function _cell(address owner, uint256 epoch, bytes32 keyHash) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(owner, epoch, keyHash)));
    }

    function _slot(address owner, uint256 namespace, uint256 id) private pure returns (bytes32 slot) {
        assembly ("memory-safe") {
            mstore(0, or(shl(96, owner), or(shl(88, namespace), id)))
            slot := keccak256(0, 32)
        }
    }
}
