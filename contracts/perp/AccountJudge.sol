// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { LiquidationLib } from "../libraries/LiquidationLib.sol";
import { NettingMath } from "../libraries/NettingMath.sol";
import { PerpMath } from "../libraries/PerpMath.sol";
import { PriceLib } from "../libraries/PriceLib.sol";
import { MarketId } from "../types/MarketId.sol";
import { MarketState, PriceStatus } from "../types/MarketRisk.sol";
import { MarketView } from "../types/MarketView.sol";
import { RejectReason } from "../types/RejectReason.sol";
import { Book } from "./CapacityLib.sol";
import { CostLib, Drain } from "./CostLib.sol";
import { MarginReader } from "./MarginReader.sol";
import { Row, TraderTable } from "./TraderTable.sol";
import { FixedPointMathLib } from "solady/utils/FixedPointMathLib.sol";

/// @notice Judges accounts, each over all of its markets: whether new risk is carried.
abstract contract AccountJudge is MarginReader {
    using CostLib for MarketView;

    /// @dev One settlement's work.
    struct Session {
        /// By market id; loaded where needed.
        MarketView[] markets;
        /// Of the markets that settle.
        Book[] books;
        TraderTable table;
        /// Of the accounts whose ways out are to be judged by the depth of the pool.
        Footing[] footings;
    }

    /// @dev An account as it stands.
    struct Standing {
        Exposure exposure;
        /// Margins of its markets without orders.
        uint256 otherInitial;
        uint256 otherMaintenance;
    }

    /// @dev Judges what traders open, and leaves of liquidations those of accounts that are liquidatable.
    function _judgeGrowth(Session memory session) internal view {
        TraderTable memory table = session.table;
        uint256 waysOut;
        for (uint256 r; r < table.count; ++r) {
            if (_isWayOut(table.rows[r])) ++waysOut;
        }
        session.footings = new Footing[](waysOut);
        waysOut = 0;
        for (uint256 r; r < table.count; ++r) {
            Row memory first = table.rows[r];
            if (!table.isFirst(r)) continue;
            Standing memory standing = _read(session, first);
            if (_isGrowthCarried(session, first, standing)) continue;
            if (!_seeksAWayOut(session, first)) continue;
            Footing memory footing = _footing(standing.exposure);
            // Most can pay for their ways out by the market's bound, and need not know how deep the pool is.
            if (!footing.isLiquidatable && _isAffordable(session, first, footing)) continue;
            session.footings[waysOut++] = footing;
            first.footing = waysOut;
            _judgeByPool(session, first);
        }
    }

    /// @dev Judges what one trader opens by its first row. True when it grows, and the account carries all that its orders can do,
    ///      its ways out included. Growth that is not carried is refused.
    function _isGrowthCarried(Session memory session, Row memory first, Standing memory standing)
        private
        pure
        returns (bool)
    {
        bool isLiquidatable = _isLiquidatable(standing.exposure);
        bool grows;
        for (Row memory row = first;; row = session.table.rows[row.next - 1]) {
            if (!isLiquidatable) row.liquidationMost = 0;
            _weigh(row, session.books[row.work]);
            if (row.longGrowth != 0 || row.shortGrowth != 0) grows = true;
            if (row.next == 0) break;
        }
        if (!grows) return false;
        if (!isLiquidatable && _isCarried(session, first, standing)) return true;
        _refuseGrowth(session, first);
        return false;
    }

    function _seeksAWayOut(Session memory session, Row memory first) private pure returns (bool) {
        Row memory row = first;
        while (!_isWayOut(row)) {
            if (row.next == 0) return false;
            row = session.table.rows[row.next - 1];
        }
        return true;
    }

    function _judgeByPool(Session memory session, Row memory first) private pure {
        for (Row memory row = first;; row = session.table.rows[row.next - 1]) {
            (row.isJudgedByPool, row.closingCost, row.closingBeyondFreed) = (true, 0, 0);
            if (row.closing + row.liquidationMost != 0) session.books[row.work].isLeft = true;
            if (row.next == 0) break;
        }
    }

    /// @dev Whether orders of the row reduce the position, if there is one.
    function _isWayOut(Row memory row) private pure returns (bool) {
        uint256 against = row.position.base > 0 ? row.sells : row.buys;
        return row.position.base != 0 && row.closing + row.liquidationMost + against != 0;
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

    /// @dev Finds what the row's orders can make of the position, its liquidation aside: who is liquidated does not grow.
    function _weigh(Row memory row, Book memory book) private pure {
        uint256 held = FixedPointMathLib.abs(row.position.base);
        row.closable = FixedPointMathLib.min(row.closing, held);
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
        int256 base = row.position.base;
        highest = base + int256(row.buys + (base < 0 ? row.closable : 0));
        lowest = base - int256(row.sells + (base > 0 ? row.closable : 0));
    }

    /// @dev Whether the account carries the worst that its orders can do in all markets together: the initial margin of the
    ///      largest positions, and, once they are paid for, their maintenance margin.
    function _isCarried(Session memory session, Row memory first, Standing memory standing)
        private
        pure
        returns (bool)
    {
        uint256 initial = standing.otherInitial;
        uint256 maintenance = standing.otherMaintenance;
        uint256 cost;
        for (Row memory row = first;; row = session.table.rows[row.next - 1]) {
            MarketView memory market = session.books[row.work].market;
            uint256 price = FixedPointMathLib.max(row.highestPrice, market.prices.mark);
            uint256 notional = PerpMath.notional(_worst(row), price);
            initial += PerpMath.ratioOf(notional, market.risk.initialMarginBps);
            maintenance += PerpMath.ratioOf(notional, market.risk.maintenanceMarginBps);
            cost += NettingMath.shareUp(row.closable, row.closingCost, row.closing);
            cost += row.buysCost + row.sellsCost;
            if (row.next == 0) break;
        }
        int256 carrying = _carrying(standing.exposure);
        return carrying >= int256(initial) && carrying - int256(cost) >= int256(maintenance);
    }

    /// @dev Whether the account can pay for its own ways out: closes, and what its other orders reduce. Its liquidations come first.
    function _isAffordable(Session memory session, Row memory first, Footing memory footing)
        internal
        pure
        returns (bool)
    {
        Drain memory drain;
        for (Row memory row = first;; row = session.table.rows[row.next - 1]) {
            bool isLong = row.position.base > 0;
            Book memory book = session.books[row.work];
            uint256 cost = NettingMath.shareUp(row.closable, row.closingCost, row.closing);
            cost += isLong ? row.sellsCost : row.buysCost;
            if (row.liquidated != 0) cost += _liquidationCost(book, row);
            uint256 marginCost =
                NettingMath.shareUp(row.closable, row.closingBeyondFreed, row.closing) + row.beyondFreed;
            uint256 closed = row.closable + row.liquidated + (isLong ? row.sells : row.buys);
            if (closed != 0) drain.add(book.market, isLong, closed, cost, marginCost);
            if (row.next == 0) break;
        }
        return _mayReduce(footing, drain);
    }

    function _liquidationCost(Book memory book, Row memory row) private pure returns (uint256) {
        LiquidationLib.Closing memory closing = _closingOf(book, row);
        uint256 cost = LiquidationLib.costOf(closing, closing.worstPrice, book.market.risk);
        return FixedPointMathLib.fullMulDivUp(row.liquidated, cost, PriceLib.WAD) + book.market.rounding();
    }

    function _closingOf(Book memory book, Row memory row) internal pure returns (LiquidationLib.Closing memory) {
        bool isLong = row.position.base > 0;
        return LiquidationLib.Closing({
            isLong: isLong,
            size: FixedPointMathLib.abs(row.position.base),
            mark: book.market.prices.mark,
            midPrice: book.market.midPrice,
            worstPrice: isLong ? book.sellExit : book.buyExit
        });
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

    function _refuseBuys(Row memory row, RejectReason reason) internal pure {
        row.buysRefusal = reason;
        (row.buys, row.buysCost, row.longGrowth) = (0, 0, 0);
        if (row.position.base < 0) row.beyondFreed = 0;
    }

    function _refuseSells(Row memory row, RejectReason reason) internal pure {
        row.sellsRefusal = reason;
        (row.sells, row.sellsCost, row.shortGrowth) = (0, 0, 0);
        if (row.position.base > 0) row.beyondFreed = 0;
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
