// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IContainer } from "./IContainer.sol";

/// @notice Checked calls to a container precompile, on the container of the calling contract.
/// @dev A contract has ONE container: CONTAINERS, CUMULATIVE and MULTIPROCESS keep theirs at the same place, so that a contract
/// uses one of the three.
library Containers {
    /// @notice Thrown when a container cannot be created: the precompile is missing, or the contract has one already.
    error Containers_NotCreated(address precompile, uint8 kind);
    /// @notice Thrown when the precompile refuses a write.
    error Containers_WriteFailed(address precompile, bytes4 selector);
    /// @notice Thrown when a read ran out of gas, which must not be mistaken for an absent element.
    error Containers_OutOfGas(bytes4 selector);

    /// @dev `new(uint8,bool)` cannot be declared in Solidity, where `new` is a keyword.
    bytes4 internal constant NEW_SELECTOR = bytes4(keccak256("new(uint8,bool)"));

    /// @notice Kind of a container of byte strings.
    uint8 internal constant BYTES = 107;

    /// @notice Kind of a container of bounded cumulative uint256.
    uint8 internal constant U256_CUMULATIVE = 103;

    /// @notice Creates the calling contract's container. In its constructor, once.
    /// @dev The second argument would empty the container after every block.
    function create(address precompile, uint8 kind) internal {
        (bool ok, bytes memory answer) = precompile.call(abi.encodeWithSelector(NEW_SELECTOR, kind, false));
        if (!ok || answer.length == 0) revert Containers_NotCreated(precompile, kind);
    }

    /// @notice Runs a command of {IContainerOps} that writes.
    function write(address precompile, bytes memory command) internal returns (bytes memory answer) {
        bool ok;
        (ok, answer) = precompile.call(abi.encodeCall(IContainer.eval, (command)));
        if (!ok) revert Containers_WriteFailed(precompile, bytes4(command));
    }

    /// @notice Runs a command of {IContainerOps} that reads.
    /// @return found False when there is no such element, or nothing was ever committed.
    function read(address precompile, bytes memory command) internal view returns (bool found, bytes memory answer) {
        uint256 gasBefore = gasleft();
        (found, answer) = precompile.staticcall(abi.encodeCall(IContainer.eval, (command)));
        // A callee that runs out of gas takes 63/64 of it and answers as if the element were absent.
        if (!found && gasleft() < gasBefore / 32) revert Containers_OutOfGas(bytes4(command));
    }

    /// @notice As {read}, for commands that answer one word. Zero when there is no such element.
    function readWord(address precompile, bytes memory command) internal view returns (bool found, uint256 word) {
        bytes memory answer;
        (found, answer) = read(precompile, command);
        if (found) word = uint256(bytes32(answer));
    }
}
