// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { EmulatorList } from "../../emulation/EmulatorList.sol";
import {
    CONTAINER_EMULATOR,
    IContainerEmulation,
    IMultiprocessEmulation,
    IRuntimeEmulation,
    MULTIPROCESS_EMULATOR,
    RUNTIME_EMULATOR,
    SYSTEM
} from "../../emulation/IEmulation.sol";
import { Test } from "forge-std/Test.sol";

/// @notice Tests on a chain whose runtime is emulated.
/// @dev Emulators come from their artifacts and are never imported: this file is compiled for the EVM of the production code.
abstract contract Emulation is Test {
    uint256 internal constant BLOCK_SECONDS = 1;

    /// @notice Puts the emulators where the runtime has its precompiles. Call it first in setUp.
    function _installEmulation() internal {
        EmulatorList.Entry[4] memory entries = EmulatorList.all();
        for (uint256 i; i < entries.length; ++i) {
            vm.etch(entries[i].precompile, vm.getDeployedCode(entries[i].artifact));
            vm.label(entries[i].precompile, entries[i].artifact);
        }
        vm.label(SYSTEM, "system");
    }

    /// @notice Begins the generation of the deferred transactions of this block.
    function _beginDeferred() internal {
        vm.prank(SYSTEM);
        IRuntimeEmulation(RUNTIME_EMULATOR).beginDeferred();
    }

    /// @notice Ends it.
    function _endDeferred() internal {
        vm.prank(SYSTEM);
        IRuntimeEmulation(RUNTIME_EMULATOR).endDeferred();
    }

    /// @notice Moves to the next block.
    function _nextBlock() internal {
        vm.roll(vm.getBlockNumber() + 1);
        vm.warp(vm.getBlockTimestamp() + BLOCK_SECONDS);
    }

    /// @notice Sets the deferred flag inside the parallel generation, as for a single call of a deferrable function.
    function _setDeferredFlag(bool isInDeferred) internal {
        vm.prank(SYSTEM);
        IRuntimeEmulation(RUNTIME_EMULATOR).setFlag(isInDeferred);
    }

    /// @notice While on, contracts behind AbortGate fail.
    function _setAborting(bool on) internal {
        vm.prank(SYSTEM);
        IRuntimeEmulation(RUNTIME_EMULATOR).setAborting(on);
    }

    /// @notice While on, clearing a container does nothing and reports success.
    function _loseClears(bool on) internal {
        vm.prank(SYSTEM);
        IContainerEmulation(CONTAINER_EMULATOR).setFaults(on);
    }

    /// @notice Bit i: job i does nothing and reports success. `reversed` runs the last job first.
    function _setJobFaults(uint16 lostJobs, bool reversed) internal {
        vm.prank(SYSTEM);
        IMultiprocessEmulation(MULTIPROCESS_EMULATOR).setFaults(lostJobs, reversed);
    }
}
