// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Position } from "../types/Position.sol";

/// @notice The positions of one market. Amounts in WAD.
interface IPositionTracker {
    /// @notice Thrown when anyone but the netting contract fills, or anyone but the clearing house settles.
    error PositionTracker_Unauthorized(address caller);
    /// @notice Thrown when a position would outgrow its 128 bits.
    error PositionTracker_Overflow(int256 value);

    /// @notice Applies a fill. Only the netting contract.
    /// @param baseDelta Base of the fill; positive bought.
    /// @param quoteDelta Quote of the fill; positive received.
    /// @return before The position before the fill.
    /// @return current The position after it.
    function updatePosition(address trader, int256 baseDelta, int256 quoteDelta)
        external
        returns (Position memory before, Position memory current);

    /// @notice Marks `pnl` of the realised profit or loss as moved into the vault. Only the clearing house.
    function realizePnl(address trader, int256 pnl) external;

    /// @notice Base, quote and cumulative realised profit and loss.
    function getPosition(address trader) external view returns (int256 base, int256 quote, int256 realizedPnl);

    /// @notice The whole record.
    function positionOf(address trader) external view returns (Position memory);

    /// @notice base × markPrice + quote: the profit or loss that is not realised. Rounded down.
    function getPositionValue(address trader, uint256 markPrice) external view returns (int256);
}
