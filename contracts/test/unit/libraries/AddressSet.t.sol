// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { AddressSet, AddressSetLib } from "../../../libraries/AddressSet.sol";
import { Test } from "forge-std/Test.sol";

contract AddressSetTest is Test {
    mapping(address member => bool isThere) internal _expected;

    /// Few addresses, so that many come again; the set is as full as it may be.
    function testFuzz_Add_TellsWhoIsNew(uint8[] calldata members, bytes32 seed) public {
        AddressSet memory set = AddressSetLib.create(members.length, seed);
        for (uint256 i; i < members.length; ++i) {
            address member = address(uint160(members[i] % 64));
            assertEq(set.add(member), !_expected[member], "new when it was not there");
            _expected[member] = true;
        }
    }

    /// All hash to the last slot: they go on at the first, and stay apart.
    function test_Add_AddressesOfOneSlot() public pure {
        bytes32 seed = keccak256("seed");
        AddressSet memory set = AddressSetLib.create(4, seed);
        uint256 mask = set.slots.length - 1;
        uint256 found;
        for (uint160 candidate = 1; found < 4; ++candidate) {
            bytes32 hash = keccak256(abi.encode(uint256(candidate) | 1 << 160, seed));
            if (uint256(hash) & mask != mask) continue;
            ++found;
            assertTrue(set.add(address(candidate)), "new");
            assertFalse(set.add(address(candidate)), "and there from now on");
        }
        assertEq(set.slots[mask] & type(uint160).max != 0, true, "the last slot is taken");
        assertEq(set.slots[0] & type(uint160).max != 0, true, "and the first");
    }

    /// The null address is one like others.
    function test_Add_TheNullAddress() public pure {
        AddressSet memory set = AddressSetLib.create(1, 0);
        assertTrue(set.add(address(0)), "new");
        assertFalse(set.add(address(0)), "there");
    }
}
