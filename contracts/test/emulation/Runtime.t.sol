// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { RUNTIME } from "../../arcology/Addresses.sol";
import { IContainer, IContainerOps } from "../../arcology/IContainer.sol";
import { IRuntime } from "../../arcology/IRuntime.sol";
import { IU256Cumulative } from "../../arcology/IU256Cumulative.sol";
import { Runtime } from "../../arcology/Runtime.sol";
import { IEmulator, IRuntimeEmulation, SYSTEM } from "../../emulation/IEmulation.sol";
import { Emulation } from "../utils/Emulation.sol";
import { RuntimeUser } from "./Fixtures.sol";
import { Vm } from "forge-std/Vm.sol";

contract RuntimeTest is Emulation {
    IRuntimeEmulation internal constant SYSTEM_PART = IRuntimeEmulation(RUNTIME);

    RuntimeUser internal user;

    function setUp() public {
        _installEmulation();
        user = new RuntimeUser(false);
    }

    /* IDENTIFIERS */

    function test_PidIsStableWithinATransactionAlone() public {
        (bytes32 first, bytes32 second) = user.pids();
        assertEq(first, second, "within a transaction");
        (bytes32 next,) = user.pids();
        assertNotEq(first, next, "the next transaction");
        _nextBlock();
        (bytes32 later,) = user.pids();
        assertNotEq(next, later, "the next block");
    }

    /// @dev The embedded node computes pids by this formula.
    function test_PidIsOfTheBlockTheOriginAndACount() public {
        address[2] memory origins = [address(0xA11CE), address(0xB0B)];
        for (uint64 i; i < 2; ++i) {
            vm.prank(address(0xCAFE), origins[i]);
            (bytes32 pid,) = user.pids();
            assertEq(SYSTEM_PART.pidsIssued(), i + 1, "one for a transaction that asks twice");
            assertEq(pid, keccak256(abi.encode(vm.getBlockNumber(), origins[i], i + 1)), "pid");
            _nextBlock();
        }
    }

    function test_PidsOfRevertedTransactionsAreNotCounted() public {
        user.pids();
        vm.expectPartialRevert(RuntimeUser.RuntimeUser_Refused.selector);
        user.pidThenRevert();
        user.deferred();
        assertEq(SYSTEM_PART.pidsIssued(), 1, "the first one's alone");
    }

    function test_UuidIsNeverTheSame() public {
        (bytes memory first, bytes memory second) = user.uuids();
        assertNotEq(first, second, "within a transaction");
        (bytes memory third,) = user.uuids();
        assertNotEq(first, third, "the next transaction");
        assertNotEq(second, third, "the next transaction's first, this one's second");
    }

    /* DEFERRAL */

    function test_DeferInTheConstructorIsRegistered() public {
        vm.expectEmit(false, true, true, true, RUNTIME);
        emit IRuntimeEmulation.DeferRegistered(address(0), RuntimeUser.deferred.selector, 500_000);
        RuntimeUser deferring = new RuntimeUser(true);
        IRuntimeEmulation.Deferral[] memory deferrals = SYSTEM_PART.deferrals();
        assertEq(deferrals.length, 1, "one registration");
        assertEq(deferrals[0].target, address(deferring), "target");
        assertEq(deferrals[0].selector, RuntimeUser.deferred.selector, "selector");
        assertEq(deferrals[0].prepaidGas, 500_000, "prepaid gas");
    }

    function test_RevertWhen_DeferringLater() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                Runtime.Runtime_DeferRefused.selector, RuntimeUser.deferred.selector, uint64(500_000)
            )
        );
        user.deferLate();
    }

    function test_RevertWhen_AnAccountDefers() public {
        vm.prank(address(0xA11CE), address(0xA11CE));
        vm.expectRevert(
            abi.encodeWithSelector(IRuntimeEmulation.RuntimeEmulator_NotInConstructor.selector, address(0xA11CE))
        );
        IRuntime(RUNTIME).defer(RuntimeUser.deferred.selector, 500_000);
    }

    function test_FlagFollowsTheSystem() public {
        assertFalse(user.deferred(), "at first");
        _beginDeferred();
        assertTrue(user.deferred(), "in the deferred generation");
        _endDeferred();
        assertFalse(user.deferred(), "after it");
    }

    function test_FlagCanBeSetInsideAGeneration() public {
        uint48 generation = SYSTEM_PART.generation();
        _setDeferredFlag(true);
        assertTrue(user.deferred(), "flag");
        assertEq(SYSTEM_PART.generation(), generation, "the same generation");
        _setDeferredFlag(false);
        assertFalse(user.deferred(), "flag reset");
    }

    function test_AbortingFollowsTheSystem() public {
        uint48 generation = SYSTEM_PART.generation();
        assertFalse(SYSTEM_PART.isAborting(), "at first");
        _setAborting(true);
        assertTrue(SYSTEM_PART.isAborting(), "on");
        assertFalse(user.deferred(), "the deferred flag is another one");
        _setAborting(false);
        assertFalse(SYSTEM_PART.isAborting(), "off");
        assertEq(SYSTEM_PART.generation(), generation, "the same generation");
    }

    function test_GenerationsDiffer() public {
        uint48 first = SYSTEM_PART.generation();
        _beginDeferred();
        uint48 second = SYSTEM_PART.generation();
        _endDeferred();
        uint48 third = SYSTEM_PART.generation();
        _nextBlock();
        uint48 fourth = SYSTEM_PART.generation();
        assertTrue(first != second && second != third && third != fourth && first != third, "four generations");
        assertTrue(fourth != first && fourth != second, "of two blocks");
    }

    function test_RevertWhen_OthersUseTheSystemsPart() public {
        bytes memory denied = abi.encodeWithSelector(IEmulator.Emulator_OnlyFor.selector, SYSTEM, address(this));
        vm.expectRevert(denied);
        SYSTEM_PART.beginDeferred();
        vm.expectRevert(denied);
        SYSTEM_PART.endDeferred();
        vm.expectRevert(denied);
        SYSTEM_PART.setFlag(true);
        vm.expectRevert(denied);
        SYSTEM_PART.setAborting(true);
        vm.expectPartialRevert(IEmulator.Emulator_OnlyFor.selector);
        SYSTEM_PART.enterJob();
        vm.expectPartialRevert(IEmulator.Emulator_OnlyFor.selector);
        SYSTEM_PART.leaveJob();
    }

    function test_RevertGiven_NoPrecompile() public {
        vm.etch(RUNTIME, "");
        bytes memory unavailable = abi.encodeWithSelector(Runtime.Runtime_Unavailable.selector, RUNTIME);
        vm.expectRevert(unavailable);
        user.pids();
        vm.expectRevert(unavailable);
        user.uuids();
        vm.expectRevert(unavailable);
        user.deferred();
        vm.expectRevert(unavailable);
        new RuntimeUser(true);
    }

    /* THE RUNTIME'S ABI */

    function test_SelectorsAreTheRuntimes() public pure {
        assertEq(IRuntime.pid.selector, bytes4(0xf1068454), "pid");
        assertEq(IRuntime.uuid.selector, bytes4(0xbb07e85d), "uuid");
        assertEq(IRuntime.isInDeferred.selector, bytes4(0x21cb6bc3), "isInDeferred");
        assertEq(IRuntime.defer.selector, bytes4(0xac8f58f3), "defer");
        assertEq(IContainer.eval.selector, bytes4(0xc767f36f), "eval");
        assertEq(bytes4(keccak256("new(uint8,bool)")), bytes4(0xb613002b), "new");
        assertEq(bytes4(keccak256("New(uint256, uint256, uint256)")), bytes4(0x1c64499c), "New");
        assertEq(IContainerOps.setByKey.selector, bytes4(0x8ad4ebf6), "setByKey");
        assertEq(IContainerOps.init.selector, bytes4(0xe5e214b5), "init");
        assertEq(IContainerOps.delByKey.selector, bytes4(0x554609ea), "delByKey");
        assertEq(IContainerOps.delLast.selector, bytes4(0x0be0c6d5), "delLast");
        assertEq(IContainerOps.clear.selector, bytes4(0x52efea6e), "clear");
        assertEq(IContainerOps.getByKey.selector, bytes4(0x6b19df9b), "getByKey");
        assertEq(IContainerOps.getByIndex.selector, bytes4(0x2d883a73), "getByIndex");
        assertEq(IContainerOps.indToKey.selector, bytes4(0x06ed323c), "indToKey");
        assertEq(IContainerOps.keyToInd.selector, bytes4(0x911f6fe0), "keyToInd");
        assertEq(IContainerOps.fullLength.selector, bytes4(0x86039d78), "fullLength");
        assertEq(IContainerOps.length.selector, bytes4(0x1f7b6d32), "length");
        assertEq(IContainerOps.committedLength.selector, bytes4(0xb4a1054c), "committedLength");
        assertEq(IU256Cumulative.get.selector, bytes4(0x6d4ce63c), "get");
        assertEq(IU256Cumulative.add.selector, bytes4(0x1003e2d2), "add");
        assertEq(IU256Cumulative.sub.selector, bytes4(0x27ee58a6), "sub");
        assertEq(IU256Cumulative.min.selector, bytes4(0xf8897945), "min");
        assertEq(IU256Cumulative.max.selector, bytes4(0x6ac5db19), "max");
    }

    /// @dev The node takes the transaction and the signature from topics 1 and 2, and splits the data at the word of ones.
    function test_WriteBackEventIsAsTheNodeReadsIt() public {
        vm.recordLogs();
        user.writeBack("pid", "signature", abi.encode(1), abi.encode(2));
        Vm.Log memory log = vm.getRecordedLogs()[0];
        assertEq(log.topics.length, 3, "topics");
        assertEq(log.topics[0], keccak256("WriteBackEvent(bytes32,bytes32,bytes)"), "event");
        assertEq(log.topics[1], "pid", "transaction");
        assertEq(log.topics[2], "signature", "signature");
        assertEq(log.data, abi.encode(abi.encodePacked(uint256(1), type(uint256).max, uint256(2))), "context");
    }
}
