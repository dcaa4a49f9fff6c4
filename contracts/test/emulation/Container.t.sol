// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { CONTAINERS, MULTIPROCESS } from "../../arcology/Addresses.sol";
import { Containers } from "../../arcology/Containers.sol";
import { IContainer, IContainerOps } from "../../arcology/IContainer.sol";
import { U256Cumulative } from "../../arcology/U256Cumulative.sol";
import { IContainerEmulation, IEmulator, IGenerations, SYSTEM } from "../../emulation/IEmulation.sol";
import { Emulation } from "../utils/Emulation.sol";
import { ContainerThenCumulative, ContainerThenJobs, CumulativeThenContainer, OpenContainer } from "./Fixtures.sol";

contract ContainerTest is Emulation {
    OpenContainer internal box;
    OpenContainer internal other;

    function setUp() public {
        _installEmulation();
        box = new OpenContainer();
        other = new OpenContainer();
    }

    function _assertLengths(uint256 full, uint256 live, uint256 committed, string memory when) internal view {
        (uint256 actualFull, uint256 actualLive, uint256 actualCommitted) = box.lengths();
        assertEq(actualFull, full, string.concat("full length ", when));
        assertEq(actualLive, live, string.concat("non-nil count ", when));
        assertEq(actualCommitted, committed, string.concat("committed length ", when));
    }

    function _fill(uint256 count) internal {
        for (uint256 i; i < count; ++i) {
            box.set(_key(i), abi.encodePacked(i));
        }
    }

    function _key(uint256 i) internal pure returns (bytes memory) {
        return abi.encodePacked("key", i);
    }

    /* ELEMENTS */

    function test_AppendKeepsOrder() public {
        _fill(3);
        for (uint256 i; i < 3; ++i) {
            assertEq(box.keyAt(i), _key(i), "key by index");
            assertEq(box.valueAt(i), abi.encodePacked(i), "value by index");
            assertEq(box.get(_key(i)), abi.encodePacked(i), "value by key");
            assertEq(box.indexOf(_key(i)), i, "index by key");
        }
    }

    function test_AbsentIsEmpty() public {
        _fill(1);
        assertEq(box.get("none"), "", "value of an absent key");
        assertEq(box.keyAt(1), "", "key beyond the end");
        assertEq(box.valueAt(1), "", "value beyond the end");
        assertEq(box.indexOf("none"), type(uint256).max, "index of an absent key");
    }

    function test_SetAgainReplacesTheValue() public {
        box.set("a", "short");
        box.set("b", "b");
        box.set("a", "a value of more than one slot, so that slots are added to the element");
        assertEq(box.get("a"), "a value of more than one slot, so that slots are added to the element", "longer");
        box.set("a", "s");
        assertEq(box.get("a"), "s", "shorter");
        assertEq(box.get("b"), "b", "the neighbour");
        _assertLengths(2, 2, 0, "after updates");
    }

    function test_OneElementForEachOwner() public {
        box.set("a", "mine");
        other.set("a", "theirs");
        assertEq(box.get("a"), "mine", "mine");
        assertEq(other.get("a"), "theirs", "theirs");
        other.clear();
        assertEq(box.get("a"), "mine", "another owner's clear");
    }

    function test_RevertWhen_KeyIsEmpty() public {
        vm.expectPartialRevert(Containers.Containers_WriteFailed.selector);
        box.set("", "value");
    }

    /* LENGTHS */

    function test_CommittedLengthIsOfTheGenerationsStart() public {
        _assertLengths(0, 0, 0, "at first");
        _fill(2);
        _assertLengths(2, 2, 0, "in the same block");
        _nextBlock();
        _assertLengths(2, 2, 2, "in the next block");
        box.set("more", "1");
        _assertLengths(3, 3, 2, "after one more");
        _beginDeferred();
        _assertLengths(3, 3, 3, "in the deferred generation");
        box.set("last", "1");
        _assertLengths(4, 4, 3, "after an append in it");
        _endDeferred();
        _assertLengths(4, 4, 4, "after it");
    }

    function test_ClearShowsAtOnceButInTheCommittedLength() public {
        _fill(3);
        _nextBlock();
        box.clear();
        _assertLengths(0, 0, 3, "after clear");
        assertEq(box.get(_key(0)), "", "value after clear");
        assertEq(box.keyAt(0), "", "key after clear");
        _nextBlock();
        _assertLengths(0, 0, 0, "a block later");
    }

    function test_ClearAndAppendInOneTransaction() public {
        _fill(3);
        _nextBlock();
        (uint256 full, uint256 live, uint256 committed) = box.clearAndAppend("new");
        assertEq(full, 1, "full length");
        assertEq(live, 1, "non-nil count");
        assertEq(committed, 3, "committed length");
        assertEq(box.keyAt(0), "new", "key");
        assertEq(box.keyAt(1), "", "what was there before");
    }

    function test_GivenLoseClear_NothingIsCleared() public {
        _fill(2);
        _loseClears(true);
        box.clear();
        _assertLengths(2, 2, 0, "after a lost clear");
        _loseClears(false);
        box.clear();
        _assertLengths(0, 0, 0, "after a clear");
    }

    /* DELETION */

    function test_DeleteLeavesAHole() public {
        _fill(3);
        box.deleteKey(_key(1));
        _assertLengths(3, 2, 0, "after a deletion");
        assertEq(box.get(_key(1)), "", "deleted value");
        assertEq(box.keyAt(1), "", "deleted key");
        assertEq(box.indexOf(_key(1)), type(uint256).max, "deleted index");
        assertEq(box.keyAt(2), _key(2), "the next one");

        box.set(_key(1), "back");
        _assertLengths(3, 3, 0, "after its return");
        assertEq(box.get(_key(1)), "back", "returned value");
    }

    function test_RevertGiven_DeletedKeyIsAbsent() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                Containers.Containers_WriteFailed.selector, CONTAINERS, IContainerOps.delByKey.selector
            )
        );
        box.deleteKey("none");
    }

    function test_DeleteLastAnswersTheValue() public {
        assertEq(box.deleteLast(), "", "of nothing");
        _fill(2);
        assertEq(box.deleteLast(), abi.encodePacked(uint256(1)), "last value");
        assertEq(box.deleteLast(), abi.encodePacked(uint256(0)), "the one before");
        _assertLengths(2, 0, 0, "after both");
    }

    /* OWNERSHIP */

    function test_RevertGiven_NoContainer() public {
        vm.expectRevert(abi.encodeWithSelector(IEmulator.Emulator_NoContainer.selector, address(this)));
        IContainer(CONTAINERS).eval(abi.encodeCall(IContainerOps.fullLength, ()));
    }

    function test_RevertGiven_SecondContainer() public {
        vm.expectRevert(abi.encodeWithSelector(U256Cumulative.U256Cumulative_NotCreated.selector, 0, 1));
        new ContainerThenCumulative();
        vm.expectRevert(abi.encodeWithSelector(Containers.Containers_NotCreated.selector, CONTAINERS, 107));
        new CumulativeThenContainer();
        vm.expectRevert(abi.encodeWithSelector(Containers.Containers_NotCreated.selector, MULTIPROCESS, 107));
        new ContainerThenJobs();
    }

    function test_RevertGiven_NoPrecompile() public {
        vm.etch(CONTAINERS, "");
        vm.expectRevert(abi.encodeWithSelector(Containers.Containers_NotCreated.selector, CONTAINERS, 107));
        new OpenContainer();
    }

    function test_RevertWhen_OthersUseTheSystemsPart() public {
        vm.expectRevert(abi.encodeWithSelector(IEmulator.Emulator_OnlyFor.selector, SYSTEM, address(this)));
        IContainerEmulation(CONTAINERS).setFaults(true);
        vm.expectPartialRevert(IEmulator.Emulator_OnlyFor.selector);
        IGenerations(CONTAINERS).setPhase(1);
    }

    /// @dev Out of gas must not look like an empty answer: some gas limit makes the read itself run dry.
    function test_OutOfGasIsNotAbsent() public {
        bytes memory value = new bytes(3000);
        value[2999] = 0x01;
        box.set("k", value);
        uint256 answers;
        for (uint256 gasLimit = 20_000; gasLimit < 500_000; gasLimit += 5000) {
            (bool ok, bytes memory answer) =
                address(box).staticcall{ gas: gasLimit }(abi.encodeCall(OpenContainer.get, ("k")));
            if (!ok) continue;
            ++answers;
            assertEq(keccak256(abi.decode(answer, (bytes))), keccak256(value), "an answer is the value");
        }
        assertGt(answers, 0, "some limit suffices");
    }

    /* FUZZ */

    /// @dev Any keys and values, also over old slots, against a model that is an array.
    function testFuzz_BehavesAsAMap(bytes[8] memory keys, bytes[8] memory values, uint8 clearAfter) public {
        uint256 from;
        for (uint256 i; i < 8; ++i) {
            if (keys[i].length == 0) keys[i] = "k";
            box.set(keys[i], values[i]);
            if (i != clearAfter % 16) continue;
            box.clear();
            from = i + 1;
        }
        uint256 distinct;
        for (uint256 i = from; i < 8; ++i) {
            (bool isFirst, bytes memory latest) = (true, values[i]);
            for (uint256 j = from; j < 8; ++j) {
                if (keccak256(keys[j]) != keccak256(keys[i])) continue;
                if (j < i) isFirst = false;
                if (j > i) latest = values[j];
            }
            assertEq(box.get(keys[i]), latest, "the latest value");
            if (isFirst) assertEq(box.keyAt(distinct++), keys[i], "the order of appending");
        }
        (uint256 full,,) = box.lengths();
        assertEq(full, distinct, "the number of distinct keys");
    }

    /// @dev More keys than the first level of the table has places.
    function test_ManyKeys() public {
        _fill(7000);
        (uint256 full,,) = box.lengths();
        assertEq(full, 7000, "full length");
        for (uint256 i; i < 7000; i += 97) {
            assertEq(box.indexOf(_key(i)), i, "index");
            assertEq(box.get(_key(i)), abi.encodePacked(i), "value");
        }
    }
}
