// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { CalldataBytes } from "./CalldataBytes.sol";
import { IMultiprocessEmulation, IOwnedState, IRuntimeEmulation, RUNTIME_EMULATOR, SYSTEM } from "./IEmulation.sol";
import { IPrecompiles, NEW_CONTAINER } from "./IPrecompiles.sol";
import { OneContainer } from "./OneContainer.sol";

/// @notice Plays the precompile of parallel jobs, 0xb0. Jobs belong to the contract that calls and to its transaction.
/// @dev Jobs run one by one. In a job msg.sender is this address, where on the runtime it is the transaction's origin: neither
/// is the contract that added the job, so that a guard by msg.sender fails here as it does there.
/// @dev Not emulated: the jobs' intrinsic gas and nonces; wei sent along (such a job fails, because it would come from the
/// origin); reverted jobs are rolled back here.
contract MultiprocessEmulator is OneContainer, IMultiprocessEmulation {
    using CalldataBytes for bytes;

    uint256 private constant MAX_JOBS = 16;
    uint8 private constant BYTES = 107;

    /// @dev Number of jobs of an owner that takes no more in this transaction.
    uint256 private constant CLOSED = type(uint256).max;

    mapping(address owner => bool hasContainer) private _owns;
    uint16 private _lostJobs;
    bool private _reversed;

    /* THE PRECOMPILE */

    fallback(bytes calldata input) external returns (bytes memory) {
        bytes4 selector = bytes4(input);
        bytes calldata arguments = input[4:];
        if (selector == NEW_CONTAINER) {
            if (uint8(arguments.word(0)) != BYTES) revert Emulator_UnknownCall(selector);
            _requireNoContainer(msg.sender);
            _owns[msg.sender] = true;
            return abi.encodePacked(msg.sender);
        }

        if (!_owns[msg.sender]) revert Emulator_NoContainer(msg.sender);
        if (selector == IPrecompiles.invoke.selector) return abi.encode(_run(msg.sender));
        if (selector != IPrecompiles.eval.selector) revert Emulator_UnknownCall(selector);

        bytes calldata command = arguments.at(0);
        selector = bytes4(command);
        arguments = command[4:];
        if (selector == IPrecompiles.setByKey.selector) {
            _add(msg.sender, arguments.at(1));
        } else if (selector == IPrecompiles.clear.selector) {
            _setCount(msg.sender, CLOSED);
        } else {
            revert Emulator_UnknownCall(selector);
        }
        return "";
    }

    /* THE SYSTEM */

    /// @inheritdoc IMultiprocessEmulation
    function setFaults(uint16 lostJobs, bool reversed) external {
        if (msg.sender != SYSTEM) revert Emulator_OnlyFor(SYSTEM, msg.sender);
        (_lostJobs, _reversed) = (lostJobs, reversed);
    }

    /// @inheritdoc IOwnedState
    function owns(address owner) external view returns (bool) {
        return _owns[owner];
    }

    /* JOBS */

    function _run(address owner) private returns (Result[] memory results) {
        uint256 count = _count(owner);
        if (count == CLOSED) return results;
        if (count > MAX_JOBS) count = MAX_JOBS;
        _setCount(owner, CLOSED);

        results = new Result[](count);
        (uint256 lostJobs, bool reversed) = (_lostJobs, _reversed);
        for (uint256 i; i < count; ++i) {
            uint256 index = reversed ? count - 1 - i : i;
            if (lostJobs & (1 << index) != 0) results[index].success = true;
            else results[index] = _execute(_jobAt(owner, index));
        }
    }

    function _execute(bytes memory job) private returns (Result memory result) {
        (uint256 gasLimit, uint256 ethValue, address target, bytes memory data) =
            abi.decode(job, (uint256, uint256, address, bytes));
        if (ethValue != 0) return result;
        IRuntimeEmulation(RUNTIME_EMULATOR).enterJob();
        (result.success, result.returnData) = target.call{ gas: gasLimit }(data);
        IRuntimeEmulation(RUNTIME_EMULATOR).leaveJob();
    }

    /* TRANSIENT STORAGE */

    function _add(address owner, bytes calldata job) private {
        uint256 count = _count(owner);
        if (count == CLOSED) return; // As on the runtime: what is added after a clearing is not executed.
        _setCount(owner, count + 1);
        uint256 slot = _jobSlot(owner, count);
        uint256 words = (job.length + 31) / 32;
        assembly {
            tstore(slot, job.length)
        }
        for (uint256 i; i < words; ++i) {
            assembly {
                tstore(add(slot, add(i, 1)), calldataload(add(job.offset, mul(i, 32))))
            }
        }
    }

    function _jobAt(address owner, uint256 index) private view returns (bytes memory job) {
        uint256 slot = _jobSlot(owner, index);
        uint256 length;
        assembly {
            length := tload(slot)
        }
        job = new bytes(length);
        uint256 words = (length + 31) / 32;
        for (uint256 i; i < words; ++i) {
            assembly ("memory-safe") {
                mstore(add(job, mul(add(i, 1), 32)), tload(add(slot, add(i, 1))))
            }
        }
    }

    function _count(address owner) private view returns (uint256 count) {
        assembly {
            count := tload(owner)
        }
    }

    function _setCount(address owner, uint256 count) private {
        assembly {
            tstore(owner, count)
        }
    }

    function _jobSlot(address owner, uint256 index) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(owner, index)));
    }
}
