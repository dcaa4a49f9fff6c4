// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { LiquidationLib } from "../libraries/LiquidationLib.sol";
import { NettingMath } from "../libraries/NettingMath.sol";
import { MarketView } from "../types/MarketView.sol";
import { Order } from "../types/Order.sol";
import { RejectReason } from "../types/RejectReason.sol";
import { AccountJudge } from "./AccountJudge.sol";
import { Book } from "./CapacityLib.sol";
import { CostLib } from "./CostLib.sol";
import { MarginReader } from "./MarginReader.sol";
import { Row, TraderTable } from "./TraderTable.sol";
import { FixedPointMathLib } from "solady/utils/FixedPointMathLib.sol";

/// @notice Judges how accounts get out of their positions: what a liquidation closes, and whether what they close themselves can be paid.
/// @dev The worst price of a way out is where the pool would end with all orders of its side that were not refused. Those are of
///      accounts that carry them, so that nobody worsens it with orders that cost nothing.
abstract contract ExitJudge is AccountJudge {
    using CostLib for MarketView;

    /// @dev Finds how far the pool can go in a market that positions leave, and what their closes can cost at the worst: each its
    ///      limit, or that price.
    function _weighExits(Session memory session, Order[] memory orders, RejectReason[] memory reasons, uint256 w)
        internal
        view
    {
        Book memory book = session.books[w];
        (uint256 buys, uint256 sells) = _standing(session, orders, reasons, w);
        (book.buyExit, book.sellExit) = (book.market.exitPrice(true, buys), book.market.exitPrice(false, sells));
        for (uint256 i; i < orders.length; ++i) {
            Order memory order = orders[i];
            if (reasons[i] != RejectReason.None || order.isOpen() || order.isLiquidation()) continue;
            Row memory row = session.table.at(order.trader(), w);
            if (!row.isJudgedByPool) continue;
            bool isBuy = order.isBuy();
            uint256 price = CostLib.limited(isBuy ? book.buyExit : book.sellExit, isBuy, order.limitPrice());
            uint256 cost = book.market.cost(isBuy, order.size(), price) + book.market.rounding();
            row.closingCost += cost;
            row.closingBeyondFreed += book.market.beyondFreed(order.size(), cost);
        }
    }

    /// @dev Base that may come to the pool, by direction: of orders that were not refused, and accept its price.
    function _standing(Session memory session, Order[] memory orders, RejectReason[] memory reasons, uint256 w)
        private
        pure
        returns (uint256 buys, uint256 sells)
    {
        for (uint256 i; i < orders.length; ++i) {
            Order memory order = orders[i];
            bool isBuy = order.isBuy();
            if (reasons[i] != RejectReason.None) continue;
            if (!order.accepts(session.books[w].market.bestOfPool(isBuy))) continue;
            uint256 most = _most(session.table.at(order.trader(), w), order, isBuy);
            if (isBuy) buys += most;
            else sells += most;
        }
    }

    /// @dev The most of an order that may fill.
    function _most(Row memory row, Order memory order, bool isBuy) private pure returns (uint256) {
        if (order.isLiquidation()) return order.id() == row.liquidationId ? row.liquidationMost : 0;
        if (!order.isOpen()) return NettingMath.shareUp(order.size(), row.closable, row.closing);
        return (isBuy ? row.buysRefusal : row.sellsRefusal) == RejectReason.None ? order.size() : 0;
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

    /// @dev Deals out what the account lacks over its liquidations, market by market: what one restores the next does not close. Leaves
    ///      the account as it is after them, at their worst.
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
        footing.isLiquidatable = account.worstEquity < int256(account.maintenanceMargin);
        (footing.equity, footing.maintenanceMargin) = (account.worstEquity, account.maintenanceMargin);
    }

    /// @dev Orders that would only reduce the position go over to its other side once the liquidation has: that is new risk.
    function _keepFromGrowing(Row memory row, LiquidationLib.Closing memory closing) private pure {
        uint256 against = closing.isLong ? row.sells : row.buys;
        if (row.liquidated + row.closable + against <= closing.size) return;
        if (closing.isLong) _refuseSells(row, RejectReason.MarginTooLow);
        else _refuseBuys(row, RejectReason.MarginTooLow);
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
