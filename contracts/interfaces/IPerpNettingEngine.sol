// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { MarketId } from "../types/MarketId.sol";
import { INettingEngine } from "./INettingEngine.sol";

/// @notice What the clearing house asks of the engine. Only the clearing house calls.
interface IPerpNettingEngine is INettingEngine {
    /// @notice An order. Ranges are checked by the clearing house.
    struct PositionChange {
        address trader;
        MarketId market;
        bool isOpen;
        bool isLong;
        /// Base, WAD.
        uint256 size;
        /// Worst price, WAD; 0 for none.
        uint256 limitPrice;
        /// Last unix second; 0 for none.
        uint256 deadline;
    }

    /// @notice Appends an order to its queue.
    /// @dev Reads nothing that anyone writes: the queue's address follows from the market, the total is commutative.
    /// @param deferrable True when the block's deferred transaction may settle it.
    function queuePositionChange(PositionChange calldata change, bool deferrable) external returns (bytes32 orderId);

    /// @notice Settles what the queues hold, market by market.
    /// @param deferred True in the deferred transaction, which settles the orders of its own block too.
    /// @return ended Number of orders that came to their end.
    function netAndExecutePerpSwaps(bool deferred) external returns (uint256 ended);

    /// @notice Bitmap of the markets in which `trader` has or had a position.
    function marketsOf(address trader) external view returns (uint256);
}
