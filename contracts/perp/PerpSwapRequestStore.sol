// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { SwapRequestStore } from "../netting/SwapRequestStore.sol";
import { Order } from "../types/Order.sol";

/// @notice The queue of one side of a perpetual market: the spot queue whose requests also say what they do to a position.
contract PerpSwapRequestStore is SwapRequestStore {
    /// @notice A queued change of position.
    struct PerpSwapRequest {
        SwapRequest swap;
        /// True to open or extend, false to close.
        bool isOpenPosition;
        /// Side of the position that it opens or closes.
        bool isLong;
        /// Last unix second at which it may settle; 0 for none.
        uint256 deadline;
        /// Block in which it was queued.
        uint256 blockNumber;
    }

    /// @notice The request at `index`, unpacked.
    function getPerpRequest(uint256 index) external view returns (PerpSwapRequest memory) {
        Order memory order = getOrder(index);
        return PerpSwapRequest({
            swap: getRequest(index),
            isOpenPosition: order.isOpen(),
            isLong: order.isLong(),
            deadline: order.deadline(),
            blockNumber: order.sequence() >> 1
        });
    }
}
