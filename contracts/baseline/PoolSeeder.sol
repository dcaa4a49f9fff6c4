// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IUniswapV3Pool } from "../interfaces/external/IUniswapV3Pool.sol";
import { SafeTransferLib } from "solady/utils/SafeTransferLib.sol";

/// @notice Gives Uniswap V3 pools of ERC-20s liquidity over their whole range, out of its caller's tokens. It stays here for good.
contract PoolSeeder {
    using SafeTransferLib for address;

    /// @notice Thrown when a callback comes from anything but the pool that is being given liquidity.
    error PoolSeeder_NotThePool(address caller);

    /// @dev Uniswap's ticks end here: 1.0001^±887272 (white paper, 6.1).
    int24 private constant MAX_TICK = 887_272;

    /// @dev The pool that may call back, and who pays it; nobody between calls. Kept here because what a contract that poses as a
    ///      pool hands to the callback says nothing.
    address private _pool;
    address private _payer;

    /// @notice Adds liquidity. Approve this contract for both tokens of the pool first.
    /// @param liquidity Uniswap's liquidity units.
    function addLiquidity(IUniswapV3Pool pool, uint128 liquidity) external {
        int24 spacing = pool.tickSpacing();
        int24 edge = MAX_TICK / spacing * spacing;
        (_pool, _payer) = (address(pool), msg.sender);
        pool.mint(address(this), -edge, edge, liquidity, "");
        delete _pool;
        delete _payer;
    }

    /// @notice Uniswap's callback: pays what new liquidity takes.
    function uniswapV3MintCallback(uint256 amount0, uint256 amount1, bytes calldata) external {
        if (msg.sender != _pool) revert PoolSeeder_NotThePool(msg.sender);
        IUniswapV3Pool(msg.sender).token0().safeTransferFrom(_payer, msg.sender, amount0);
        IUniswapV3Pool(msg.sender).token1().safeTransferFrom(_payer, msg.sender, amount1);
    }
}
