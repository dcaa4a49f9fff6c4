// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { LiquidationLib } from "../libraries/LiquidationLib.sol";
import { NettingMath } from "../libraries/NettingMath.sol";
import { PerpMath } from "../libraries/PerpMath.sol";
import { PriceLib } from "../libraries/PriceLib.sol";
import { RejectReason } from "../types/RejectReason.sol";
import { AccountJudge } from "./AccountJudge.sol";
import { Book } from "./CapacityLib.sol";
import { CostLib, Drain } from "./CostLib.sol";
import { MarginReader } from "./MarginReader.sol";
import { Row, TraderTable } from "./TraderTable.sol";
import { FixedPointMathLib } from "solady/utils/FixedPointMathLib.sol";

/// @notice Judges how accounts get out of their positions: what a liquidation closes, and whether what they close themselves can be paid.
/// @dev The worst price of a way out is where the pool would end with all orders of its side that were not refused. Those are of
///      accounts that carry them, so that nobody worsens it with orders that cost nothing.
abstract contract ExitJudge is AccountJudge {
    using CostLib for MarginReader.MarketView;

    /// @dev Finds how far the pool can go in markets where positions are reduced.
    function _findExits(Session memory session) internal view {
        for (uint256 r; r < session.table.count; ++r) {
            Row memory row = session.table.rows[r];
            Book memory book = session.books[row.work];
            (book.buys, book.sells) = (book.buys + row.buys, book.sells + row.sells);
            uint256 most = row.closing + row.liquidationMost;
            if (most == 0) continue;
            book.closes = true;
            most = FixedPointMathLib.min(most, FixedPointMathLib.abs(row.position.base));
            if (row.position.base > 0) book.sells += most;
            else book.buys += most;
        }
        for (uint256 w; w < session.books.length; ++w) {
            Book memory book = session.books[w];
            if (!book.closes) continue;
            book.buyExit = book.market.exitPrice(true, book.buys);
            book.sellExit = book.market.exitPrice(false, book.sells);
        }
    }

    /// @dev Judges every trader that seeks a way out, and adds up what the books will hold.
    function _judgeExits(Session memory session) internal pure {
        TraderTable memory table = session.table;
        for (uint256 r; r < table.count; ++r) {
            Row memory first = table.rows[r];
            if (first.footing == 0) continue;
            Footing memory footing = session.footings[first.footing - 1];
            if (footing.isLiquidatable) _liquidate(session, first, footing);
            if (!_isAffordable(session, first, footing)) _refuseReduction(session, first);
        }
        for (uint256 r; r < table.count; ++r) {
            Row memory row = table.rows[r];
            session.books[row.work].add(row);
        }
    }

    /// @dev Deals out what the account lacks over its liquidations, market by market: what one restores the next does not close.
    function _liquidate(Session memory session, Row memory first, Footing memory footing) private pure {
        LiquidationLib.Account memory account =
            LiquidationLib.Account(footing.equity, footing.equity, footing.initialMargin, footing.maintenanceMargin);
        for (Row memory row = first;; row = session.table.rows[row.next - 1]) {
            if (row.liquidationMost != 0) {
                Book memory book = session.books[row.work];
                LiquidationLib.Closing memory closing = _closingOf(book, row);
                uint256 amount = LiquidationLib.amount(account, closing, book.market.risk);
                row.liquidated = FixedPointMathLib.min(amount, row.liquidationMost);
                row.closable = FixedPointMathLib.min(row.closing, closing.size - row.liquidated);
                _keepFromGrowing(row, closing);
                LiquidationLib.close(account, closing, book.market.risk, row.liquidated);
            }
            if (row.next == 0) break;
        }
    }

    /// @dev Orders that would only reduce the position go over to its other side once the liquidation has: that is new risk.
    function _keepFromGrowing(Row memory row, LiquidationLib.Closing memory closing) private pure {
        uint256 against = closing.isLong ? row.sells : row.buys;
        if (row.liquidated + row.closable + against <= closing.size) return;
        if (closing.isLong) _refuseSells(row, RejectReason.MarginTooLow);
        else _refuseBuys(row, RejectReason.MarginTooLow);
    }

    function _closingOf(Book memory book, Row memory row) private pure returns (LiquidationLib.Closing memory) {
        bool isLong = row.position.base > 0;
        return LiquidationLib.Closing({
            isLong: isLong,
            size: FixedPointMathLib.abs(row.position.base),
            mark: book.market.prices.mark,
            midPrice: book.market.midPrice,
            worstPrice: isLong ? book.sellExit : book.buyExit
        });
    }

    /// @dev Whether the account can pay for its own ways out: closes, and what its other orders reduce. Its liquidations come first.
    function _isAffordable(Session memory session, Row memory first, Footing memory footing)
        private
        pure
        returns (bool)
    {
        Drain memory drain;
        for (Row memory row = first;; row = session.table.rows[row.next - 1]) {
            bool isLong = row.position.base > 0;
            Book memory book = session.books[row.work];
            uint256 cost = NettingMath.shareUp(row.closable, row.exitCost, row.closing);
            cost += (isLong ? row.sellsCost : row.buysCost);
            cost += row.orders * PerpMath.ROUNDING;
            if (row.liquidated != 0) {
                uint256 price = LiquidationLib.costOf(
                    _closingOf(book, row), isLong ? book.sellExit : book.buyExit, book.market.risk
                );
                cost += FixedPointMathLib.fullMulDivUp(row.liquidated, price, PriceLib.WAD);
            }
            uint256 closed = row.closable + row.liquidated + (isLong ? row.sells : row.buys);
            if (closed != 0) drain.add(book.market, isLong, closed, cost);
            if (row.next == 0) break;
        }
        return _mayReduce(footing, drain);
    }

    function _refuseReduction(Session memory session, Row memory first) private pure {
        for (Row memory row = first;; row = session.table.rows[row.next - 1]) {
            (row.closable, row.closingRefusal) = (0, RejectReason.MarginTooLow);
            if (row.buys != 0) _refuseBuys(row, RejectReason.MarginTooLow);
            if (row.sells != 0) _refuseSells(row, RejectReason.MarginTooLow);
            if (row.next == 0) break;
        }
    }
}
