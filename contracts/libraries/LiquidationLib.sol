// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { MarketRisk } from "../types/MarketRisk.sol";
import { PerpMath } from "./PerpMath.sol";
import { PriceLib } from "./PriceLib.sol";
import { FixedPointMathLib } from "solady/utils/FixedPointMathLib.sol";

/// @notice How much of a position a liquidation closes, and what it costs. docs/risk.md has the derivation.
library LiquidationLib {
    /// @notice Base to close so that the account holds its initial margin again.
    /// @dev Closing x at the mark price costs the account f × x × mark and frees im × x × mark of initial margin, so that equity
    ///      meets it again at x = (R − E) ÷ (mark × (im − f)). Rounded up.
    /// @param equity E: what the account is worth, WAD.
    /// @param initialMargin R: the initial margin of all its positions, WAD.
    /// @param mark Mark price, WAD.
    /// @param size |base| of the position, WAD.
    /// @return 0 when nothing is missing; all of it when a part cannot restore the account or would leave less than the market's
    ///         least order.
    function amount(int256 equity, uint256 initialMargin, uint256 mark, uint256 size, MarketRisk memory risk)
        internal
        pure
        returns (uint256)
    {
        if (equity >= int256(initialMargin)) return 0;
        if (equity <= 0 || risk.initialMarginBps <= risk.liquidationFeeBps) return size;
        uint256 missing = initialMargin - uint256(equity);
        uint256 freedBps = risk.initialMarginBps - risk.liquidationFeeBps;
        // Compared first, so that the quotient is below size and cannot overflow.
        if (missing >= FixedPointMathLib.fullMulDiv(size, mark * freedBps, PriceLib.WAD * PriceLib.BPS)) return size;
        uint256 part = FixedPointMathLib.fullMulDivUp(missing, PriceLib.WAD * PriceLib.BPS, mark * freedBps);
        return part + risk.minOrderSize > size ? size : part;
    }

    /// @notice The fee on what a liquidation closes, rounded up, and what of it is the keeper's, rounded down. WAD.
    /// @param quote Quote of what was closed, WAD.
    function fee(uint256 quote, MarketRisk memory risk) internal pure returns (uint256 total, uint256 reward) {
        total = PerpMath.ratioOf(quote, risk.liquidationFeeBps);
        reward = total * risk.keeperShareBps / PriceLib.BPS;
    }
}
