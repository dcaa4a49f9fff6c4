// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { MarketId } from "../types/MarketId.sol";
import { INettingEngine } from "./INettingEngine.sol";
import { IPerpAdmission } from "./IPerpAdmission.sol";

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

    /// @notice A forced order that reduces a position. Ranges are checked by the clearing house.
    struct LiquidationRequest {
        /// The account.
        address trader;
        MarketId market;
        /// Side of its position.
        bool isLong;
        /// Most base to close, WAD. Settlement decides how much restores the account.
        uint256 size;
        /// Who asks for it, and gets the reward.
        address keeper;
    }

    /// @notice Thrown for a signed order that its transaction has queued already.
    error PerpNettingEngine_Duplicate(bytes32 orderId);

    /// @notice Appends an order to its queue.
    /// @dev Reads nothing that anyone writes: the queue's address follows from the market, the total is commutative.
    /// @param deferrable True when the block's deferred transaction may settle it.
    function queuePositionChange(PositionChange calldata change, bool deferrable) external returns (bytes32 orderId);

    /// @notice Appends a liquidation to its queue. Reads nothing that anyone writes; settlement judges the account.
    /// @param deferrable True when the block's deferred transaction may settle it.
    function queueLiquidation(LiquidationRequest calldata request, bool deferrable) external returns (bytes32 orderId);

    /// @notice Appends an order whose signature the clearing house has checked. Settlement checks its nonce.
    /// @dev Reads its own entry alone: an order is not queued twice in one transaction.
    /// @param nonce At most OrderLib.MAX_NONCE.
    function queueSignedChange(PositionChange calldata change, uint256 nonce) external returns (bytes32 orderId);

    /// @notice Settles what the queues hold, market by market.
    /// @param deferred True in the deferred transaction, which settles the orders of its own block too.
    /// @return ended Number of orders that came to their end.
    function netAndExecutePerpSwaps(bool deferred) external returns (uint256 ended);

    /// @notice Decides what of each order may fill.
    function ADMISSION() external view returns (IPerpAdmission);

    /// @notice Bitmap of the markets in which `trader` has or had a position, or earned a reward.
    function marketsOf(address trader) external view returns (uint256);
}
