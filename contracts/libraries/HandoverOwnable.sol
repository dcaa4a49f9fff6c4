// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Ownable } from "solady/auth/Ownable.sol";

/// @notice An owner that changes in two steps and no other way: requestOwnershipHandover by the next owner, then, within 48 hours,
///         completeOwnershipHandover by the present one. So a mistyped address never owns anything.
abstract contract HandoverOwnable is Ownable {
    /// @notice Thrown for every other way to change the owner, whoever tries.
    error HandoverOwnable_TwoStepsOnly();

    /// @notice Always reverts: the next owner has not shown that it is there.
    function transferOwnership(address) public payable virtual override {
        revert HandoverOwnable_TwoStepsOnly();
    }

    /// @notice Always reverts: without an owner nobody could open a market again that a guardian has paused.
    function renounceOwnership() public payable virtual override {
        revert HandoverOwnable_TwoStepsOnly();
    }
}
