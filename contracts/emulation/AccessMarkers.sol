// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { AccessKind } from "./AccessKind.sol";

/// @notice Makes what an operation of a precompile does visible to whoever traces the storage that a transaction touches.
/// @dev The emulators' own slots do not tell: an append writes what another one writes, where the runtime sees no conflict.
/// So each operation also reads a slot of the emulator that says what it did, and that nothing ever writes:
///
///     0xACCE (2 bytes) | AccessKind (1) | owner (20) | first 9 bytes of keccak256(key), 0 for the container as a whole (9)
///
/// A marker costs 2,100 gas the first time in a transaction, 100 after it. One of a reverted operation is in a trace as well.
/// @dev Warning: other slots of the emulators are hashes, one of 65,536 of which begins with 0xACCE too. Those name no owner
/// that the same transaction touches, as every marker does.
library AccessMarkers {
    uint256 private constant PREFIX = 0xACCE << 240;

    /// @notice Marks an access to all of the state of `owner`.
    function mark(AccessKind kind, address owner) internal view {
        mark(kind, owner, 0);
    }

    /// @notice Marks an access to one key of the container of `owner`.
    function mark(AccessKind kind, address owner, bytes32 keyHash) internal view {
        uint256 slot = PREFIX | (uint256(kind) << 232) | (uint256(uint160(owner)) << 72) | (uint256(keyHash) >> 184);
        assembly ("memory-safe") {
            // The value has to decide something: the optimiser takes out a load whose value nobody uses.
            if sload(slot) { invalid() }
        }
    }
}
