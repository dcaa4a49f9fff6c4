// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice The functions of an ERC-20 that the protocol calls beyond solady's SafeTransferLib.
interface IERC20 {
    function balanceOf(address account) external view returns (uint256);
    function decimals() external view returns (uint8);
}
