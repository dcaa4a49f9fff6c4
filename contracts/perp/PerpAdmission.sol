// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Runtime } from "../arcology/Runtime.sol";
import { IPerpEvents } from "../interfaces/IPerpEvents.sol";
import { IPositionTracker } from "../interfaces/IPositionTracker.sol";
import { NettingMath } from "../libraries/NettingMath.sol";
import { PerpMath } from "../libraries/PerpMath.sol";
import { NettingEngine } from "../netting/NettingEngine.sol";
import { ReceiptLib } from "../netting/ReceiptLib.sol";
import { MarketId } from "../types/MarketId.sol";
import { Order } from "../types/Order.sol";
import { RejectReason } from "../types/RejectReason.sol";
import { MarginReader } from "./MarginReader.sol";
import { Row, TraderTable, TraderTableLib } from "./TraderTable.sol";
import { FixedPointMathLib } from "solady/utils/FixedPointMathLib.sol";

/// @notice Decides what of each order may fill: deadline, limit against the mid price, reduce-only cap, margin.
/// @dev Over all markets of a settlement at once, before any of them fills: an account is one, so what one market fills must not
///      change what another admits. Everything is decided by sums over a trader's orders, never by their order.
abstract contract PerpAdmission is NettingEngine, MarginReader, IPerpEvents {
    /// @dev Written at admission only.
    mapping(address trader => uint256 bitmap) internal _marketsOf;

    /// @inheritdoc NettingEngine
    function _admit(Work[] memory works) internal override {
        uint256 count = _size(works);
        if (count == 0) return;
        Markets memory markets = _newMarkets();
        TraderTable memory table = TraderTableLib.create(count, Runtime.pid());
        for (uint256 w; w < works.length; ++w) {
            if (!_isCleared(works[w])) _gather(table, works[w], w);
        }
        for (uint256 r; r < table.count; ++r) {
            _weigh(table.rows[r], works[table.rows[r].work]);
        }
        for (uint256 r; r < table.count; ++r) {
            Row memory row = table.rows[r];
            if (row.buysIncrease || row.sellsIncrease) row.isCarried = _isCarried(markets, table, works, row.trader);
        }
        for (uint256 w; w < works.length; ++w) {
            if (!_isCleared(works[w])) _decide(table, works[w], w);
        }
    }

    function _size(Work[] memory works) private view returns (uint256 count) {
        for (uint256 w; w < works.length; ++w) {
            if (!_isCleared(works[w])) count += works[w].batch.orders.length;
        }
    }

    /// @dev Sums the orders of each trader; those that fail by themselves stay out.
    function _gather(TraderTable memory table, Work memory work, uint256 w) private view {
        for (uint256 i; i < work.batch.orders.length; ++i) {
            Order memory order = work.batch.orders[i];
            if (_fault(order, work.midPrice) != RejectReason.None) continue;
            Row memory row = table.at(order.trader(), w);
            uint256 size = order.size();
            bool buys = i < work.batch.buyers;
            if (!order.isOpen()) {
                if (buys) row.closeBuys += size;
                else row.closeSells += size;
                continue;
            }
            if (buys) row.buys += size;
            else row.sells += size;
            uint256 worst = _worstPrice(work.market, work.midPrice, buys, order.limitPrice());
            if (worst > row.worstPrice) row.worstPrice = worst;
        }
    }

    /// @dev What is wrong with an order by itself.
    function _fault(Order memory order, uint256 midPrice) private view returns (RejectReason) {
        uint256 deadline = order.deadline();
        if (deadline != 0 && block.timestamp > deadline) return RejectReason.Expired;
        return order.accepts(midPrice) ? RejectReason.None : RejectReason.LimitPrice;
    }

    /// @dev Reads the position and finds what the row's orders can make of it.
    function _weigh(Row memory row, Work memory work) private view {
        row.position = IPositionTracker(work.market.tracker).positionOf(row.trader);
        int256 base = row.position.base;
        if (base < 0) row.closeBuysCap = FixedPointMathLib.min(row.closeBuys, uint256(-base));
        else row.closeSellsCap = FixedPointMathLib.min(row.closeSells, uint256(base));
        (int256 highest, int256 lowest) = _reach(row);
        row.buysIncrease = PerpMath.increases(base, highest);
        row.sellsIncrease = PerpMath.increases(base, lowest);
    }

    /// @dev The position if all buys fill and no sell does, and the other way round.
    function _reach(Row memory row) private pure returns (int256 highest, int256 lowest) {
        highest = int256(row.position.base) + int256(row.buys + row.closeBuysCap);
        lowest = int256(row.position.base) - int256(row.sells + row.closeSellsCap);
    }

    /// @dev Whether a trader's account carries the worst that its orders can do in all markets together: collateral, less open
    ///      losses, at least MARGIN_RATIO of the largest notional.
    function _isCarried(Markets memory markets, TraderTable memory table, Work[] memory works, address trader)
        private
        view
        returns (bool)
    {
        uint256 others = _marketsOf[trader];
        Row memory row = table.firstOf(trader);
        uint256 notional;
        Exposure memory ordered;
        while (true) {
            Work memory work = works[row.work];
            others &= ~(1 << MarketId.unwrap(work.id));
            _add(ordered, row.position, work.midPrice);
            notional += PerpMath.notional(_worst(row), FixedPointMathLib.max(row.worstPrice, work.midPrice));
            if (row.next == 0) break;
            row = table.rows[row.next - 1];
        }
        Exposure memory exposure = _exposure(markets, trader, others);
        exposure.collateral += ordered.collateral;
        exposure.unrealizedPnl += ordered.unrealizedPnl;
        return _carrying(exposure) >= int256(PerpMath.margin(notional + exposure.openNotional));
    }

    /// @dev The largest position that the row's orders can leave, where they carry new risk at all; else the present one.
    function _worst(Row memory row) private pure returns (int256) {
        if (!row.buysIncrease && !row.sellsIncrease) return row.position.base;
        (int256 highest, int256 lowest) = _reach(row);
        return FixedPointMathLib.abs(highest) > FixedPointMathLib.abs(lowest) ? highest : lowest;
    }

    /// @dev Sets what of each order may fill, and ends those of which nothing may.
    function _decide(TraderTable memory table, Work memory work, uint256 w) private {
        uint256 bit = 1 << MarketId.unwrap(work.id);
        for (uint256 i; i < work.batch.orders.length; ++i) {
            Order memory order = work.batch.orders[i];
            RejectReason reason = _fault(order, work.midPrice);
            uint256 amount;
            if (reason == RejectReason.None) {
                (amount, reason) = _amountOf(table.at(order.trader(), w), order);
            }
            if (reason != RejectReason.None) {
                _reject(work, order, reason);
                continue;
            }
            work.batch.admitted[i] = amount;
            if (order.isOpen() && _marketsOf[order.trader()] & bit == 0) _marketsOf[order.trader()] |= bit;
        }
    }

    function _amountOf(Row memory row, Order memory order) private pure returns (uint256 amount, RejectReason reason) {
        bool buys = order.isBuy();
        if (!order.isOpen()) {
            // Several closes of one position share it in proportion to their sizes.
            amount = buys
                ? NettingMath.share(order.size(), row.closeBuysCap, row.closeBuys)
                : NettingMath.share(order.size(), row.closeSellsCap, row.closeSells);
            return (amount, amount == 0 ? RejectReason.NothingToClose : RejectReason.None);
        }
        bool increases = buys ? row.buysIncrease : row.sellsIncrease;
        if (increases && !row.isCarried) return (0, RejectReason.MarginTooLow);
        return (order.size(), RejectReason.None);
    }

    function _reject(Work memory work, Order memory order, RejectReason reason) private {
        bytes32 id = order.id();
        emit OrderRejected(id, order.trader(), work.id, reason);
        if (work.deferred) ReceiptLib.write(order, OrderRejected.selector, abi.encode(work.id, reason));
    }
}
