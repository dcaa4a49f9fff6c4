// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { EfficientHashLib } from "solady/utils/EfficientHashLib.sol";

/// @notice Addresses that were seen, in memory.
struct AddressSet {
    /// Open addressing: an address with MARK, or null.
    uint256[] slots;
    /// Mixed into the hash, so that nobody can choose addresses that collide.
    bytes32 seed;
}

using AddressSetLib for AddressSet global;

library AddressSetLib {
    /// @dev Tells the null address from an empty slot.
    uint256 private constant MARK = 1 << 160;

    /// @param capacity Addresses at most.
    /// @param seed Must depend on all of them: who knows it before he chooses them can make them collide.
    function create(uint256 capacity, bytes32 seed) internal pure returns (AddressSet memory set) {
        uint256 size = 2;
        while (size < capacity * 2) size *= 2;
        set.slots = new uint256[](size);
        set.seed = seed;
    }

    /// @notice Enters an address.
    /// @return isNew False when it was there.
    function add(AddressSet memory set, address member) internal pure returns (bool isNew) {
        uint256 entry = uint256(uint160(member)) | MARK;
        uint256[] memory slots = set.slots;
        uint256 mask = slots.length - 1;
        uint256 slot = uint256(EfficientHashLib.hash(bytes32(entry), set.seed)) & mask;
        for (uint256 found = slots[slot]; found != 0; found = slots[slot]) {
            if (found == entry) return false;
            slot = (slot + 1) & mask;
        }
        slots[slot] = entry;
        return true;
    }
}
