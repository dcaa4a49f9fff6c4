// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { CUMULATIVE } from "../../arcology/Addresses.sol";
import { Containers } from "../../arcology/Containers.sol";
import { HashU256Map } from "../../arcology/HashU256Map.sol";
import { U256Cumulative } from "../../arcology/U256Cumulative.sol";
import { Emulation } from "../utils/Emulation.sol";
import { OpenCumulative, OpenMap } from "./Fixtures.sol";

contract CumulativeTest is Emulation {
    bytes32 internal constant KEY = "key";

    OpenMap internal map;

    function setUp() public {
        _installEmulation();
        map = new OpenMap();
    }

    function _expectOutOfBounds(bool isAddition, uint256 delta) internal {
        vm.expectRevert(abi.encodeWithSelector(U256Cumulative.U256Cumulative_OutOfBounds.selector, isAddition, delta));
    }

    /* ONE CUMULATIVE */

    function test_AddAndSubtract() public {
        OpenCumulative sum = new OpenCumulative(0, 1000);
        sum.add(700);
        assertEq(sum.total(), 700, "after the addition");
        _nextBlock();
        sum.sub(200);
        assertEq(sum.total(), 500, "after the subtraction");
        (uint256 min, uint256 max) = sum.bounds();
        assertEq(min, 0, "lower bound");
        assertEq(max, 1000, "upper bound");
    }

    function test_RevertWhen_OutOfBounds() public {
        OpenCumulative sum = new OpenCumulative(0, 1000);
        sum.add(700);
        _nextBlock();
        _expectOutOfBounds(true, 301);
        sum.add(301);
        _expectOutOfBounds(false, 701);
        sum.sub(701);
        assertEq(sum.total(), 700, "unchanged");
    }

    /// @dev The runtime's numbers: 300 paid in and 50 taken out in one block, from 0, refuses the 50.
    function test_RevertWhen_SpendingWhatOthersAddInTheGeneration() public {
        OpenCumulative sum = new OpenCumulative(0, type(uint256).max);
        sum.add(300);
        _expectOutOfBounds(false, 50);
        sum.sub(50);
        _beginDeferred();
        sum.sub(50);
        assertEq(sum.total(), 250, "a generation later");
    }

    function test_OwnAdditionsCanBeSpent() public {
        OpenCumulative sum = new OpenCumulative(0, type(uint256).max);
        sum.addThenSub(300, 300);
        assertEq(sum.total(), 0, "all of it");
    }

    function test_StartsAtZeroBelowItsLowerBound() public {
        OpenCumulative sum = new OpenCumulative(10, 20);
        assertEq(sum.total(), 0, "at first");
        _expectOutOfBounds(true, 9);
        sum.add(9);
        sum.add(10);
        assertEq(sum.total(), 10, "within bounds");
        _nextBlock();
        _expectOutOfBounds(false, 1);
        sum.sub(1);
    }

    function test_RevertGiven_NoPrecompile() public {
        vm.etch(CUMULATIVE, "");
        vm.expectRevert(U256Cumulative.U256Cumulative_Unavailable.selector);
        new OpenCumulative(0, 1);
    }

    /* CUMULATIVES BY KEY */

    function test_MapKeepsKeysApart() public {
        map.init(KEY, 0, type(uint256).max);
        map.init("other", 0, 5);
        map.add(KEY, 1e30);
        map.add("other", 5);
        assertEq(map.get(KEY), 1e30, "one");
        assertEq(map.get("other"), 5, "the other");
        vm.expectPartialRevert(Containers.Containers_WriteFailed.selector);
        map.add("other", 1);
    }

    function test_AbsentKeyReadsZero() public {
        assertEq(map.get(KEY), 0, "value");
        assertFalse(map.contains(KEY), "contains");
        map.init(KEY, 0, 1);
        assertTrue(map.contains(KEY), "contains after init");
    }

    function test_RevertGiven_KeyExists() public {
        map.init(KEY, 0, 1);
        vm.expectRevert(abi.encodeWithSelector(HashU256Map.HashU256Map_KeyExists.selector, KEY));
        map.init(KEY, 0, 2);
    }

    function test_RevertGiven_KeyIsAbsent() public {
        vm.expectPartialRevert(Containers.Containers_WriteFailed.selector);
        map.add(KEY, 1);
    }

    function test_RevertWhen_DeltaDoesNotFit() public {
        map.init(KEY, 0, type(uint256).max);
        uint256 delta = uint256(type(int256).max) + 1;
        vm.expectRevert(abi.encodeWithSelector(HashU256Map.HashU256Map_DeltaTooLarge.selector, delta));
        map.add(KEY, delta);
        map.add(KEY, delta - 1);
        _nextBlock();
        map.sub(KEY, delta - 1);
        assertEq(map.get(KEY), 0, "there and back");
    }

    /* FUZZ */

    /// @dev Both forms of storage against plain arithmetic: bounds, and what is spendable in the generation.
    function testFuzz_MatchesArithmetic(uint128[6] memory deltas, uint8 signs, uint8 blocks, uint8 form) public {
        uint256 max = form % 3 == 0 ? type(uint96).max : form % 3 == 1 ? type(uint256).max : uint256(3e38);
        OpenCumulative sum = new OpenCumulative(0, max);
        map.init(KEY, 0, max);
        (uint256 value, uint256 added) = (0, 0);
        for (uint256 i; i < 6; ++i) {
            if (blocks & (1 << i) != 0) {
                _nextBlock();
                added = 0;
            }
            bool isAddition = signs & (1 << i) != 0;
            uint256 delta = form & 0x80 == 0 ? deltas[i] : deltas[i] >> 64;
            uint256 spendable = value > added ? value - added : 0;
            bool fits = isAddition ? delta <= max - value : delta <= spendable;
            if (!fits) _expectOutOfBounds(isAddition, delta);
            isAddition ? sum.add(delta) : sum.sub(delta);
            if (!fits) vm.expectPartialRevert(Containers.Containers_WriteFailed.selector);
            isAddition ? map.add(KEY, delta) : map.sub(KEY, delta);
            if (!fits) continue;
            if (isAddition) (value, added) = (value + delta, added + delta);
            else value -= delta;
            assertEq(sum.total(), value, "one cumulative");
            assertEq(map.get(KEY), value, "the cumulative of a key");
        }
    }
}
