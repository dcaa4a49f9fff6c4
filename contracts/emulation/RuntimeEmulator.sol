// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Generations } from "./Generations.sol";
import {
    CONTAINER_EMULATOR,
    CUMULATIVE_EMULATOR,
    IGenerations,
    IRuntimeEmulation,
    MULTIPROCESS_EMULATOR
} from "./IEmulation.sol";

/// @notice Plays the runtime precompile, 0xa0.
/// @dev A contract cannot learn its transaction's hash: the pid is another number that no other transaction has, see {pid}.
/// @dev Not emulated: setParallelism, print; the prepayment of gas; that CREATE2 and factories keep a function from deferral.
contract RuntimeEmulator is Generations, IRuntimeEmulation {
    bool private _isInDeferred;
    bool private _isAborting;
    uint64 private _transactions;
    Deferral[] private _deferrals;

    bytes32 private transient _pid;
    uint64 private transient _uuids;
    uint64 private transient _jobDepth;

    /* THE PRECOMPILE */

    /// @notice The same for all of a transaction, and another one in every transaction.
    /// @dev keccak256(abi.encode(block.number, tx.origin, n)), n the value of {pidsIssued} after the transaction: those that ask
    /// are counted from 1 and over all blocks, those that revert are not. The embedded node computes it again.
    function pid() external returns (bytes32) {
        return _currentPid();
    }

    /// @notice 16 bytes that no other call gets, answered raw: the pid's first 8, and a number that counts.
    function uuid() external {
        bytes32 id = bytes32((uint256(_currentPid()) >> 192 << 192) | (uint256(++_uuids) << 128));
        assembly ("memory-safe") {
            mstore(0, id)
            return(0, 16)
        }
    }

    /// @notice Whether the transaction runs deferred. Never in a job.
    function isInDeferred() external view returns (bool) {
        return _isInDeferred && _jobDepth == 0;
    }

    /// @notice Makes a function of the caller deferrable, while its constructor runs.
    function defer(bytes4 selector, uint64 prepaidGas) external {
        // Check: an externally owned account has no code either, and is no contract under construction.
        if (msg.sender.code.length != 0 || msg.sender == tx.origin) {
            revert RuntimeEmulator_NotInConstructor(msg.sender);
        }
        _deferrals.push(Deferral(msg.sender, selector, prepaidGas));
        emit DeferRegistered(msg.sender, selector, prepaidGas);
    }

    /* THE SYSTEM */

    /// @inheritdoc IRuntimeEmulation
    function beginDeferred() external onlySystem {
        _isInDeferred = true;
        _beginGeneration();
    }

    /// @inheritdoc IRuntimeEmulation
    function endDeferred() external onlySystem {
        _isInDeferred = false;
        _beginGeneration();
    }

    /// @inheritdoc IRuntimeEmulation
    function setFlag(bool flag) external onlySystem {
        _isInDeferred = flag;
    }

    /// @inheritdoc IRuntimeEmulation
    function setAborting(bool isOn) external onlySystem {
        _isAborting = isOn;
    }

    /// @inheritdoc IRuntimeEmulation
    function enterJob() external {
        _onlyMultiprocess();
        ++_jobDepth;
    }

    /// @inheritdoc IRuntimeEmulation
    function leaveJob() external {
        _onlyMultiprocess();
        --_jobDepth;
    }

    /// @inheritdoc IRuntimeEmulation
    function isAborting() external view returns (bool) {
        return _isAborting;
    }

    /// @inheritdoc IRuntimeEmulation
    function pidsIssued() external view returns (uint64) {
        return _transactions;
    }

    /// @inheritdoc IRuntimeEmulation
    function deferrals() external view returns (Deferral[] memory) {
        return _deferrals;
    }

    /* INTERNALS */

    function _currentPid() private returns (bytes32 current) {
        current = _pid;
        if (current == 0) {
            current = keccak256(abi.encode(block.number, tx.origin, ++_transactions));
            _pid = current;
        }
    }

    function _beginGeneration() private {
        unchecked {
            ++_phase; // Phases are compared for equality alone, so that they may wrap.
        }
        IGenerations(CONTAINER_EMULATOR).setPhase(_phase);
        IGenerations(CUMULATIVE_EMULATOR).setPhase(_phase);
    }

    function _onlyMultiprocess() private view {
        if (msg.sender != MULTIPROCESS_EMULATOR) revert Emulator_OnlyFor(MULTIPROCESS_EMULATOR, msg.sender);
    }
}
