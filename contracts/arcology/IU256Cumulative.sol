// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice The calls of the cumulative precompile, on the caller's one integer. {U256Cumulative} makes them.
interface IU256Cumulative {
    function add(uint256 delta) external;
    function sub(uint256 delta) external;
    function get() external view returns (uint256);
    function min() external view returns (uint256);
    function max() external view returns (uint256);
}
