// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { PriceLib } from "../libraries/PriceLib.sol";
import { Order, OrderLib } from "../types/Order.sol";
import { RejectReason } from "../types/RejectReason.sol";
import { FixedPointMathLib } from "solady/utils/FixedPointMathLib.sol";

/// @notice What a swap request puts up, and when it may fill. Engine and netting share it.
library SpotRules {
    /// @notice Steps of one swap at most: ticks from a price to 1.5 times it (4,055 at spacing 1, the widest price move that the
    ///         registry lists), and the bounds of the pool's bitmap words between them.
    /// @dev A step of Uniswap V3 rounds its input and its fee up, and its output down, by less than 1 wei each.
    uint256 internal constant MAX_STEPS = 4096;
    /// @notice A lower mid price has too few digits in WAD for limits and price bounds to mean anything.
    uint256 internal constant MIN_MID_PRICE = 1e6;

    /// @notice Escrow of a request, wei of the token it sells; rounded up.
    /// @dev Covers every fill that the limit allows: no step of the swap is beyond the limit but for its rounding, so that the pool
    ///      takes less than size × limit + MAX_STEPS × (limit + 3), fees below 50 % included.
    function escrow(bool buys, uint256 size, uint256 limitPrice) internal pure returns (uint256) {
        if (!buys) return size;
        return FixedPointMathLib.fullMulDivUp(size + MAX_STEPS, limitPrice, PriceLib.WAD) + 3 * MAX_STEPS;
    }

    /// @notice What keeps an order from filling in a batch of `midPrice`.
    function fault(Order memory order, uint256 midPrice) internal view returns (RejectReason) {
        uint256 deadline = order.deadline();
        if (deadline != 0 && block.timestamp > deadline) return RejectReason.Expired;
        if (midPrice < MIN_MID_PRICE || midPrice > OrderLib.MAX_LIMIT_PRICE) return RejectReason.NoLiquidity;
        return order.accepts(midPrice) ? RejectReason.None : RejectReason.LimitPrice;
    }
}
