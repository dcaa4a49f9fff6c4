// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IUniswapV3Pool } from "../../interfaces/external/IUniswapV3Pool.sol";
import { ERC20 } from "solady/tokens/ERC20.sol";

/// @notice A token that anyone mints.
contract OpenToken is ERC20 {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function name() public pure override returns (string memory) {
        return "Open";
    }

    function symbol() public pure override returns (string memory) {
        return "OPEN";
    }
}

/// @notice Provides a pool of two OpenTokens with liquidity and moves its price.
contract PoolTrader {
    IUniswapV3Pool private immutable _POOL;

    constructor(IUniswapV3Pool pool) {
        _POOL = pool;
    }

    function provide(int24 lower, int24 upper, uint128 liquidity) external {
        _POOL.mint(address(this), lower, upper, liquidity, "");
    }

    /// @dev Swaps until the root price is `sqrtPriceX96`.
    function moveTo(uint160 sqrtPriceX96) external {
        (uint160 present,,,,,,) = _POOL.slot0();
        _POOL.swap(address(this), sqrtPriceX96 < present, type(int128).max, sqrtPriceX96, "");
    }

    function uniswapV3SwapCallback(int256 amount0, int256 amount1, bytes calldata) external {
        if (amount0 > 0) OpenToken(_POOL.token0()).mint(address(_POOL), uint256(amount0));
        if (amount1 > 0) OpenToken(_POOL.token1()).mint(address(_POOL), uint256(amount1));
    }

    function uniswapV3MintCallback(uint256 amount0, uint256 amount1, bytes calldata) external {
        OpenToken(_POOL.token0()).mint(address(_POOL), amount0);
        OpenToken(_POOL.token1()).mint(address(_POOL), amount1);
    }
}
