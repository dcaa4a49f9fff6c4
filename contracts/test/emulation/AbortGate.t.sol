// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { RUNTIME } from "../../arcology/Addresses.sol";
import { AccessKind } from "../../emulation/AccessKind.sol";
import { ABORT_GATE_MASK, SYSTEM } from "../../emulation/IEmulation.sol";
import { OpenContainer } from "./Fixtures.sol";
import { MarkerReader } from "./MarkerReader.sol";

/// @notice What a gate stands in front of.
contract Callee {
    error Callee_Refused(bytes reason);

    event Stored(address sender, uint256 value);

    uint256 public immutable NUMBER;
    uint256 public stored = 1;

    constructor(uint256 number) {
        NUMBER = number;
    }

    receive() external payable {
        stored = msg.value;
    }

    fallback(bytes calldata input) external returns (bytes memory) {
        return input;
    }

    function store(uint256 value)
        external
        payable
        returns (address sender, address origin, address self, uint256 paid)
    {
        stored = value;
        emit Stored(msg.sender, value);
        return (msg.sender, tx.origin, address(this), msg.value);
    }

    function refuse(bytes calldata reason) external {
        stored = 0;
        revert Callee_Refused(reason);
    }

    function refuseInSilence() external {
        stored = 0;
        assembly {
            revert(0, 0)
        }
    }
}

/// @notice Calls a contract that may have a gate, or runs its code as its own.
contract Caller {
    bool public ok;
    bytes public answer;

    function relay(address target, bytes calldata data) external {
        (ok, answer) = target.call(data);
    }

    function borrow(address target, bytes calldata data) external {
        (ok, answer) = target.delegatecall(data);
    }
}

contract AbortGateTest is MarkerReader {
    address internal alice = makeAddr("alice");

    Callee internal callee;
    bytes internal original;

    function setUp() public {
        _installEmulation();
        callee = new Callee(42);
        original = address(callee).code;
        vm.deal(alice, 1 ether);
        callee.store(7);
        _gate(address(callee));
    }

    function _gate(address target) internal {
        vm.etch(address(uint160(target) ^ uint160(ABORT_GATE_MASK)), target.code);
        vm.etch(target, vm.getDeployedCode("AbortGate.sol:AbortGate"));
    }

    /* OPEN */

    function test_StorageAndImmutablesAreTheCallees() public {
        assertEq(callee.stored(), 7, "what was there before");
        assertEq(callee.NUMBER(), 42, "immutable");
        callee.store(8);
        vm.etch(address(callee), original);
        assertEq(callee.stored(), 8, "what was written behind the gate");
    }

    function test_SenderOriginAddressAndValueAreKept() public {
        vm.expectEmit(true, true, true, true, address(callee));
        emit Callee.Stored(alice, 9);
        vm.prank(alice, alice);
        (address sender, address origin, address self, uint256 paid) = callee.store{ value: 0.25 ether }(9);
        assertEq(sender, alice, "sender");
        assertEq(origin, alice, "origin");
        assertEq(self, address(callee), "address");
        assertEq(paid, 0.25 ether, "value");
        assertEq(address(callee).balance, 0.25 ether, "balance");
    }

    function test_ATransferArrives() public {
        vm.prank(alice);
        (bool ok, bytes memory answer) = address(callee).call{ value: 0.5 ether }("");
        assertTrue(ok, "success");
        assertEq(answer, "", "answer");
        assertEq(callee.stored(), 0.5 ether, "receive() ran");
    }

    function testFuzz_DataGoesThroughUnchanged(bytes memory data) public {
        vm.assume(data.length > 3);
        bytes memory unknown = bytes.concat(hex"ffffffff", data);
        (bool ok, bytes memory answer) = address(callee).call(unknown);
        assertTrue(ok, "success");
        assertEq(answer, unknown, "answer");
        vm.expectRevert(abi.encodeWithSelector(Callee.Callee_Refused.selector, data));
        callee.refuse(data);
        assertEq(callee.stored(), 7, "a revert leaves nothing");
    }

    function test_ASilentRevertStaysSilent() public {
        (bool ok, bytes memory answer) = address(callee).call(abi.encodeCall(callee.refuseInSilence, ()));
        assertFalse(ok, "success");
        assertEq(answer, "", "answer");
        assertEq(callee.stored(), 7, "a revert leaves nothing");
    }

    /// @dev The container belongs to the address, and so does what the markers say.
    function test_ContainersStayTheCallees() public {
        OpenContainer box = new OpenContainer();
        bytes memory code = address(box).code;
        box.set("a", "1");
        _gate(address(box));
        _send(alice, address(box), abi.encodeCall(box.set, ("b", "2")));
        assertEq(sent.markers.length, 1, "markers");
        assertEq(sent.markers[0], _marker(AccessKind.Append, address(box), keccak256("b")), "marker");
        assertEq(box.get("a"), "1", "read behind the gate");
        vm.etch(address(box), code);
        assertEq(box.get("b"), "2", "written behind the gate");
    }

    /// @dev It must not pass for a call that did nothing.
    function test_AProxyOfTheCalleeFails() public {
        Caller caller = new Caller();
        caller.borrow(address(callee), abi.encodeCall(callee.NUMBER, ()));
        assertFalse(caller.ok(), "behind the gate");
        vm.etch(address(callee), original);
        caller.borrow(address(callee), abi.encodeCall(callee.NUMBER, ()));
        assertTrue(caller.ok(), "without it");
    }

    function test_GivenNoEmulator_TheGateIsOpen() public {
        vm.etch(RUNTIME, "");
        assertEq(callee.stored(), 7, "an answer");
    }

    function test_GasOfAnOpenGate() public {
        callee.store(8);
        uint256 gated = vm.lastCallGas().gasTotalUsed;
        vm.etch(address(callee), original);
        callee.store(9);
        uint256 plain = vm.lastCallGas().gasTotalUsed;
        emit log_named_uint("gas of an open gate", gated - plain);
        assertLt(gated - plain, 8000, "gas of an open gate");
    }

    /* CLOSED */

    function test_RevertWhen_Aborting() public {
        _setAborting(true);
        bytes[4] memory calls = [
            abi.encodeCall(callee.store, (8)),
            abi.encodeCall(callee.stored, ()),
            abi.encodeCall(callee.refuse, ("reason")),
            bytes("")
        ];
        for (uint256 i; i < calls.length; ++i) {
            vm.recordLogs();
            vm.prank(alice);
            (bool ok, bytes memory answer) = address(callee).call{ value: i % 3 == 0 ? 1 : 0 }(calls[i]);
            assertFalse(ok, "success");
            assertEq(answer, "", "answer");
            assertEq(vm.getRecordedLogs().length, 0, "logs");
            assertEq(address(callee).balance, 0, "value comes back");
        }
        _setAborting(false);
        assertEq(callee.stored(), 7, "no state");
        callee.store(8);
        assertEq(callee.stored(), 8, "open again");
    }

    function test_GivenAborting_CallersSeeTheFailure() public {
        Caller caller = new Caller();
        _setAborting(true);
        caller.relay(address(callee), abi.encodeCall(callee.stored, ()));
        assertFalse(caller.ok(), "success");
        assertEq(caller.answer(), "", "answer");
        _setAborting(false);
        caller.relay(address(callee), abi.encodeCall(callee.stored, ()));
        assertTrue(caller.ok(), "success when open");
        assertEq(caller.answer(), abi.encode(7), "answer when open");
    }

    /// @dev The flag alone closes it, whoever calls.
    function test_GivenAborting_TheSystemIsRefusedToo() public {
        _setAborting(true);
        assertFalse(_call(SYSTEM, address(callee), abi.encodeCall(callee.stored, ())), "success");
    }
}
