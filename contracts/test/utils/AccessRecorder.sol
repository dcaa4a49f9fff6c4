// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Containers } from "../../arcology/Containers.sol";
import { IContainer, IContainerOps } from "../../arcology/IContainer.sol";
import { IU256Cumulative } from "../../arcology/IU256Cumulative.sol";
import { AccessKind } from "../../emulation/AccessKind.sol";
import {
    CONTAINER_EMULATOR,
    CUMULATIVE_EMULATOR,
    IContainerEmulation,
    MULTIPROCESS_EMULATOR,
    RUNTIME_EMULATOR
} from "../../emulation/IEmulation.sol";
import { Access, Accesses } from "./Accesses.sol";
import { Emulation } from "./Emulation.sol";
import { VmSafe } from "forge-std/Vm.sol";

/// @notice Records what a transaction reads and writes, as the runtime's conflict detection sees it: plain storage by slot,
/// containers and cumulatives by owner and key.
/// @dev Use: `_startRecording()`, one call, `_stopRecording()`, and {Accesses-conflict} on two of the answers.
/// @dev Warning: stop before the generation ends, because whether an index is committed is asked then.
/// @dev Out of scope: balances, nonces and code. What a reverted inner call touched counts, as it does on the runtime.
abstract contract AccessRecorder is Emulation {
    /// @notice Thrown for a container call that the recorder cannot classify.
    error AccessRecorder_UnknownCall(bytes4 selector);

    Access[] private _found;

    function _startRecording() internal {
        vm.startStateDiffRecording();
    }

    /// @notice All accesses since {_startRecording}, each once.
    function _stopRecording() internal returns (Access[] memory) {
        return _classify(vm.stopAndReturnStateDiff(), 0, type(uint256).max);
    }

    /// @notice The accesses of each job that ran since {_startRecording}, in the order of running; the rest is left out.
    function _stopRecordingJobs() internal returns (Access[][] memory jobs) {
        VmSafe.AccountAccess[] memory calls = vm.stopAndReturnStateDiff();
        uint256 count;
        for (uint256 i; i < calls.length; ++i) {
            if (_isJob(calls[i])) ++count;
        }
        jobs = new Access[][](count);
        uint256 job;
        for (uint256 i; i < calls.length; ++i) {
            if (!_isJob(calls[i])) continue;
            uint256 end = i + 1;
            while (end < calls.length && calls[end].depth > calls[i].depth) ++end;
            jobs[job++] = _classify(calls, i, end);
        }
    }

    /// @dev A call that the emulator of 0xb0 makes is a job, but for those that tell the runtime of it.
    function _isJob(VmSafe.AccountAccess memory call) private pure returns (bool) {
        return call.kind == VmSafe.AccountAccessKind.Call && call.accessor == MULTIPROCESS_EMULATOR
            && call.account != RUNTIME_EMULATOR;
    }

    function _classify(VmSafe.AccountAccess[] memory calls, uint256 start, uint256 end)
        private
        returns (Access[] memory accesses)
    {
        delete _found;
        for (uint256 i = start; i < end && i < calls.length; ++i) {
            VmSafe.AccountAccess memory call = calls[i];
            bool isCall = call.kind == VmSafe.AccountAccessKind.Call || call.kind == VmSafe.AccountAccessKind.StaticCall;
            if (isCall && call.account == CONTAINER_EMULATOR) _container(call);
            if (isCall && call.account == CUMULATIVE_EMULATOR) _cumulative(call);
            _plain(call.storageAccesses);
        }
        accesses = _found;
    }

    function _plain(VmSafe.StorageAccess[] memory touched) private {
        for (uint256 i; i < touched.length; ++i) {
            // What the test itself touches is no part of the transaction.
            if (_isEmulator(touched[i].account) || touched[i].account == address(this)) continue;
            AccessKind kind = touched[i].isWrite ? AccessKind.PlainWrite : AccessKind.PlainRead;
            _push(Access(kind, touched[i].account, touched[i].slot));
        }
    }

    function _container(VmSafe.AccountAccess memory call) private {
        bytes4 selector = bytes4(call.data);
        // The emulators ask each other, and the creation of a container concerns a contract that nobody else knows yet.
        if (_isEmulator(call.accessor) || selector == Containers.NEW_SELECTOR) return;
        if (selector != IContainer.eval.selector) revert AccessRecorder_UnknownCall(selector);

        address owner = call.accessor;
        bytes memory command = abi.decode(_arguments(call.data), (bytes));
        selector = bytes4(command);
        bytes memory arguments = _arguments(command);
        if (selector == IContainerOps.setByKey.selector) {
            (bytes memory key,) = abi.decode(arguments, (bytes, bytes));
            bool isDelta = IContainerEmulation(CONTAINER_EMULATOR).kindOf(owner) == Containers.U256_CUMULATIVE;
            AccessKind kind =
                isDelta ? AccessKind.Delta : _changesLength(call, owner) ? AccessKind.Append : AccessKind.Update;
            _push(Access(kind, owner, keccak256(key)));
        } else if (selector == IContainerOps.init.selector) {
            (bytes memory key,,) = abi.decode(arguments, (bytes, bytes, bytes));
            _push(Access(AccessKind.Append, owner, keccak256(key)));
        } else if (selector == IContainerOps.getByKey.selector) {
            _push(Access(AccessKind.Read, owner, keccak256(abi.decode(arguments, (bytes)))));
        } else if (selector == IContainerOps.delByKey.selector) {
            _push(Access(AccessKind.Delete, owner, keccak256(abi.decode(arguments, (bytes)))));
        } else if (selector == IContainerOps.indToKey.selector || selector == IContainerOps.getByIndex.selector) {
            uint256 index = abi.decode(arguments, (uint256));
            bool isCommitted = index < IContainerEmulation(CONTAINER_EMULATOR).committedLengthOf(owner);
            _push(Access(isCommitted ? AccessKind.ReadCommitted : AccessKind.ReadStructure, owner, 0));
        } else if (selector == IContainerOps.keyToInd.selector) {
            _push(Access(AccessKind.Read, owner, keccak256(abi.decode(arguments, (bytes)))));
            _push(Access(AccessKind.ReadStructure, owner, 0));
        } else if (selector == IContainerOps.fullLength.selector || selector == IContainerOps.length.selector) {
            _push(Access(AccessKind.ReadStructure, owner, 0));
        } else if (selector == IContainerOps.committedLength.selector) {
            _push(Access(AccessKind.ReadCommittedLength, owner, 0));
        } else if (selector == IContainerOps.clear.selector || selector == IContainerOps.delLast.selector) {
            _push(Access(AccessKind.Clear, owner, 0));
        } else {
            revert AccessRecorder_UnknownCall(selector);
        }
    }

    function _cumulative(VmSafe.AccountAccess memory call) private {
        if (_isEmulator(call.accessor)) return;
        bytes4 selector = bytes4(call.data);
        bool isDelta = selector == IU256Cumulative.add.selector || selector == IU256Cumulative.sub.selector;
        bool isRead = selector == IU256Cumulative.get.selector || selector == IU256Cumulative.min.selector
            || selector == IU256Cumulative.max.selector;
        // What is left is its creation, of a contract that nobody else knows yet.
        if (isDelta) _push(Access(AccessKind.Delta, call.accessor, 0));
        if (isRead) _push(Access(AccessKind.Read, call.accessor, 0));
    }

    function _changesLength(VmSafe.AccountAccess memory call, address owner) private pure returns (bool) {
        bytes32 header = IContainerEmulation(CONTAINER_EMULATOR).headerSlot(owner);
        for (uint256 i; i < call.storageAccesses.length; ++i) {
            if (call.storageAccesses[i].isWrite && call.storageAccesses[i].slot == header) return true;
        }
        return false;
    }

    function _push(Access memory access) private {
        for (uint256 i; i < _found.length; ++i) {
            if (Accesses.equal(_found[i], access)) return;
        }
        _found.push(access);
    }

    function _isEmulator(address account) private pure returns (bool) {
        return account == CONTAINER_EMULATOR || account == CUMULATIVE_EMULATOR || account == RUNTIME_EMULATOR
            || account == MULTIPROCESS_EMULATOR;
    }

    /// @dev Call data without its selector.
    function _arguments(bytes memory data) private pure returns (bytes memory arguments) {
        arguments = new bytes(data.length - 4);
        for (uint256 i; i < arguments.length; ++i) {
            arguments[i] = data[i + 4];
        }
    }
}
