// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { WriteBack } from "../arcology/WriteBack.sol";
import { Order } from "../types/Order.sol";

/// @notice Puts what became of an order into the receipt of the transaction that queued it.
library ReceiptLib {
    /// @notice Writes the event `signature`(order id indexed, trader indexed, data). Only in a deferred transaction.
    /// @dev Nothing is written for an order of an earlier block, whose receipt is closed, nor for data that the runtime would
    ///      misread: it takes a word of ones for the mark between topics and data. The event itself is emitted in any case.
    function write(Order memory order, bytes32 signature, bytes memory data) internal {
        if (order.sequence() != block.number << 1) return;
        for (uint256 i = 32; i <= data.length; i += 32) {
            uint256 word;
            assembly ("memory-safe") {
                word := mload(add(data, i))
            }
            if (word == type(uint256).max) return;
        }
        WriteBack.emitTo(order.pid, signature, WriteBack.encode(abi.encode(order.id(), order.trader()), data));
    }
}
