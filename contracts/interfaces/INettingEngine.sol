// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice What every netting engine shows.
interface INettingEngine {
    /// @notice Bitmap of the markets whose batch is half settled.
    function batchesInProgress() external view returns (uint256);
}
