// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice The functions of a Uniswap V3 pool that anyone may call.
interface IOpenPool {
    function swap(address recipient, bool zeroForOne, int256 amount, uint160 sqrtPriceLimitX96, bytes calldata data)
        external
        returns (int256, int256);
    function flash(address recipient, uint256 amount0, uint256 amount1, bytes calldata data) external;
    function mint(address recipient, int24 lower, int24 upper, uint128 amount, bytes calldata data)
        external
        returns (uint256, uint256);
    function burn(int24 lower, int24 upper, uint128 amount) external returns (uint256, uint256);
    function collect(address recipient, int24 lower, int24 upper, uint128 amount0, uint128 amount1)
        external
        returns (uint128, uint128);
}

/// @notice Anyone with a contract: answers the pool's callbacks by trying to pay with what it has not.
contract PoolAttacker {
    IOpenPool private immutable _POOL;
    uint160 private constant LOW = 4_295_128_740;
    uint160 private constant HIGH = 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_341;

    /// @dev What it tries in a callback: a call to anyone.
    address private _target;
    bytes private _call;

    constructor(address pool) {
        _POOL = IOpenPool(pool);
    }

    function prepare(address target, bytes calldata data) external {
        (_target, _call) = (target, data);
    }

    function swap(address recipient, bool sellsBase, int256 amount) external {
        _POOL.swap(recipient, sellsBase, amount, sellsBase ? LOW : HIGH, "");
    }

    function flash(address recipient, uint256 amount0, uint256 amount1) external {
        _POOL.flash(recipient, amount0, amount1, "");
    }

    function mint(int24 lower, int24 upper, uint128 amount) external {
        _POOL.mint(address(this), lower, upper, amount, "");
    }

    function burn(int24 lower, int24 upper, uint128 amount) external {
        _POOL.burn(lower, upper, amount);
    }

    function collect(address recipient, int24 lower, int24 upper) external returns (uint128, uint128) {
        return _POOL.collect(recipient, lower, upper, type(uint128).max, type(uint128).max);
    }

    function uniswapV3SwapCallback(int256, int256, bytes calldata) external {
        _try();
    }

    function uniswapV3FlashCallback(uint256, uint256, bytes calldata) external {
        _try();
    }

    function uniswapV3MintCallback(uint256, uint256, bytes calldata) external {
        _try();
    }

    /// @dev Passes a failure on, so that the test sees why.
    function _try() private {
        if (_target == address(0)) return;
        (bool ok, bytes memory data) = _target.call(_call);
        if (ok) return;
        assembly {
            revert(add(data, 32), mload(data))
        }
    }
}
