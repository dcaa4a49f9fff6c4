// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { QueueFactory } from "../netting/QueueFactory.sol";
import { PerpSwapRequestStore } from "./PerpSwapRequestStore.sol";

/// @notice Creates the queues of a perp engine.
contract PerpQueueFactory is QueueFactory {
    constructor(address engine) QueueFactory(engine) { }

    /// @inheritdoc QueueFactory
    function _newQueue() internal override returns (address) {
        return address(new PerpSwapRequestStore());
    }
}
