// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { MarketRisk } from "../types/MarketRisk.sol";
import { PerpMath } from "./PerpMath.sol";
import { PriceLib } from "./PriceLib.sol";
import { FixedPointMathLib } from "solady/utils/FixedPointMathLib.sol";

/// @notice How much of a position a liquidation closes, and what it costs. docs/risk.md has the derivation.
library LiquidationLib {
    /// @notice What a liquidation is sized by. WAD.
    struct Account {
        /// E: what the account is worth, and what it is worth if all that closed before this came out at its worst.
        int256 equity;
        int256 worstEquity;
        /// R and M: initial and maintenance margin of all its positions.
        uint256 initialMargin;
        uint256 maintenanceMargin;
    }

    /// @notice A position that may be closed, and the prices that it may get. WAD.
    struct Closing {
        bool isLong;
        /// |base|.
        uint256 size;
        uint256 mark;
        /// Where it nets, and the worst price of the pool, its fee included.
        uint256 midPrice;
        uint256 worstPrice;
    }

    /// @notice Base to close so that the account holds its initial margin again.
    /// @dev Closing x at the mid price costs the account c × x, c the mark less that price (for a short the other way round), not below 0,
    ///      and the fee f of it; and it frees im × x × mark of initial margin, so that equity meets it again at
    ///      x = (R − E) ÷ (im × mark − c). Rounded up. With the worst price in its place the account must at least keep its maintenance
    ///      margin, so that it is not liquidatable again at once.
    /// @return 0 when nothing is missing, even if what closed before this came out at its worst; all of it when a part cannot restore the account or would leave less than the market's
    ///         least order.
    function amount(Account memory account, Closing memory closing, MarketRisk memory risk)
        internal
        pure
        returns (uint256)
    {
        bool isShort = account.equity < int256(account.initialMargin);
        if (!isShort && keeps(account, closing, risk, 0)) return 0;
        if (account.equity <= 0) return closing.size;
        uint256 freed = FixedPointMathLib.fullMulDiv(closing.mark, risk.initialMarginBps, PriceLib.BPS);
        freed = FixedPointMathLib.zeroFloorSub(freed, costOf(closing, closing.midPrice, risk));
        uint256 missing = isShort ? account.initialMargin - uint256(account.equity) : 0;
        // Compared first, so that the quotient is below size and cannot overflow.
        if (missing >= FixedPointMathLib.fullMulDiv(closing.size, freed, PriceLib.WAD)) return closing.size;
        uint256 part = FixedPointMathLib.fullMulDivUp(missing, PriceLib.WAD, freed);
        if (part + risk.minOrderSize > closing.size || !keeps(account, closing, risk, part)) return closing.size;
        return part;
    }

    /// @notice Takes what closes of a position out of the account, for the next one.
    /// @param part Base that closes, at most `closing.size`.
    function close(Account memory account, Closing memory closing, MarketRisk memory risk, uint256 part) internal pure {
        account.equity -= int256(
            FixedPointMathLib.fullMulDivUp(part, costOf(closing, closing.midPrice, risk), PriceLib.WAD)
        );
        account.worstEquity -= int256(
            FixedPointMathLib.fullMulDivUp(part, costOf(closing, closing.worstPrice, risk), PriceLib.WAD)
        );
        account.initialMargin -= PerpMath.freedBy(part, closing.mark, risk.initialMarginBps);
        account.maintenanceMargin -= PerpMath.freedBy(part, closing.mark, risk.maintenanceMarginBps);
    }

    /// @notice What closing a base at a price costs the account, by the mark: the loss, if any, and the fee. Rounded up. WAD.
    function costOf(Closing memory closing, uint256 price, MarketRisk memory risk) internal pure returns (uint256) {
        // A better price than the mark only helps: its profit is more than the fee on it.
        price = closing.isLong ? FixedPointMathLib.min(price, closing.mark) : FixedPointMathLib.max(price, closing.mark);
        return FixedPointMathLib.dist(price, closing.mark) + PerpMath.ratioOf(price, risk.liquidationFeeBps);
    }

    /// @dev Whether the account holds the maintenance margin of what stays, should `part` close at its worst price.
    function keeps(Account memory account, Closing memory closing, MarketRisk memory risk, uint256 part)
        private
        pure
        returns (bool)
    {
        uint256 cost = FixedPointMathLib.fullMulDivUp(part, costOf(closing, closing.worstPrice, risk), PriceLib.WAD);
        uint256 frees = PerpMath.freedBy(part, closing.mark, risk.maintenanceMarginBps);
        return account.worstEquity - int256(cost + PerpMath.rounding(closing.mark))
            >= int256(account.maintenanceMargin) - int256(frees);
    }

    /// @notice The fee on what a liquidation closes, rounded up, and what of it is the keeper's, rounded down. WAD.
    /// @param quote Quote of what was closed, WAD.
    function fee(uint256 quote, MarketRisk memory risk) internal pure returns (uint256 total, uint256 reward) {
        total = PerpMath.ratioOf(quote, risk.liquidationFeeBps);
        reward = total * risk.keeperShareBps / PriceLib.BPS;
    }
}
