// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { AccessKind } from "./AccessKind.sol";
import { AccessMarkers } from "./AccessMarkers.sol";
import { BoundedCell } from "./BoundedCell.sol";
import { CalldataBytes } from "./CalldataBytes.sol";
import { Generations } from "./Generations.sol";
import { IOwnedState } from "./IEmulation.sol";
import { IPrecompiles, NEW_CUMULATIVE } from "./IPrecompiles.sol";
import { OneContainer } from "./OneContainer.sol";

/// @notice Plays the precompile of cumulative integers, 0x85. A contract has one.
contract CumulativeEmulator is Generations, OneContainer {
    using CalldataBytes for bytes;

    fallback(bytes calldata input) external returns (bytes memory) {
        bytes4 selector = bytes4(input);
        bytes calldata arguments = input[4:];
        uint256 cell = _cell(msg.sender);
        if (selector == NEW_CUMULATIVE) {
            _requireNoContainer(msg.sender);
            BoundedCell.create(cell, arguments.word(0), arguments.word(1));
            return "";
        }

        if (!BoundedCell.exists(cell)) revert Emulator_NoContainer(msg.sender);
        if (selector == IPrecompiles.add.selector || selector == IPrecompiles.sub.selector) {
            AccessMarkers.mark(AccessKind.Delta, msg.sender);
            BoundedCell.change(cell, selector == IPrecompiles.add.selector, arguments.word(0), _generation());
            return "";
        }
        if (selector == IPrecompiles.get.selector) return abi.encode(_read(cell).value);
        if (selector == IPrecompiles.min.selector) return abi.encode(_read(cell).min);
        if (selector == IPrecompiles.max.selector) return abi.encode(_read(cell).max);
        revert Emulator_UnknownCall(selector);
    }

    /// @inheritdoc IOwnedState
    function owns(address owner) external view returns (bool) {
        return BoundedCell.exists(_cell(owner));
    }

    function _read(uint256 cell) private view returns (BoundedCell.Cell memory) {
        AccessMarkers.mark(AccessKind.Read, msg.sender);
        return BoundedCell.load(cell);
    }

    function _cell(address owner) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(owner)));
    }
}
