// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { INetting } from "./INetting.sol";

/// @notice What every netting engine shows.
interface INettingEngine {
    /// @notice Clears and fills what the engine admits.
    function NETTING() external view returns (INetting);

    /// @notice Bitmap of the markets whose batch is half settled.
    function batchesInProgress() external view returns (uint256);
}
