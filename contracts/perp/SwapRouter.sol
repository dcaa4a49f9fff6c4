// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IVirtualToken } from "../interfaces/IVirtualToken.sol";
import { IUniswapV3Pool } from "../interfaces/external/IUniswapV3Pool.sol";
import { HandoverOwnable } from "../libraries/HandoverOwnable.sol";
import { PoolSwapper } from "../netting/PoolSwapper.sol";
import { Market } from "../types/Market.sol";

/// @notice Swaps virtual tokens: mints what the pool is owed and burns what it gives. The owner seeds the pools' liquidity.
/// @dev Nobody else can hold virtual tokens, so nobody else can swap with these pools: their price moves only here.
contract SwapRouter is PoolSwapper, HandoverOwnable {
    /// @dev Uniswap's ticks end here: 1.0001^±887272 (white paper, 6.1).
    int24 private constant MAX_TICK = 887_272;

    /// @notice The contract that may swap: the netting contract, or the baseline's clearing house.
    address public immutable TRADER;

    constructor(address factory, address trader, address owner) PoolSwapper(factory) {
        TRADER = trader;
        _initializeOwner(owner);
    }

    /// @notice Mints liquidity of a market's pool over its whole range, owned by this router for good. Only the owner.
    /// @dev One range and no other: settlement computes the average price of a swap for constant liquidity.
    /// @param liquidity Uniswap's liquidity units.
    function addLiquidity(Market calldata market, uint128 liquidity) external onlyOwner {
        IUniswapV3Pool pool = IUniswapV3Pool(market.pool);
        int24 spacing = pool.tickSpacing();
        int24 edge = MAX_TICK / spacing * spacing;
        PoolKey memory key = PoolKey(market.baseToken, market.quoteToken, market.fee, address(this));
        pool.mint(address(this), -edge, edge, liquidity, abi.encode(key));
    }

    /// @notice Uniswap's callback: mints the tokens of new liquidity to the pool.
    function uniswapV3MintCallback(uint256 amount0, uint256 amount1, bytes calldata data) external {
        PoolKey memory key = abi.decode(data, (PoolKey));
        _checkPool(key);
        if (amount0 != 0) _pay(key.token0, msg.sender, key.payer, amount0);
        if (amount1 != 0) _pay(key.token1, msg.sender, key.payer, amount1);
    }

    /// @inheritdoc PoolSwapper
    function _authorize(address caller) internal view override {
        if (caller != TRADER) revert SwapRouter_Unauthorized(caller);
    }

    /// @inheritdoc PoolSwapper
    function _pay(address token, address pool, address, uint256 amount) internal override {
        IVirtualToken(token).mint(pool, amount);
    }

    /// @inheritdoc PoolSwapper
    function _receive(address token, address, uint256 amount) internal override {
        IVirtualToken(token).burn(amount);
    }
}
