// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice The functions of the Uniswap V3 factory that deployment calls.
interface IUniswapV3Factory {
    function createPool(address tokenA, address tokenB, uint24 fee) external returns (address pool);
    function getPool(address tokenA, address tokenB, uint24 fee) external view returns (address pool);
}
