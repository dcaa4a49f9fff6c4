// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { MarketId } from "./MarketId.sol";

/// @notice An order packed into two words; its transaction's pid is the third word of a queue entry.
/// @dev A queue entry is read once an order, so it is as short as it goes (bits from the left):
///      who:  trader 160 | size 96
///      what: limitPrice 128 | deadline 40 | market 8 | sequence 40 | isOpen 1 | isLong 1 | isLiquidation 1 | isSigned 1 | salt 36
///      The market is there for the id: two orders of one transaction may be alike but for it.
///      A liquidation has no limit and no deadline: its keeper's address stands in their bits.
///      The salt of a signed order is its nonce.
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

    /// @dev A registry lists fewer; sequences come to their end in block 2^39.
    uint256 internal constant MAX_MARKET = type(uint8).max;
    uint256 internal constant MAX_SEQUENCE = type(uint40).max;

    /// @dev Nonces of signed orders.
    uint256 internal constant MAX_NONCE = SALT_MASK;

    uint256 private constant IS_OPEN = 1 << 39;
    uint256 private constant IS_LONG = 1 << 38;
    uint256 private constant IS_LIQUIDATION = 1 << 37;
    uint256 private constant IS_SIGNED = 1 << 36;
    uint256 private constant SALT_MASK = IS_SIGNED - 1;

    /// @notice What a caller says about an order, unpacked. Ranges are the caller's duty: see MAX_*. What is out of them runs into the next
    ///         field, so an order of a market beyond MAX_MARKET must not be kept.
    /// @param market Whose queue it stands in.
    /// @param size Base amount, WAD.
    /// @param limitPrice Worst price accepted, WAD; 0 for none.
    /// @param deadline Last unix second; 0 for none.
    /// @param sequence When it was queued: 2 × block for a deferrable order, 2 × block + 1 for any other.
    /// @param salt Makes two orders of one transaction different; only its low 36 bits count.
    struct Terms {
        address trader;
        MarketId market;
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
        order.what = terms.limitPrice << 128 | terms.deadline << 88 | uint256(MarketId.unwrap(terms.market)) << 80
            | terms.sequence << 40 | (terms.salt & SALT_MASK);
        if (terms.isOpen) order.what |= IS_OPEN;
        if (terms.isLong) order.what |= IS_LONG;
        order.pid = pid_;
    }

    /// @notice An order that its trader signed and somebody else queues.
    /// @param terms Their salt is the order's nonce.
    function packSigned(Terms memory terms, bytes32 pid_) internal pure returns (Order memory order) {
        order = pack(terms, pid_);
        order.what |= IS_SIGNED;
    }

    /// @notice A forced order that reduces a position of `terms.trader`.
    /// @param terms isLong is the side of the position; isOpen, limitPrice and deadline must be false and 0.
    /// @param keeper_ Who asks for it, and gets the reward.
    function packLiquidation(Terms memory terms, address keeper_, bytes32 pid_)
        internal
        pure
        returns (Order memory order)
    {
        order = pack(terms, pid_);
        order.what |= uint256(uint160(keeper_)) << 88 | IS_LIQUIDATION;
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

    /// @notice Worst price accepted, WAD; 0 for none, as for every liquidation.
    function limitPrice(Order memory order) internal pure returns (uint256) {
        return isLiquidation(order) ? 0 : order.what >> 128;
    }

    /// @notice Last unix second; 0 for none, as for every liquidation.
    function deadline(Order memory order) internal pure returns (uint256) {
        return isLiquidation(order) ? 0 : order.what >> 88 & MAX_DEADLINE;
    }

    /// @notice Who asked for a liquidation; null for any other order.
    function keeper(Order memory order) internal pure returns (address) {
        return isLiquidation(order) ? address(uint160(order.what >> 88)) : address(0);
    }

    /// @notice The nonce of a signed order.
    function nonce(Order memory order) internal pure returns (uint256) {
        return order.what & SALT_MASK;
    }

    function sequence(Order memory order) internal pure returns (uint256) {
        return order.what >> 40 & MAX_SEQUENCE;
    }

    function market(Order memory order) internal pure returns (MarketId) {
        return MarketId.wrap(uint16(order.what >> 80 & MAX_MARKET));
    }

    function isOpen(Order memory order) internal pure returns (bool) {
        return order.what & IS_OPEN != 0;
    }

    function isLong(Order memory order) internal pure returns (bool) {
        return order.what & IS_LONG != 0;
    }

    function isLiquidation(Order memory order) internal pure returns (bool) {
        return order.what & IS_LIQUIDATION != 0;
    }

    function isSigned(Order memory order) internal pure returns (bool) {
        return order.what & IS_SIGNED != 0;
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
