// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { CONTAINERS } from "./Addresses.sol";
import { Containers } from "./Containers.sol";
import { IContainerOps } from "./IContainer.sol";

/// @notice A contract whose state is one concurrent container of byte strings by key, in the order of their appending.
/// @dev Two transactions of one generation do not conflict when they append, write or read different keys, read committed
/// indices or the committed length. An append conflicts with a read of the full length or the non-nil count.
/// @dev Warning: mutators are internal. The deriving contract decides who may call them: whoever can write can clear.
/// @dev Reads are static calls, which the runtime answers as it does calls; so they work in view functions.
abstract contract Base {
    /// @notice What {_keyToInd} answers for a key that is not there.
    uint256 internal constant NOT_FOUND = type(uint256).max;

    constructor() {
        Containers.create(CONTAINERS, Containers.BYTES);
    }

    /* WRITES */

    /// @notice Writes an element; appends it when its key is new.
    /// @param key One byte or more.
    function _setByKey(bytes memory key, bytes memory value) internal {
        Containers.write(CONTAINERS, abi.encodeCall(IContainerOps.setByKey, (key, value)));
    }

    /// @notice Deletes an element that exists.
    /// @dev Warning: its index stays, and reads as empty, until the generation ends; then later elements move up.
    function _delByKey(bytes memory key) internal {
        Containers.write(CONTAINERS, abi.encodeCall(IContainerOps.delByKey, (key)));
    }

    /// @notice Deletes the last element.
    /// @return Its value; empty when there is none.
    function _delLast() internal returns (bytes memory) {
        return Containers.write(CONTAINERS, abi.encodeCall(IContainerOps.delLast, ()));
    }

    /// @notice Deletes all elements. The committed length keeps its value until the next generation.
    /// @dev Warning: the runtime can lose a clear() of calls that it runs one after the other. Do not let exactness rest on it.
    function _clear() internal {
        Containers.write(CONTAINERS, abi.encodeCall(IContainerOps.clear, ()));
    }

    /* READS */

    /// @notice The value of `key`; empty when it is absent.
    function _getByKey(bytes memory key) internal view returns (bytes memory value) {
        (, value) = Containers.read(CONTAINERS, abi.encodeCall(IContainerOps.getByKey, (key)));
    }

    /// @notice The value at `index`; empty when there is none.
    /// @dev Warning: on the runtime it costs gas in proportion to the length of the container; {_indToKey} does not.
    function _getByIndex(uint256 index) internal view returns (bytes memory value) {
        (, value) = Containers.read(CONTAINERS, abi.encodeCall(IContainerOps.getByIndex, (index)));
    }

    /// @notice The key at `index`; empty when there is none.
    function _indToKey(uint256 index) internal view returns (bytes memory key) {
        (, key) = Containers.read(CONTAINERS, abi.encodeCall(IContainerOps.indToKey, (index)));
    }

    /// @notice The index of `key`, or NOT_FOUND.
    function _keyToInd(bytes memory key) internal view returns (uint256) {
        (bool found, uint256 index) = Containers.readWord(CONTAINERS, abi.encodeCall(IContainerOps.keyToInd, (key)));
        return found ? index : NOT_FOUND;
    }

    /// @notice Elements, deleted ones of this generation included.
    function _fullLength() internal view returns (uint256 count) {
        (, count) = Containers.readWord(CONTAINERS, abi.encodeCall(IContainerOps.fullLength, ()));
    }

    /// @notice Elements that were not deleted.
    function _nonNilCount() internal view returns (uint256 count) {
        (, count) = Containers.readWord(CONTAINERS, abi.encodeCall(IContainerOps.length, ()));
    }

    /// @notice Elements when the generation began.
    function _committedLength() internal view returns (uint256 count) {
        (, count) = Containers.readWord(CONTAINERS, abi.encodeCall(IContainerOps.committedLength, ()));
    }
}
