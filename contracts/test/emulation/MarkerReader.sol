// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { CONTAINERS, CUMULATIVE } from "../../arcology/Addresses.sol";
import { Containers } from "../../arcology/Containers.sol";
import { IContainer } from "../../arcology/IContainer.sol";
import { AccessKind } from "../../emulation/AccessKind.sol";
import { AccessRecorder } from "../utils/AccessRecorder.sol";
import { VmSafe } from "forge-std/Vm.sol";

/// @notice Sends transactions and reads the markers that the emulators left, from the storage that was touched.
abstract contract MarkerReader is AccessRecorder {
    /// @dev What became of the last transaction.
    struct Sent {
        bool ok;
        bytes32[] markers;
    }

    Sent internal sent;

    /// @dev Creates the container of `owner`.
    function _create(address owner, uint8 kind) internal {
        _send(owner, CONTAINERS, abi.encodeWithSelector(Containers.NEW_SELECTOR, kind, false));
    }

    /// @dev Sends a command to the container of `owner`.
    function _eval(address owner, bytes memory command) internal {
        _send(owner, CONTAINERS, abi.encodeCall(IContainer.eval, (command)));
    }

    function _send(address sender, address target, bytes memory data) internal {
        delete sent;
        vm.startStateDiffRecording();
        sent.ok = _call(sender, target, data);
        VmSafe.AccountAccess[] memory calls = vm.stopAndReturnStateDiff();
        for (uint256 i; i < calls.length; ++i) {
            VmSafe.StorageAccess[] memory touched = calls[i].storageAccesses;
            for (uint256 j; j < touched.length; ++j) {
                if (touched[j].account != CONTAINERS && touched[j].account != CUMULATIVE) continue;
                if (bytes2(touched[j].slot) != 0xacce) continue;
                assertFalse(touched[j].isWrite, "a marker is never written");
                sent.markers.push(touched[j].slot);
            }
        }
    }

    function _call(address sender, address target, bytes memory data) internal returns (bool ok) {
        vm.prank(sender);
        (ok,) = target.call(data);
    }

    /// @dev Written out here again, so that the library's layout is held against another.
    function _marker(AccessKind kind, address owner, bytes32 keyHash) internal pure returns (bytes32) {
        return bytes32(abi.encodePacked(hex"acce", uint8(kind), owner, bytes9(keyHash)));
    }
}
