// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { QueueFactory } from "../netting/QueueFactory.sol";
import { SwapRequestStore } from "../netting/SwapRequestStore.sol";

/// @notice Creates the queues of a spot engine.
contract SpotQueueFactory is QueueFactory {
    constructor(address engine) QueueFactory(engine) { }

    /// @inheritdoc QueueFactory
    function _newQueue() internal override returns (address) {
        return address(new SwapRequestStore());
    }
}
