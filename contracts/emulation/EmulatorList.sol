// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { CONTAINER_EMULATOR, CUMULATIVE_EMULATOR, MULTIPROCESS_EMULATOR, RUNTIME_EMULATOR } from "./IEmulation.sol";

/// @notice Which compiled contract plays which precompile.
/// @dev Artifacts by name, so that who installs them need not be compiled for the same EVM.
library EmulatorList {
    struct Entry {
        address precompile;
        /// `File.sol:Contract`, as forge names artifacts.
        string artifact;
    }

    function all() internal pure returns (Entry[4] memory) {
        return [
            Entry(CONTAINER_EMULATOR, "ContainerEmulator.sol:ContainerEmulator"),
            Entry(CUMULATIVE_EMULATOR, "CumulativeEmulator.sol:CumulativeEmulator"),
            Entry(RUNTIME_EMULATOR, "RuntimeEmulator.sol:RuntimeEmulator"),
            Entry(MULTIPROCESS_EMULATOR, "MultiprocessEmulator.sol:MultiprocessEmulator")
        ];
    }
}
