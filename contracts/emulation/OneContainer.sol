// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { CONTAINER_EMULATOR, CUMULATIVE_EMULATOR, IOwnedState, MULTIPROCESS_EMULATOR } from "./IEmulation.sol";

/// @notice Holds that a contract has one container, whichever precompile it asks for it.
/// @dev The runtime keeps all three at one path, where a second one would share elements with the first. The emulation refuses.
abstract contract OneContainer is IOwnedState {
    function _requireNoContainer(address owner) internal view {
        address[3] memory emulators = [CONTAINER_EMULATOR, CUMULATIVE_EMULATOR, MULTIPROCESS_EMULATOR];
        for (uint256 i; i < emulators.length; ++i) {
            if (IOwnedState(emulators[i]).owns(owner)) revert Emulator_HasContainer(owner, emulators[i]);
        }
    }
}
