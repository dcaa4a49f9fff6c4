// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { MarketId } from "../../../types/MarketId.sol";
import { Order, OrderLib } from "../../../types/Order.sol";
import { Test } from "forge-std/Test.sol";

contract OrderTest is Test {
    function testFuzz_Pack_RoundTrip(OrderLib.Terms memory terms, bytes32 pid) public pure {
        Order memory order = OrderLib.pack(_bounded(terms), pid);
        assertEq(order.trader(), terms.trader, "trader");
        assertEq(order.isOpen(), terms.isOpen, "isOpen");
        assertEq(order.isLong(), terms.isLong, "isLong");
        assertEq(order.size(), terms.size, "size");
        assertEq(order.limitPrice(), terms.limitPrice, "limit price");
        assertEq(order.deadline(), terms.deadline, "deadline");
        assertEq(order.sequence(), terms.sequence, "sequence");
        assertEq(MarketId.unwrap(order.market()), MarketId.unwrap(terms.market), "market");
        assertEq(order.pid, pid, "pid");
        assertEq(order.nonce(), terms.salt & ((1 << 36) - 1), "the salt's low 36 bits");
        assertFalse(order.isSigned(), "nobody signed it");
        assertFalse(order.isLiquidation(), "no liquidation");
        assertEq(order.keeper(), address(0), "and no keeper");
    }

    /// A signed order is the same order, with its nonce where the salt stands.
    function testFuzz_PackSigned_RoundTrip(OrderLib.Terms memory terms, uint256 nonce, bytes32 pid) public pure {
        terms.salt = bound(nonce, 0, OrderLib.MAX_NONCE);
        Order memory order = OrderLib.packSigned(_bounded(terms), pid);
        assertEq(order.nonce(), terms.salt, "nonce");
        assertTrue(order.isSigned(), "signed");
        assertFalse(order.isLiquidation(), "no liquidation");
        assertEq(order.trader(), terms.trader, "trader");
        assertEq(order.limitPrice(), terms.limitPrice, "limit price");
        assertEq(order.deadline(), terms.deadline, "deadline");
        assertEq(order.sequence(), terms.sequence, "sequence");
        assertEq(MarketId.unwrap(order.market()), MarketId.unwrap(terms.market), "market");
        assertEq(order.isBuy(), terms.isOpen == terms.isLong, "direction");
    }

    /// The keeper stands where limit and deadline stand otherwise: a liquidation has neither, and takes any price.
    function testFuzz_PackLiquidation_RoundTrip(OrderLib.Terms memory terms, address keeper, uint256 price)
        public
        pure
    {
        _bounded(terms);
        (terms.isOpen, terms.limitPrice, terms.deadline) = (false, 0, 0);
        Order memory order = OrderLib.packLiquidation(terms, keeper, 0);
        assertTrue(order.isLiquidation(), "a liquidation");
        assertFalse(order.isSigned(), "that nobody signed");
        assertEq(order.keeper(), keeper, "keeper");
        assertEq(order.limitPrice(), 0, "no limit");
        assertEq(order.deadline(), 0, "no deadline");
        assertTrue(order.accepts(price), "any price");
        assertEq(order.trader(), terms.trader, "account");
        assertEq(order.size(), terms.size, "size");
        assertEq(order.sequence(), terms.sequence, "sequence");
        assertEq(MarketId.unwrap(order.market()), MarketId.unwrap(terms.market), "market");
        assertFalse(order.isOpen(), "it only reduces");
        assertEq(order.isBuy(), !terms.isLong, "it buys back a short");
    }

    /// Every field at its largest at once: none runs into its neighbour.
    function test_Pack_AllFieldsAtTheirMaximum() public pure {
        Order memory order = OrderLib.packSigned(
            OrderLib.Terms(
                address(type(uint160).max),
                MarketId.wrap(uint16(OrderLib.MAX_MARKET)),
                true,
                true,
                OrderLib.MAX_SIZE,
                OrderLib.MAX_LIMIT_PRICE,
                OrderLib.MAX_DEADLINE,
                OrderLib.MAX_SEQUENCE,
                type(uint256).max
            ),
            bytes32(type(uint256).max)
        );
        assertEq(order.who, type(uint256).max, "first word full");
        assertEq(order.what, type(uint256).max - (1 << 37), "second word full but for the mark of a liquidation");
    }

    function test_IsBuy_OpensLongOrClosesShort() public pure {
        assertTrue(_order(true, true, 0).isBuy(), "opening a long buys");
        assertTrue(_order(false, false, 0).isBuy(), "closing a short buys");
        assertFalse(_order(true, false, 0).isBuy(), "opening a short sells");
        assertFalse(_order(false, true, 0).isBuy(), "closing a long sells");
    }

    function test_Accepts_ABuyersLimitIsTheHighest() public pure {
        Order memory buy = _order(true, true, 2000e18);
        assertTrue(buy.accepts(2000e18), "the limit itself");
        assertTrue(buy.accepts(1), "anything lower");
        assertFalse(buy.accepts(2000e18 + 1), "a wei more");
        Order memory sell = _order(true, false, 2000e18);
        assertTrue(sell.accepts(2000e18), "the limit itself");
        assertTrue(sell.accepts(type(uint256).max), "anything higher");
        assertFalse(sell.accepts(2000e18 - 1), "a wei less");
        assertTrue(_order(true, true, 0).accepts(type(uint256).max), "no limit: any price for a buyer");
        assertTrue(_order(true, false, 0).accepts(0), "no limit: any price for a seller");
    }

    /// Orders that differ in any field have different ids.
    function testFuzz_Id_DependsOnEveryField(OrderLib.Terms memory terms, bytes32 pid, uint256 field) public pure {
        _bounded(terms);
        bytes32 id = OrderLib.pack(terms, pid).id();
        field = bound(field, 0, 9);
        if (field == 0) terms.trader = address(uint160(terms.trader) ^ 1);
        if (field == 1) terms.isOpen = !terms.isOpen;
        if (field == 2) terms.isLong = !terms.isLong;
        if (field == 3) terms.size ^= 1;
        if (field == 4) terms.limitPrice ^= 1;
        if (field == 5) terms.deadline ^= 1;
        if (field == 6) terms.sequence ^= 1;
        if (field == 7) terms.salt ^= 1;
        if (field == 8) pid ^= bytes32(uint256(1));
        if (field == 9) terms.market = MarketId.wrap(MarketId.unwrap(terms.market) ^ 1);
        assertNotEq(OrderLib.pack(terms, pid).id(), id, "another order, another id");
    }

    function _order(bool isOpen, bool isLong, uint256 limitPrice) private pure returns (Order memory) {
        return OrderLib.pack(OrderLib.Terms(address(1), MarketId.wrap(0), isOpen, isLong, 1e18, limitPrice, 0, 1, 0), 0);
    }

    function _bounded(OrderLib.Terms memory terms) private pure returns (OrderLib.Terms memory) {
        terms.size = bound(terms.size, 0, OrderLib.MAX_SIZE);
        terms.limitPrice = bound(terms.limitPrice, 0, OrderLib.MAX_LIMIT_PRICE);
        terms.deadline = bound(terms.deadline, 0, OrderLib.MAX_DEADLINE);
        terms.sequence = bound(terms.sequence, 0, OrderLib.MAX_SEQUENCE);
        terms.market = MarketId.wrap(uint16(bound(MarketId.unwrap(terms.market), 0, OrderLib.MAX_MARKET)));
        return terms;
    }
}
