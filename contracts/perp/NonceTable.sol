// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Order } from "../types/Order.sol";

/// @notice Signed orders of one settlement by trader and nonce, in memory: of those that share a nonce the lowest id counts.
struct NonceTable {
    /// Open addressing: hash of (trader, nonce), or null.
    bytes32[] keys;
    /// Lowest order id of each.
    bytes32[] lowest;
    /// Mixed into the hash, so that nobody can choose nonces that collide.
    bytes32 seed;
}

using NonceTableLib for NonceTable global;

library NonceTableLib {
    /// @param capacity Signed orders at most.
    /// @param seed Anything that traders cannot know beforehand.
    function create(uint256 capacity, bytes32 seed) internal pure returns (NonceTable memory table) {
        uint256 size = 2;
        while (size < capacity * 2) size *= 2;
        table.keys = new bytes32[](size);
        table.lowest = new bytes32[](size);
        table.seed = seed;
    }

    /// @notice Enters a signed order.
    function enter(NonceTable memory table, Order memory order) internal pure {
        uint256 slot = _slotOf(table, order);
        bytes32 id = order.id();
        if (table.lowest[slot] == 0 || id < table.lowest[slot]) table.lowest[slot] = id;
    }

    /// @notice Whether an order that was entered is the one that counts.
    function counts(NonceTable memory table, Order memory order) internal pure returns (bool) {
        return table.lowest[_slotOf(table, order)] == order.id();
    }

    function _slotOf(NonceTable memory table, Order memory order) private pure returns (uint256 slot) {
        bytes32 key = keccak256(abi.encode(order.trader(), order.nonce(), table.seed));
        uint256 mask = table.keys.length - 1;
        slot = uint256(key) & mask;
        while (table.keys[slot] != 0 && table.keys[slot] != key) slot = (slot + 1) & mask;
        table.keys[slot] = key;
    }
}
