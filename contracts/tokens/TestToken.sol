// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { ParallelERC20 } from "./ParallelERC20.sol";
import { Ownable } from "solady/auth/Ownable.sol";

/// @notice A token of the benchmark's spot pairs: 18 decimals, commutative balances, minted by its owner.
contract TestToken is ParallelERC20, Ownable {
    constructor(string memory name_, string memory symbol_, address owner) ParallelERC20(name_, symbol_, 18) {
        _initializeOwner(owner);
    }

    /// @notice Creates `amount` units for `to`. Only the owner.
    function mint(address to, uint256 amount) external onlyOwner {
        _mint(to, amount);
    }
}
