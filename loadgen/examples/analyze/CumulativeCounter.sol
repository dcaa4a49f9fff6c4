// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { U256Cumulative } from "../../../contracts/arcology/U256Cumulative.sol";

/// @notice Counts in a cumulative: additions do not conflict with each other.
contract CumulativeCounter is U256Cumulative(0, type(uint256).max) {
    function increment() external {
        _add(1);
    }
}
