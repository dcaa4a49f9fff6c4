// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice An order packed into two words; its transaction's pid is the third word of a queue entry.
/// @dev A queue entry is read once an order, so it is as short as it goes (bits from the left):
///      who:  trader 160 | size 96
///      what: limitPrice 128 | deadline 40 | sequence 48 | isOpen 1 | isLong 1 | salt 38
struct Order {
    uint256 who;
    uint256 what;
    bytes32 pid;
}

using OrderLib for Order global;

/// @notice Packing and unpacking of {Order}. Everything that knows the layout is here.
library OrderLib {
    uint256 internal constant MAX_SIZE = type(uint96).max;
    uint256 internal constant MAX_LIMIT_PRICE = type(uint128).max;
    uint256 internal constant MAX_DEADLINE = type(uint40).max;

    uint256 private constant IS_OPEN = 1 << 39;
    uint256 private constant IS_LONG = 1 << 38;
    uint256 private constant SALT_MASK = IS_LONG - 1;

    /// @notice What a caller says about an order, unpacked. Ranges are the caller's duty: see MAX_*.
    /// @param size Base amount, WAD.
    /// @param limitPrice Worst price accepted, WAD; 0 for none.
    /// @param deadline Last unix second; 0 for none.
    /// @param sequence When it was queued: 2 × block for a deferrable order, 2 × block + 1 for any other.
    /// @param salt Makes two orders of one transaction different; only its low 38 bits count.
    struct Terms {
        address trader;
        bool isOpen;
        bool isLong;
        uint256 size;
        uint256 limitPrice;
        uint256 deadline;
        uint256 sequence;
        uint256 salt;
    }

    function pack(Terms memory terms, bytes32 pid_) internal pure returns (Order memory order) {
        order.who = uint256(uint160(terms.trader)) << 96 | terms.size;
        order.what = terms.limitPrice << 128 | terms.deadline << 88 | terms.sequence << 40 | (terms.salt & SALT_MASK);
        if (terms.isOpen) order.what |= IS_OPEN;
        if (terms.isLong) order.what |= IS_LONG;
        order.pid = pid_;
    }

    /// @notice Unique id of an order.
    function id(Order memory order) internal pure returns (bytes32) {
        return keccak256(abi.encode(order));
    }

    function trader(Order memory order) internal pure returns (address) {
        return address(uint160(order.who >> 96));
    }

    function size(Order memory order) internal pure returns (uint256) {
        return order.who & MAX_SIZE;
    }

    function limitPrice(Order memory order) internal pure returns (uint256) {
        return order.what >> 128;
    }

    function deadline(Order memory order) internal pure returns (uint256) {
        return order.what >> 88 & MAX_DEADLINE;
    }

    function sequence(Order memory order) internal pure returns (uint256) {
        return order.what >> 40 & type(uint48).max;
    }

    function isOpen(Order memory order) internal pure returns (bool) {
        return order.what & IS_OPEN != 0;
    }

    function isLong(Order memory order) internal pure returns (bool) {
        return order.what & IS_LONG != 0;
    }

    /// @notice True when the order buys base: it opens a long or closes a short.
    function isBuy(Order memory order) internal pure returns (bool) {
        return isOpen(order) == isLong(order);
    }

    /// @notice True when `price` is no worse than what the order accepts.
    function accepts(Order memory order, uint256 price) internal pure returns (bool) {
        uint256 limit = limitPrice(order);
        return limit == 0 || (isBuy(order) ? price <= limit : price >= limit);
    }
}
