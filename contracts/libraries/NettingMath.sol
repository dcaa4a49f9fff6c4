// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Batch, Clearing } from "../types/Batch.sol";
import { FixedPointMathLib } from "solady/utils/FixedPointMathLib.sol";

/// @notice Sums of netting: what two opposing totals have in common, and each order's share of it. Rounds against the trader.
library NettingMath {
    /// @notice Splits two opposing totals into what nets and what must touch the pool.
    /// @param longs Total of the buyers.
    /// @param shorts Total of the sellers, in the same unit.
    /// @return netted min(longs, shorts): the smaller side nets in full.
    /// @return leftover longs − shorts: its sign is the pool's direction.
    function split(uint256 longs, uint256 shorts) internal pure returns (uint256 netted, int256 leftover) {
        netted = longs < shorts ? longs : shorts;
        leftover = int256(longs) - int256(shorts);
    }

    /// @notice Index of the order that fills at a place: the smaller side first, so that a batch in parts fills as the whole does.
    function filledAt(Batch memory batch, Clearing memory clearing, uint256 place) internal pure returns (uint256) {
        return clearing.shorts < clearing.longs ? (place + batch.buyers) % batch.orders.length : place;
    }

    /// @notice The part of `amount` that belongs to an order of `size` among orders of `total`, rounded down.
    /// @dev Σ share ≤ amount: what rounding leaves goes to the fund.
    function share(uint256 size, uint256 amount, uint256 total) internal pure returns (uint256) {
        return total == 0 ? 0 : FixedPointMathLib.fullMulDiv(size, amount, total);
    }

    /// @notice {share}, rounded up: for what an order pays.
    function shareUp(uint256 size, uint256 amount, uint256 total) internal pure returns (uint256) {
        return total == 0 ? 0 : FixedPointMathLib.fullMulDivUp(size, amount, total);
    }

    /// @notice {shareUp} or {share}.
    function rounded(uint256 size, uint256 amount, uint256 total, bool up) internal pure returns (uint256) {
        return up ? shareUp(size, amount, total) : share(size, amount, total);
    }
}
