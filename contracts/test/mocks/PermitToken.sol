// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { ERC20 } from "solady/tokens/ERC20.sol";

/// @notice A dollar of 6 decimals with permit (ERC-2612), that anyone mints.
contract PermitToken is ERC20 {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function name() public pure override returns (string memory) {
        return "Permit Dollar";
    }

    function symbol() public pure override returns (string memory) {
        return "PUSD";
    }

    function decimals() public pure override returns (uint8) {
        return 6;
    }
}
