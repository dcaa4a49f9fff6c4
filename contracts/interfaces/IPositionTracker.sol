// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Position } from "../types/Position.sol";

/// @notice The positions of one market and its funding. Amounts in WAD.
interface IPositionTracker {
    /// @notice What a touch of a position did.
    struct Touch {
        Position before;
        Position current;
        /// Funding paid (positive) or received since the position was last touched.
        int256 funding;
    }

    /// @notice Thrown when anyone but the contract that has the right to calls.
    error PositionTracker_Unauthorized(address caller);
    /// @notice Thrown when a position would outgrow its 128 bits.
    error PositionTracker_Overflow(int256 value);

    /// @notice Applies a fill and the funding that is due. Only the netting contract.
    /// @param baseDelta Base of the fill; positive bought.
    /// @param quoteDelta Quote of the fill; positive received.
    /// @param charge Fees (positive) or a reward (negative) that go from the realised profit.
    function updatePosition(address trader, int256 baseDelta, int256 quoteDelta, int256 charge)
        external
        returns (Touch memory);

    /// @notice Marks `pnl` of the realised profit or loss as moved into the vault. Only the clearing house.
    function realizePnl(address trader, int256 pnl) external;

    /// @notice Moves the market's funding index up to now. Only the contract that admits orders.
    /// @param perSecond What one base pays a second since the last accrual, WAD of quote; negative when shorts pay.
    function accrueFunding(int256 perSecond) external;

    /// @notice The funding index as it would be after {accrueFunding} now.
    function fundingIndexAt(int256 perSecond) external view returns (int256);

    /// @notice The funding index of the last accrual, and its unix second.
    function funding() external view returns (int256 index, uint256 accruedAt);

    /// @notice Funding that traders paid less what they received so far; the fund is the other side.
    function fundingCollected() external view returns (int256);

    /// @notice Base open on each side.
    function openInterest() external view returns (uint256 longs, uint256 shorts);

    /// @notice Base, quote and cumulative realised profit and loss.
    function getPosition(address trader) external view returns (int256 base, int256 quote, int256 realizedPnl);

    /// @notice The whole record.
    function positionOf(address trader) external view returns (Position memory);

    /// @notice base × markPrice + quote: the profit or loss that is not realised. Rounded down.
    function getPositionValue(address trader, uint256 markPrice) external view returns (int256);
}
