// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice The functions of an ERC-20 with ERC-2612 approvals that the protocol calls.
interface IERC20Permit {
    function allowance(address owner, address spender) external view returns (uint256);
    function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external;
}
