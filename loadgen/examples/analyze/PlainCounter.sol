// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice Counts in a state variable: every call reads and writes the same slot.
contract PlainCounter {
    uint256 public count;

    function increment() external {
        ++count;
    }
}
