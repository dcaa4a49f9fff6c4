// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { LiquidationLib } from "../libraries/LiquidationLib.sol";
import { NettingMath } from "../libraries/NettingMath.sol";
import { PerpMath } from "../libraries/PerpMath.sol";
import { PriceLib } from "../libraries/PriceLib.sol";
import { MarketId } from "../types/MarketId.sol";
import { MarketState, PriceStatus } from "../types/MarketRisk.sol";
import { RejectReason } from "../types/RejectReason.sol";
import { Book } from "./CapacityLib.sol";
import { CostLib, Drain } from "./CostLib.sol";
import { MarginReader } from "./MarginReader.sol";
import { Row, TraderTable } from "./TraderTable.sol";
import { FixedPointMathLib } from "solady/utils/FixedPointMathLib.sol";

/// @notice Judges accounts, each over all of its markets: what a liquidation closes, and whether new risk is carried.
abstract contract AccountJudge is MarginReader {
    using CostLib for MarginReader.MarketView;

    /// @dev One settlement's work.
    struct Session {
        /// By market id; loaded where needed.
        MarketView[] markets;
        /// Of the markets that settle.
        Book[] books;
        TraderTable table;
    }

    /// @dev An account as it stands.
    struct Standing {
        Exposure exposure;
        /// Margins of its markets without orders.
        uint256 otherInitial;
        uint256 otherMaintenance;
    }

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

    /// @dev Judges every trader that has orders, and adds up what the books will hold.
    function _judgeAll(Session memory session) internal view {
        TraderTable memory table = session.table;
        for (uint256 r; r < table.count; ++r) {
            if (table.isFirst(r)) _judge(session, table.rows[r]);
        }
        for (uint256 r; r < table.count; ++r) {
            Row memory row = table.rows[r];
            session.books[row.work].add(row);
        }
    }

    /// @dev Decides over one trader by its first row.
    function _judge(Session memory session, Row memory first) private view {
        Standing memory standing = _read(session, first);
        if (_isLiquidatable(standing.exposure)) _liquidate(session, first, standing.exposure);
        bool grows;
        for (Row memory row = first;; row = session.table.rows[row.next - 1]) {
            _weigh(row, session.books[row.work]);
            if (row.longGrowth != 0 || row.shortGrowth != 0) grows = true;
            if (row.next == 0) break;
        }
        if (grows) {
            if (_isCarried(session, first, standing)) return;
            _refuseGrowth(session, first);
        }
        if (!_isAffordable(session, first, standing.exposure)) _refuseReduction(session, first);
    }

    /// @dev Reads the account: the positions of its rows are in memory, those of its other markets are not.
    function _read(Session memory session, Row memory first) private view returns (Standing memory standing) {
        uint256 others = marketsOf(first.trader);
        for (Row memory row = first;; row = session.table.rows[row.next - 1]) {
            others &= ~(1 << MarketId.unwrap(session.books[row.work].id));
            if (row.next == 0) break;
        }
        Exposure memory exposure = _exposure(session.markets, first.trader, others);
        (standing.otherInitial, standing.otherMaintenance) = (exposure.initialMargin, exposure.maintenanceMargin);
        for (Row memory row = first;; row = session.table.rows[row.next - 1]) {
            _add(exposure, session.books[row.work].market, row.position);
            if (row.next == 0) break;
        }
        standing.exposure = exposure;
    }

    /// @dev Deals out what the account lacks over its liquidations, market by market: what one restores the next does not close.
    function _liquidate(Session memory session, Row memory first, Exposure memory exposure) private pure {
        int256 equity = _equity(exposure);
        LiquidationLib.Account memory account =
            LiquidationLib.Account(equity, equity, exposure.initialMargin, exposure.maintenanceMargin);
        for (Row memory row = first;; row = session.table.rows[row.next - 1]) {
            if (row.liquidationMost != 0) {
                Book memory book = session.books[row.work];
                LiquidationLib.Closing memory closing = _closingOf(book, row);
                uint256 amount = LiquidationLib.amount(account, closing, book.market.risk);
                row.liquidated = FixedPointMathLib.min(amount, row.liquidationMost);
                LiquidationLib.close(account, closing, book.market.risk, row.liquidated);
            }
            if (row.next == 0) break;
        }
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

    /// @dev Finds what the row's orders can make of the position. A liquidation comes before the trader's own closes.
    function _weigh(Row memory row, Book memory book) private pure {
        uint256 held = FixedPointMathLib.abs(row.position.base);
        row.closable = FixedPointMathLib.min(row.closing, held - row.liquidated);
        (int256 highest, int256 lowest) = _reach(row);
        int256 base = row.position.base;
        row.longGrowth = highest > 0 ? uint256(highest - FixedPointMathLib.max(base, 0)) : 0;
        row.shortGrowth = lowest < 0 ? uint256(FixedPointMathLib.min(base, 0) - lowest) : 0;
        if (_takesRisk(book)) return;
        if (row.longGrowth != 0) _refuseBuys(row, RejectReason.MarketClosed);
        if (row.shortGrowth != 0) _refuseSells(row, RejectReason.MarketClosed);
    }

    /// @dev The position if all buys fill and no sell does, and the other way round.
    function _reach(Row memory row) private pure returns (int256 highest, int256 lowest) {
        uint256 reduced = row.closable + row.liquidated;
        int256 base = row.position.base;
        highest = base + int256(row.buys + (base < 0 ? reduced : 0));
        lowest = base - int256(row.sells + (base > 0 ? reduced : 0));
    }

    /// @dev Whether the account carries the worst that its orders can do in all markets together: the initial margin of the
    ///      largest positions, and, once they are paid for, their maintenance margin.
    function _isCarried(Session memory session, Row memory first, Standing memory standing)
        private
        pure
        returns (bool)
    {
        if (_isLiquidatable(standing.exposure)) return false;
        uint256 initial = standing.otherInitial;
        uint256 maintenance = standing.otherMaintenance;
        uint256 cost;
        for (Row memory row = first;; row = session.table.rows[row.next - 1]) {
            MarketView memory market = session.books[row.work].market;
            uint256 price = FixedPointMathLib.max(row.highestPrice, market.prices.mark);
            uint256 notional = PerpMath.notional(_worst(row), price);
            initial += PerpMath.ratioOf(notional, market.risk.initialMarginBps);
            maintenance += PerpMath.ratioOf(notional, market.risk.maintenanceMarginBps);
            cost += row.buysCost + row.sellsCost + _closingCost(row) + row.orders * PerpMath.ROUNDING;
            if (row.next == 0) break;
        }
        int256 carrying = _carrying(standing.exposure);
        return carrying >= int256(initial) && carrying - int256(cost) >= int256(maintenance);
    }

    /// @dev Whether the account can pay for its own ways out: closes, and what its other orders reduce. Its liquidations come first.
    function _isAffordable(Session memory session, Row memory first, Exposure memory exposure)
        private
        pure
        returns (bool)
    {
        Drain memory drain;
        for (Row memory row = first;; row = session.table.rows[row.next - 1]) {
            bool isLong = row.position.base > 0;
            Book memory book = session.books[row.work];
            uint256 cost = _closingCost(row) + (isLong ? row.sellsCost : row.buysCost);
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
        return _mayReduce(exposure, drain);
    }

    /// @dev What the closes that the position has room for can cost.
    function _closingCost(Row memory row) private pure returns (uint256) {
        return NettingMath.shareUp(row.closable, row.closingCost, row.closing);
    }

    /// @dev The largest position that the row's orders can leave, where they carry new risk at all; else the present one.
    function _worst(Row memory row) private pure returns (int256) {
        if (row.longGrowth == 0 && row.shortGrowth == 0) return row.position.base;
        (int256 highest, int256 lowest) = _reach(row);
        return FixedPointMathLib.abs(highest) > FixedPointMathLib.abs(lowest) ? highest : lowest;
    }

    function _refuseGrowth(Session memory session, Row memory first) private pure {
        for (Row memory row = first;; row = session.table.rows[row.next - 1]) {
            if (row.longGrowth != 0) _refuseBuys(row, RejectReason.MarginTooLow);
            if (row.shortGrowth != 0) _refuseSells(row, RejectReason.MarginTooLow);
            if (row.next == 0) break;
        }
    }

    function _refuseReduction(Session memory session, Row memory first) private pure {
        for (Row memory row = first;; row = session.table.rows[row.next - 1]) {
            (row.closable, row.closingRefusal) = (0, RejectReason.MarginTooLow);
            if (row.buys != 0) _refuseBuys(row, RejectReason.MarginTooLow);
            if (row.sells != 0) _refuseSells(row, RejectReason.MarginTooLow);
            if (row.next == 0) break;
        }
    }

    function _refuseBuys(Row memory row, RejectReason reason) private pure {
        row.buysRefusal = reason;
        (row.buys, row.buysCost, row.longGrowth) = (0, 0, 0);
    }

    function _refuseSells(Row memory row, RejectReason reason) private pure {
        row.sellsRefusal = reason;
        (row.sells, row.sellsCost, row.shortGrowth) = (0, 0, 0);
    }

    /// @dev Whether a market takes orders that open, if only to reduce.
    function _isPaused(Book memory book) internal pure returns (bool) {
        return book.state == MarketState.Paused;
    }

    /// @dev Whether a market takes new risk: it is open, and its price stands.
    function _takesRisk(Book memory book) private pure returns (bool) {
        PriceStatus status = book.market.prices.status;
        return book.state == MarketState.Open && (status == PriceStatus.Ok || status == PriceStatus.PoolOnly);
    }
}
