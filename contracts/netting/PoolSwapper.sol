// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { ISwapRouter } from "../interfaces/ISwapRouter.sol";
import { IUniswapV3Pool } from "../interfaces/external/IUniswapV3Pool.sol";
import { Market } from "../types/Market.sol";

/// @notice Swaps with Uniswap V3 pools; a derived router says how the pool is paid and where its output goes.
/// @dev The callback trusts its caller only when it is the pool of (factory, token0, token1, fee), an address that the factory
///      alone can give a contract. Source: Uniswap v3-periphery's documented address derivation.
abstract contract PoolSwapper is ISwapRouter {
    /// @dev keccak256 of the creation code of the published UniswapV3Pool.
    bytes32 internal constant POOL_INIT_CODE_HASH = 0xe34f199b19b2b4f47f68442619d555527d244f78a3297ea89325f843f87b8b54;

    /// @dev What the callback has to know of the pool it serves.
    struct PoolKey {
        address token0;
        address token1;
        uint24 fee;
        /// Who pays, where the derived router asks for it.
        address payer;
    }

    /// @notice The Uniswap V3 factory whose pools are served.
    address public immutable FACTORY;

    constructor(address factory) {
        FACTORY = factory;
    }

    /// @inheritdoc ISwapRouter
    function exactInputExternal(Market calldata market, uint256 base, uint160 sqrtPriceLimitX96)
        external
        returns (Swapped memory)
    {
        _authorize(msg.sender);
        return _swap(market, true, int256(base), sqrtPriceLimitX96);
    }

    /// @inheritdoc ISwapRouter
    function exactOutputExternal(Market calldata market, uint256 base, uint160 sqrtPriceLimitX96)
        external
        returns (Swapped memory)
    {
        _authorize(msg.sender);
        return _swap(market, false, -int256(base), sqrtPriceLimitX96);
    }

    /// @notice Uniswap's callback: pays what the pool is owed.
    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata data) external {
        PoolKey memory key = abi.decode(data, (PoolKey));
        _checkPool(key);
        if (amount0Delta > 0) _pay(key.token0, msg.sender, key.payer, uint256(amount0Delta));
        if (amount1Delta > 0) _pay(key.token1, msg.sender, key.payer, uint256(amount1Delta));
    }

    function _swap(Market calldata market, bool sellsBase, int256 amount, uint160 sqrtPriceLimitX96)
        private
        returns (Swapped memory swapped)
    {
        IUniswapV3Pool pool = IUniswapV3Pool(market.pool);
        bytes memory key = abi.encode(PoolKey(market.baseToken, market.quoteToken, market.fee, msg.sender));
        (int256 base, int256 quote) = pool.swap(address(this), sellsBase, amount, sqrtPriceLimitX96, key);
        swapped.base = uint256(sellsBase ? base : -base);
        swapped.quote = uint256(sellsBase ? -quote : quote);
        (swapped.sqrtPriceX96,,,,,,) = pool.slot0();
        address tokenOut = sellsBase ? market.quoteToken : market.baseToken;
        uint256 out = sellsBase ? swapped.quote : swapped.base;
        if (out != 0) _receive(tokenOut, msg.sender, out);
    }

    /// @dev Reverts unless the caller of a callback is the pool of `key`.
    function _checkPool(PoolKey memory key) internal view {
        bytes32 salt = keccak256(abi.encode(key.token0, key.token1, key.fee));
        bytes32 hash = keccak256(abi.encodePacked(hex"ff", FACTORY, salt, POOL_INIT_CODE_HASH));
        if (msg.sender != address(uint160(uint256(hash)))) revert SwapRouter_NotThePool(msg.sender);
    }

    /// @dev Reverts when `caller` may not swap.
    function _authorize(address caller) internal view virtual;

    /// @dev Pays `amount` of `token` to the pool.
    function _pay(address token, address pool, address payer, uint256 amount) internal virtual;

    /// @dev Passes on the `amount` of `token` that the pool has paid to this contract.
    function _receive(address token, address recipient, uint256 amount) internal virtual;
}
