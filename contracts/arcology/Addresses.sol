// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @dev Concurrent containers.
address constant CONTAINERS = 0x0000000000000000000000000000000000000084;

/// @dev Cumulative integers, one a contract.
address constant CUMULATIVE = 0x0000000000000000000000000000000000000085;

/// @dev What a transaction can ask about itself, and the registration of deferred functions.
address constant RUNTIME = 0x00000000000000000000000000000000000000a0;

/// @dev Parallel jobs inside a transaction.
address constant MULTIPROCESS = 0x00000000000000000000000000000000000000B0;

/// @dev Least gas that the runtime takes in advance for a call of a deferrable function.
uint64 constant MIN_PREPAID_GAS = 500_000;
