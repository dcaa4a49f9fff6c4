// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { ParallelERC20 } from "./ParallelERC20.sol";
import { Ownable } from "solady/auth/Ownable.sol";

/// @notice The benchmark's collateral: a dollar of 6 decimals that its owner mints.
contract TestUSDC is ParallelERC20, Ownable {
    constructor(address owner) ParallelERC20("Test USD Coin", "tUSDC", 6) {
        _initializeOwner(owner);
    }

    /// @notice Creates `amount` units for `to`. Only the owner.
    function mint(address to, uint256 amount) external onlyOwner {
        _mint(to, amount);
    }
}
