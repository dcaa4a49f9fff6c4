// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Row, TraderTable, TraderTableLib } from "../../../perp/TraderTable.sol";
import { Test } from "forge-std/Test.sol";

contract TraderTableTest is Test {
    mapping(address trader => mapping(uint256 work => uint256 sum)) internal _expected;

    /// Addresses chosen so that all of them hash to one slot: each still has rows of its own.
    function test_At_TradersOfOneSlotStayApart() public pure {
        bytes32 seed = keccak256("seed");
        TraderTable memory table = TraderTableLib.create(4, seed);
        uint256 mask = table.slots.length - 1;
        address[4] memory traders;
        uint256 found;
        for (uint160 candidate = 1; found < 4; ++candidate) {
            if (uint256(keccak256(abi.encode(address(candidate), seed))) & mask == mask) {
                traders[found++] = address(candidate);
            }
        }
        // The last slot: three of them wrap around to the start.
        for (uint256 i; i < 4; ++i) {
            table.at(traders[i], 0).buys = i + 1;
        }
        for (uint256 i; i < 4; ++i) {
            assertEq(table.at(traders[i], 0).buys, i + 1, "each finds its own row");
            assertTrue(table.isFirst(i), "and that is its first");
        }
        assertEq(table.count, 4, "no row twice");
    }

    function test_At_OneTraderInSeveralMarkets() public pure {
        TraderTable memory table = TraderTableLib.create(3, 0);
        for (uint256 work; work < 3; ++work) {
            table.at(address(7), work).sells = work + 10;
        }
        Row memory row = table.rows[0];
        assertTrue(table.isFirst(0), "the market that came first is its first row");
        assertFalse(table.isFirst(1), "the second is not");
        uint256 sum = row.sells;
        uint256 rows = 1;
        for (; row.next != 0; ++rows) {
            assertGt(table.rows[row.next - 1].work, row.work, "a later market follows");
            row = table.rows[row.next - 1];
            sum += row.sells;
        }
        assertEq(rows, 3, "the chain leads through all markets");
        assertEq(sum, 33, "each once: 10 + 11 + 12");
        assertEq(table.at(address(7), 1).sells, 11, "a market's row is found behind others");
        assertEq(table.count, 3, "and not made again");
    }

    /// The null address is a trader like others.
    function test_At_TheNullAddress() public pure {
        TraderTable memory table = TraderTableLib.create(2, 0);
        table.at(address(0), 0).buys = 5;
        table.at(address(1), 0).buys = 6;
        assertEq(table.at(address(0), 0).buys, 5, "found");
    }

    /// A full table of random orders of few traders sums as a mapping does.
    function testFuzz_At_SumsAsAMapping(uint256 seed, uint256 count) public {
        count = bound(count, 1, 60);
        TraderTable memory table = TraderTableLib.create(count, bytes32(seed));
        for (uint256 i; i < count; ++i) {
            (address trader, uint256 work) = _pick(seed, i);
            table.at(trader, work).buys += i + 1;
            _expected[trader][work] += i + 1;
        }
        for (uint256 i; i < count; ++i) {
            (address trader, uint256 work) = _pick(seed, i);
            assertEq(table.at(trader, work).buys, _expected[trader][work], "a trader's sum in a market");
            assertEq(table.at(trader, work).trader, trader, "of that trader");
            assertEq(table.at(trader, work).work, work, "in that market");
        }
        uint256 sum;
        for (uint256 r; r < table.count; ++r) {
            sum += table.rows[r].buys;
        }
        assertEq(sum, count * (count + 1) / 2, "nothing counted twice: 1 + 2 + ... + count");
    }

    function _pick(uint256 seed, uint256 i) private pure returns (address trader, uint256 work) {
        uint256 random = uint256(keccak256(abi.encode(seed, i)));
        return (address(uint160(random % 20)), (random >> 128) % 3);
    }
}
