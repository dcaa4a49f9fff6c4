// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IGenerations, RUNTIME_EMULATOR, SYSTEM } from "./IEmulation.sol";

/// @notice Tells generations apart: each block is one, and the system begins another inside a block.
/// @dev Every emulator keeps the phase itself, because asking another contract costs more than a transaction's whole append.
abstract contract Generations is IGenerations {
    uint16 internal _phase;

    modifier onlySystem() {
        if (msg.sender != SYSTEM) revert Emulator_OnlyFor(SYSTEM, msg.sender);
        _;
    }

    /// @inheritdoc IGenerations
    function setPhase(uint16 phase) external {
        if (msg.sender != RUNTIME_EMULATOR) revert Emulator_OnlyFor(RUNTIME_EMULATOR, msg.sender);
        _phase = phase;
    }

    /// @inheritdoc IGenerations
    function generation() external view returns (uint48) {
        return _generation();
    }

    /// @dev Room for 2^32 blocks of 2^16 generations.
    function _generation() internal view returns (uint48) {
        return (uint48(block.number) << 16) | _phase;
    }
}
