// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { AccessKind } from "./AccessKind.sol";
import { AccessMarkers } from "./AccessMarkers.sol";
import { BoundedCell } from "./BoundedCell.sol";
import { CalldataBytes } from "./CalldataBytes.sol";
import { ContainerStorage } from "./ContainerStorage.sol";
import { IContainerEmulation, IOwnedState } from "./IEmulation.sol";
import { IPrecompiles, NEW_CONTAINER } from "./IPrecompiles.sol";
import { OneContainer } from "./OneContainer.sol";

/// @notice Plays the precompile of concurrent containers, 0x84. A container belongs to the contract that calls.
/// @dev As the runtime does, it answers bytes raw and fails for what is absent, without a word.
/// @dev Not emulated: clearCommitted, resetByKey, resetByInd, min, max; containers that empty themselves after each block; the
/// order of elements by transaction id (here they keep the order of appending); that deleted elements give up their index
/// when the generation ends (here they keep it until the container is cleared).
contract ContainerEmulator is ContainerStorage, OneContainer {
    using CalldataBytes for bytes;

    uint8 private constant BYTES = 107;
    uint8 private constant U256_CUMULATIVE = 103;

    bool private _loseClear;

    /* THE PRECOMPILE */

    fallback(bytes calldata input) external returns (bytes memory) {
        bytes4 selector = bytes4(input);
        bytes calldata arguments = input[4:];
        if (selector == NEW_CONTAINER) return _create(msg.sender, uint8(arguments.word(0)));
        if (selector != IPrecompiles.eval.selector) revert Emulator_UnknownCall(selector);

        bytes calldata command = arguments.at(0);
        selector = bytes4(command);
        arguments = command[4:];
        if (selector == IPrecompiles.setByKey.selector) return _set(msg.sender, arguments.at(0), arguments.at(1));
        if (selector == IPrecompiles.getByKey.selector) return _getByKey(msg.sender, arguments.at(0));
        if (selector == IPrecompiles.indToKey.selector) return _indToKey(msg.sender, arguments.word(0));
        if (selector == IPrecompiles.getByIndex.selector) return _getByIndex(msg.sender, arguments.word(0));
        if (selector == IPrecompiles.keyToInd.selector) return _keyToInd(msg.sender, arguments.at(0));
        if (selector == IPrecompiles.committedLength.selector) return _committedLength(msg.sender);
        if (selector == IPrecompiles.fullLength.selector) return abi.encode(_structure(msg.sender).length);
        if (selector == IPrecompiles.length.selector) return abi.encode(_structure(msg.sender).live);
        if (selector == IPrecompiles.clear.selector) return _clear(msg.sender);
        if (selector == IPrecompiles.delByKey.selector) return _deleteKey(msg.sender, arguments.at(0));
        if (selector == IPrecompiles.delLast.selector) return _deleteLast(msg.sender);
        if (selector == IPrecompiles.init.selector) {
            return _init(msg.sender, arguments.at(0), _number(arguments.at(1)), _number(arguments.at(2)));
        }
        revert Emulator_UnknownCall(selector);
    }

    /* THE SYSTEM */

    /// @inheritdoc IContainerEmulation
    function setFaults(bool loseClear) external onlySystem {
        _loseClear = loseClear;
    }

    /// @inheritdoc IContainerEmulation
    function kindOf(address owner) external view returns (uint8) {
        return _kind(owner);
    }

    /// @inheritdoc IOwnedState
    function owns(address owner) external view returns (bool) {
        return _kind(owner) != 0;
    }

    /// @inheritdoc IContainerEmulation
    function headerSlot(address owner) external pure returns (bytes32) {
        return _headerSlot(owner);
    }

    /// @inheritdoc IContainerEmulation
    function committedLengthOf(address owner) public view returns (uint256) {
        return _committed(_load(owner));
    }

    /* WRITES */

    function _create(address owner, uint8 kind) private returns (bytes memory) {
        if (kind != BYTES && kind != U256_CUMULATIVE) revert ContainerEmulator_UnknownKind(kind);
        _requireNoContainer(owner);
        _save(owner, Header(_generation(), 0, 0, 0, 0, kind));
        return abi.encodePacked(owner);
    }

    function _set(address owner, bytes calldata key, bytes calldata value) private returns (bytes memory) {
        Header memory header = _load(owner);
        bytes32 keyHash = keccak256(key);
        if (header.kind == U256_CUMULATIVE) {
            AccessMarkers.mark(AccessKind.Delta, owner, keyHash);
            return _addDelta(_cell(owner, header.epoch, keyHash), key, value);
        }

        Place memory place = _find(owner, header.epoch, keyHash);
        bool isUpdate = place.found && _isLive(owner, place.index);
        AccessMarkers.mark(isUpdate ? AccessKind.Update : AccessKind.Append, owner, keyHash);
        if (place.found) _update(owner, place.index, key, value);
        if (isUpdate) return "";

        _roll(header);
        if (place.found) ++header.live; // It was deleted.
        else _append(owner, header, place, keyHash, key, value);
        _save(owner, header);
        return "";
    }

    function _init(address owner, bytes calldata key, uint256 min, uint256 max) private returns (bytes memory) {
        Header memory header = _load(owner);
        bytes32 keyHash = keccak256(key);
        AccessMarkers.mark(AccessKind.Append, owner, keyHash);
        uint256 cell = _cell(owner, header.epoch, keyHash);
        if (header.kind != U256_CUMULATIVE || BoundedCell.exists(cell)) revert ContainerEmulator_BadCumulative(key);

        _roll(header);
        BoundedCell.create(cell, min, max);
        _append(owner, header, _find(owner, header.epoch, keyHash), keyHash, key, key[:0]);
        _save(owner, header);
        return "";
    }

    function _addDelta(uint256 cell, bytes calldata key, bytes calldata value) private returns (bytes memory) {
        if (value.length != 32 || !BoundedCell.exists(cell)) revert ContainerEmulator_BadCumulative(key);
        int256 delta = int256(uint256(bytes32(value)));
        uint256 size = delta < 0 ? uint256(-(delta + 1)) + 1 : uint256(delta);
        BoundedCell.change(cell, delta > 0, size, _generation());
        return "";
    }

    function _deleteKey(address owner, bytes calldata key) private returns (bytes memory) {
        bytes32 keyHash = keccak256(key);
        AccessMarkers.mark(AccessKind.Delete, owner, keyHash);
        Header memory header = _load(owner);
        if (header.kind != BYTES) revert Emulator_UnknownCall(IPrecompiles.delByKey.selector);
        Place memory place = _find(owner, header.epoch, keyHash);
        _requirePresent(place.found && _isLive(owner, place.index));
        _deleteAt(owner, header, place.index);
        return "";
    }

    /// @dev The runtime takes the index from the number of live elements, so that it fails where an earlier one was deleted.
    function _deleteLast(address owner) private returns (bytes memory value) {
        AccessMarkers.mark(AccessKind.Clear, owner);
        Header memory header = _load(owner);
        if (header.kind != BYTES) revert Emulator_UnknownCall(IPrecompiles.delLast.selector);
        if (header.live == 0) return "";
        uint256 index = header.live - 1;
        _requirePresent(_isLive(owner, index));
        value = _valueAt(owner, index);
        _deleteAt(owner, header, index);
    }

    function _deleteAt(address owner, Header memory header, uint256 index) private {
        _delete(owner, index);
        _roll(header);
        --header.live;
        _save(owner, header);
    }

    function _clear(address owner) private returns (bytes memory) {
        AccessMarkers.mark(AccessKind.Clear, owner);
        if (_loseClear) return "";
        Header memory header = _load(owner);
        _roll(header);
        ++header.epoch;
        (header.length, header.live) = (0, 0);
        _save(owner, header);
        return "";
    }

    /* READS */

    function _getByKey(address owner, bytes calldata key) private view returns (bytes memory) {
        bytes32 keyHash = keccak256(key);
        AccessMarkers.mark(AccessKind.Read, owner, keyHash);
        Header memory header = _load(owner);
        if (header.kind == U256_CUMULATIVE) return _cellValue(_cell(owner, header.epoch, keyHash));
        Place memory place = _find(owner, header.epoch, keyHash);
        _requirePresent(place.found && _isLive(owner, place.index));
        return _valueAt(owner, place.index);
    }

    function _getByIndex(address owner, uint256 index) private view returns (bytes memory) {
        Header memory header = _load(owner);
        _requireIndex(owner, header, index);
        if (header.kind == BYTES) return _valueAt(owner, index);
        return _cellValue(_cell(owner, header.epoch, keccak256(_keyAt(owner, index))));
    }

    function _indToKey(address owner, uint256 index) private view returns (bytes memory) {
        _requireIndex(owner, _load(owner), index);
        return _keyAt(owner, index);
    }

    function _keyToInd(address owner, bytes calldata key) private view returns (bytes memory) {
        bytes32 keyHash = keccak256(key);
        AccessMarkers.mark(AccessKind.Read, owner, keyHash);
        Place memory place = _find(owner, _structure(owner).epoch, keyHash);
        _requirePresent(place.found && _isLive(owner, place.index));
        return abi.encode(place.index);
    }

    function _committedLength(address owner) private view returns (bytes memory) {
        AccessMarkers.mark(AccessKind.ReadCommittedLength, owner);
        return abi.encode(committedLengthOf(owner));
    }

    /// @dev The header, for those who read what an append changes.
    function _structure(address owner) private view returns (Header memory) {
        AccessMarkers.mark(AccessKind.ReadStructure, owner);
        return _load(owner);
    }

    /// @dev Fails where there is no live element. An index that is not committed depends on the appends of this generation.
    function _requireIndex(address owner, Header memory header, uint256 index) private view {
        bool isCommitted = index < _committed(header);
        AccessMarkers.mark(isCommitted ? AccessKind.ReadCommitted : AccessKind.ReadStructure, owner);
        _requirePresent(index < header.length && _isLive(owner, index));
    }

    function _committed(Header memory header) private view returns (uint256) {
        return header.generation == _generation() ? header.committed : header.length;
    }

    function _cellValue(uint256 cell) private view returns (bytes memory) {
        _requirePresent(BoundedCell.exists(cell));
        return abi.encode(BoundedCell.load(cell).value);
    }

    function _requirePresent(bool present) private pure {
        if (present) return;
        assembly {
            revert(0, 0)
        }
    }

    /// @dev A big-endian number of up to 32 bytes.
    function _number(bytes calldata digits) private pure returns (uint256) {
        if (digits.length > 32) revert ContainerEmulator_BadCumulative(digits);
        return uint256(bytes32(digits)) >> (8 * (32 - digits.length));
    }
}
