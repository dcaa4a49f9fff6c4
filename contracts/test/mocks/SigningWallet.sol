// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpClearingHouse } from "../../interfaces/IPerpClearingHouse.sol";
import { TestUSDC } from "../../tokens/TestUSDC.sol";
import { ECDSA } from "solady/utils/ECDSA.sol";

/// @notice A contract wallet (ERC-1271): what its owner signs counts as its word.
contract SigningWallet {
    bytes4 private constant MAGIC = 0x1626ba7e;

    address public owner;
    /// @notice When set, it answers every check with this instead.
    bytes4 public forced;

    constructor(address owner_) {
        owner = owner_;
    }

    function setOwner(address owner_) external {
        owner = owner_;
    }

    function setForced(bytes4 forced_) external {
        forced = forced_;
    }

    function deposit(IPerpClearingHouse house, TestUSDC usdc, address vault, uint256 amount) external {
        usdc.approve(vault, amount);
        house.deposit(amount);
    }

    /// @notice The check of ERC-1271.
    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        if (forced != 0) return forced;
        return ECDSA.tryRecoverCalldata(hash, signature) == owner ? MAGIC : bytes4(0);
    }
}
