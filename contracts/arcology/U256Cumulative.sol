// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { CUMULATIVE } from "./Addresses.sol";
import { IU256Cumulative } from "./IU256Cumulative.sol";

/// @notice A contract that owns one bounded cumulative uint256.
/// @dev Additions and subtractions of one generation do not conflict with each other, only with reads. A subtraction is
/// checked against the value before the generation: what others add in parallel cannot be spent yet.
/// @dev Warning: the runtime keeps the integer in the contract's container, so that a contract cannot be {Base} or
/// {HashU256Map} as well. Mutators are internal: the deriving contract decides who may call them.
abstract contract U256Cumulative {
    /// @notice Thrown when the integer cannot be created: the precompile is missing, or the contract has a container already.
    error U256Cumulative_NotCreated(uint256 min, uint256 max);
    /// @notice Thrown when the integer would leave its bounds.
    error U256Cumulative_OutOfBounds(bool isAddition, uint256 delta);
    /// @notice Thrown when the precompile does not answer.
    error U256Cumulative_Unavailable();

    /// @dev The runtime knows the creation by the hash of this text, spaces included, which no declaration produces.
    bytes4 private constant NEW_SELECTOR = bytes4(keccak256("New(uint256, uint256, uint256)"));

    /// @notice Creates the integer. It starts at 0, even below `min`; the first addition must bring it within bounds.
    /// @param min Lower bound, included.
    /// @param max Upper bound, included.
    constructor(uint256 min, uint256 max) {
        (bool ok,) = CUMULATIVE.call(abi.encodeWithSelector(NEW_SELECTOR, min, max));
        if (!ok) revert U256Cumulative_NotCreated(min, max);
        // The creation answers nothing, as an address without code does: ask what only the precompile can answer.
        if (_read(abi.encodeCall(IU256Cumulative.max, ())) != max) revert U256Cumulative_NotCreated(min, max);
    }

    /* WRITES */

    /// @notice Adds to the integer.
    function _add(uint256 delta) internal {
        (bool ok,) = CUMULATIVE.call(abi.encodeCall(IU256Cumulative.add, (delta)));
        if (!ok) revert U256Cumulative_OutOfBounds(true, delta);
    }

    /// @notice Subtracts from the integer.
    function _sub(uint256 delta) internal {
        (bool ok,) = CUMULATIVE.call(abi.encodeCall(IU256Cumulative.sub, (delta)));
        if (!ok) revert U256Cumulative_OutOfBounds(false, delta);
    }

    /* READS */

    /// @notice The integer, this transaction's changes included.
    function _total() internal view returns (uint256) {
        return _read(abi.encodeCall(IU256Cumulative.get, ()));
    }

    /// @notice The lower bound, included.
    function _min() internal view returns (uint256) {
        return _read(abi.encodeCall(IU256Cumulative.min, ()));
    }

    /// @notice The upper bound, included.
    function _max() internal view returns (uint256) {
        return _read(abi.encodeCall(IU256Cumulative.max, ()));
    }

    function _read(bytes memory command) private view returns (uint256) {
        (bool ok, bytes memory answer) = CUMULATIVE.staticcall(command);
        if (!ok || answer.length != 32) revert U256Cumulative_Unavailable();
        return uint256(bytes32(answer));
    }
}
