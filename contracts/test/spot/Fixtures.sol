// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IUniswapV3Pool } from "../../interfaces/external/IUniswapV3Pool.sol";
import { ParallelERC20 } from "../../tokens/ParallelERC20.sol";
import { ERC20 } from "solady/tokens/ERC20.sol";
import { SafeTransferLib } from "solady/utils/SafeTransferLib.sol";

/// @notice A token of the tests: anyone mints.
interface ITestToken {
    function mint(address to, uint256 amount) external;
    function approve(address spender, uint256 amount) external returns (bool);
    function transfer(address to, uint256 amount) external returns (bool);
    function balanceOf(address account) external view returns (uint256);
}

/// @notice A plain ERC-20 that refuses transfers to blocked accounts, as some real ones do.
contract PlainToken is ERC20 {
    error PlainToken_Blocked(address account);

    uint8 internal immutable _DECIMALS;

    mapping(address account => bool blocked) public isBlocked;

    constructor(uint8 decimals_) {
        _DECIMALS = decimals_;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function setBlocked(address account, bool blocked) external {
        isBlocked[account] = blocked;
    }

    function name() public pure override returns (string memory) {
        return "Plain";
    }

    function symbol() public pure override returns (string memory) {
        return "PLN";
    }

    function decimals() public view override returns (uint8) {
        return _DECIMALS;
    }

    function _beforeTokenTransfer(address, address to, uint256) internal view override {
        if (isBlocked[to]) revert PlainToken_Blocked(to);
    }
}

/// @notice A token with commutative balances.
contract ParallelToken is ParallelERC20 {
    constructor(uint8 decimals_) ParallelERC20("Parallel", "PAR", decimals_) { }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

/// @notice Anyone else at the pool: gives and takes liquidity, and swaps, with tokens that it holds.
contract PoolUser {
    using SafeTransferLib for address;

    function addLiquidity(IUniswapV3Pool pool, int24 lower, int24 upper, uint128 liquidity) external {
        pool.mint(address(this), lower, upper, liquidity, abi.encode(pool.token0(), pool.token1()));
    }

    /// @notice Swaps exact input up to a price.
    function swap(IUniswapV3Pool pool, bool sellsBase, uint256 amount, uint160 sqrtPriceLimitX96) external {
        bytes memory tokens = abi.encode(pool.token0(), pool.token1());
        pool.swap(address(this), sellsBase, int256(amount), sqrtPriceLimitX96, tokens);
    }

    function uniswapV3MintCallback(uint256 amount0, uint256 amount1, bytes calldata data) external {
        (address token0, address token1) = abi.decode(data, (address, address));
        if (amount0 != 0) token0.safeTransfer(msg.sender, amount0);
        if (amount1 != 0) token1.safeTransfer(msg.sender, amount1);
    }

    function uniswapV3SwapCallback(int256 amount0, int256 amount1, bytes calldata data) external {
        (address token0, address token1) = abi.decode(data, (address, address));
        if (amount0 > 0) token0.safeTransfer(msg.sender, uint256(amount0));
        if (amount1 > 0) token1.safeTransfer(msg.sender, uint256(amount1));
    }
}
