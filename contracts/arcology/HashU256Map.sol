// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { CONTAINERS } from "./Addresses.sol";
import { Containers } from "./Containers.sol";
import { IContainerOps } from "./IContainer.sol";

/// @notice A contract whose state is one concurrent container of bounded cumulative uint256 by key.
/// @dev Deltas to one key do not conflict with each other, only with reads of it. A delta that leaves the bounds, counted from
/// the value before the generation, fails: what others add in parallel cannot be spent yet.
/// @dev Warning: mutators are internal. The deriving contract decides who may call them.
abstract contract HashU256Map {
    /// @notice Thrown for a delta that the runtime cannot encode.
    error HashU256Map_DeltaTooLarge(uint256 delta);
    /// @notice Thrown when a key is created twice, which the runtime would pass over in silence.
    error HashU256Map_KeyExists(bytes32 key);

    constructor() {
        Containers.create(CONTAINERS, Containers.U256_CUMULATIVE);
    }

    /* WRITES */

    /// @notice Creates `key`. It starts at 0, even below `min`; the first delta must bring it within bounds.
    function _init(bytes32 key, uint256 min, uint256 max) internal {
        if (_contains(key)) revert HashU256Map_KeyExists(key);
        bytes memory command =
            abi.encodeCall(IContainerOps.init, (abi.encodePacked(key), abi.encodePacked(min), abi.encodePacked(max)));
        Containers.write(CONTAINERS, command);
    }

    /// @notice Adds to `key`, which exists.
    /// @param delta Up to 2^255 − 1.
    function _add(bytes32 key, uint256 delta) internal {
        if (delta > uint256(type(int256).max)) revert HashU256Map_DeltaTooLarge(delta);
        _apply(key, int256(delta));
    }

    /// @notice Subtracts from `key`, which exists.
    /// @param delta Up to 2^255 − 1.
    function _sub(bytes32 key, uint256 delta) internal {
        if (delta > uint256(type(int256).max)) revert HashU256Map_DeltaTooLarge(delta);
        _apply(key, -int256(delta));
    }

    /// @dev The runtime takes a delta as 32 bytes of two's complement.
    function _apply(bytes32 key, int256 delta) private {
        bytes memory command = abi.encodeCall(IContainerOps.setByKey, (abi.encodePacked(key), abi.encodePacked(delta)));
        Containers.write(CONTAINERS, command);
    }

    /* READS */

    /// @notice The value of `key`; 0 when it was never created.
    function _get(bytes32 key) internal view returns (uint256 value) {
        (, value) = Containers.readWord(CONTAINERS, abi.encodeCall(IContainerOps.getByKey, (abi.encodePacked(key))));
    }

    /// @notice Whether `key` was created.
    function _contains(bytes32 key) internal view returns (bool found) {
        (found,) = Containers.readWord(CONTAINERS, abi.encodeCall(IContainerOps.getByKey, (abi.encodePacked(key))));
    }
}
