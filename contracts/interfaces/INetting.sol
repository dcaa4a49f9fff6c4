// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Batch, Clearing } from "../types/Batch.sol";
import { Market } from "../types/Market.sol";
import { MarketId } from "../types/MarketId.sol";

/// @notice Clears and fills the batch of one market. Only its engine calls.
interface INetting {
    /// @notice Thrown when anyone but the engine calls.
    error Netting_Unauthorized(address caller);

    /// @notice Clears and fills a whole batch.
    /// @param midPrice Mid price that the batch was admitted at, WAD.
    /// @param deferred True in the deferred transaction: results are written back into the orders' own receipts.
    function swap(MarketId id, Market calldata market, Batch calldata batch, uint256 midPrice, bool deferred) external;

    /// @notice Finds the prices of a batch and swaps its residual with the pool, once. The fills follow by {fill}.
    function clear(MarketId id, Market calldata market, Batch calldata batch, uint256 midPrice)
        external
        returns (Clearing memory);

    /// @notice Fills a part of a cleared batch.
    /// @param batch The batch that {clear} saw.
    /// @param from First place of the part, in the order in which the batch fills: the smaller side comes first.
    /// @param to End of the part, not included.
    /// @return fifoLeft What still nets of the larger side under Allocation.Fifo; pass it on with the next part.
    function fill(
        MarketId id,
        Market calldata market,
        Batch calldata batch,
        Clearing calldata clearing,
        uint256 from,
        uint256 to,
        bool deferred
    ) external returns (uint256 fifoLeft);
}
