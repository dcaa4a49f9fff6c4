// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice A token of more decimals than WAD has.
contract WideToken {
    uint8 public constant decimals = 19;
}
