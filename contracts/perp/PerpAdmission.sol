// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Runtime } from "../arcology/Runtime.sol";
import { ICollateralVault } from "../interfaces/ICollateralVault.sol";
import { IMarketRegistry } from "../interfaces/IMarketRegistry.sol";
import { IPerpAdmission } from "../interfaces/IPerpAdmission.sol";
import { IPositionTracker } from "../interfaces/IPositionTracker.sol";
import { IRiskRegistry } from "../interfaces/IRiskRegistry.sol";
import { FundingLib } from "../libraries/FundingLib.sol";
import { NettingMath } from "../libraries/NettingMath.sol";
import { MarketId } from "../types/MarketId.sol";
import { MarketView } from "../types/MarketView.sol";
import { Order } from "../types/Order.sol";
import { RejectReason } from "../types/RejectReason.sol";
import { Book, CapacityLib } from "./CapacityLib.sol";
import { CostLib } from "./CostLib.sol";
import { ExitJudge } from "./ExitJudge.sol";
import { MarginReader } from "./MarginReader.sol";
import { Nonces } from "./Nonces.sol";
import { ReadsLib } from "./ReadsLib.sol";
import { Row, TraderTable, TraderTableLib } from "./TraderTable.sol";
import { FixedPointMathLib } from "solady/utils/FixedPointMathLib.sol";

/// @notice Decides what of each order may fill: deadline, limit against the mid price, market state, nonce, reduce-only cap,
///         liquidation, margin, open interest.
/// @dev Over all markets of a settlement at once, before any of them fills: an account is one, so what one market fills must not
///      change what another admits. Everything is decided by sums over a trader's orders, or by order ids, never by their order.
/// @dev Runs in settlement only, never in the parallel generation: it may write plain slots.
contract PerpAdmission is ExitJudge, Nonces {
    using CostLib for MarketView;

    /// @notice The engine whose orders are decided.
    address public immutable ENGINE;
    /// @notice The clearing house.
    address public immutable HOUSE;
    /// @notice The listed markets.
    IMarketRegistry public immutable REGISTRY;

    /// @dev Written at admission only.
    mapping(address trader => uint256 bitmap) internal _marketsOf;

    constructor(address engine, address house, IMarketRegistry registry, ICollateralVault vault, IRiskRegistry risk)
        MarginReader(vault, risk)
    {
        ENGINE = engine;
        HOUSE = house;
        REGISTRY = registry;
    }

    /// @inheritdoc IPerpAdmission
    function admit(Candidates[] memory candidates) external returns (Decisions[] memory decisions) {
        if (msg.sender != ENGINE) revert PerpAdmission_Unauthorized(msg.sender);
        // It depends on all orders: nobody can choose accounts that collide under it.
        bytes32 seed = keccak256(msg.data);
        Session memory session;
        session.markets = _newMarkets();
        session.books = new Book[](candidates.length);
        decisions = new Decisions[](candidates.length);
        uint256 count;
        for (uint256 w; w < candidates.length; ++w) {
            uint256 length = candidates[w].orders.length;
            session.books[w] = _open(session.markets, candidates[w].market);
            MarketView memory market = session.books[w].market;
            decisions[w] =
                Decisions(new uint256[](length), new RejectReason[](length), market.reach(false), market.reach(true));
            count += length;
        }
        session.table = TraderTableLib.create(count, seed);

        _checkNonces(candidates, decisions, seed);
        for (uint256 w; w < candidates.length; ++w) {
            _gather(session, candidates[w], decisions[w], w);
        }
        _judgeGrowth(session);
        for (uint256 w; w < candidates.length; ++w) {
            if (session.books[w].isLeft) _weighExits(session, candidates[w].orders, decisions[w].reasons, w);
        }
        _judgeExits(session);
        for (uint256 w; w < candidates.length; ++w) {
            CapacityLib.fit(session.books[w]);
            _decide(session, candidates[w], decisions[w], w);
        }
    }

    /// @inheritdoc IPerpAdmission
    function readsOf(Candidates[] calldata candidates) external view returns (uint256[] memory, uint256[] memory) {
        return ReadsLib.count(candidates, _marketsOf);
    }

    /// @inheritdoc IPerpAdmission
    function cancelNonce(address trader, uint256 nonce) external {
        if (msg.sender != HOUSE) revert PerpAdmission_Unauthorized(msg.sender);
        _useNonce(trader, nonce);
        emit NonceCancelled(trader, nonce);
    }

    /// @inheritdoc IPerpAdmission
    function marketsOf(address trader) public view override(MarginReader, IPerpAdmission) returns (uint256) {
        return _marketsOf[trader];
    }

    /* STEPS */

    /// @dev Reads a market once, and accrues its funding before anything is decided.
    function _open(MarketView[] memory markets, MarketId id) private returns (Book memory book) {
        (book.id, book.market) = (id, _market(markets, id));
        book.state = RISK.stateOf(id);
        int256 perSecond = FundingLib.perSecond(book.market.prices, book.market.risk.maxFundingBpsPerDay);
        IPositionTracker(book.market.listing.tracker).accrueFunding(perSecond);
    }

    /// @dev Sums the orders of each trader; those that fail by themselves stay out.
    function _gather(Session memory session, Candidates memory candidates, Decisions memory decisions, uint256 w)
        private
        view
    {
        Book memory book = session.books[w];
        for (uint256 i; i < candidates.orders.length; ++i) {
            Order memory order = candidates.orders[i];
            if (decisions.reasons[i] == RejectReason.None) decisions.reasons[i] = _fault(book, order);
            if (decisions.reasons[i] != RejectReason.None) continue;
            Row memory row = session.table.at(order.trader(), w);
            if (!row.isLoaded) {
                row.isLoaded = true;
                row.position = IPositionTracker(book.market.listing.tracker).positionOf(row.trader);
            }
            if (order.isOpen()) _addOpen(row, book.market, order);
            else if (!_reduces(row, order)) decisions.reasons[i] = _refusalOf(order);
            else if (order.isLiquidation()) _nominate(row, order);
            else _addClose(row, book.market, order);
        }
    }

    /// @dev Sets what of each order may fill, and notes the markets of those that get a position or a reward.
    function _decide(Session memory session, Candidates memory candidates, Decisions memory decisions, uint256 w)
        private
    {
        uint256 bit = 1 << MarketId.unwrap(candidates.market);
        for (uint256 i; i < candidates.orders.length; ++i) {
            if (decisions.reasons[i] != RejectReason.None) continue;
            Order memory order = candidates.orders[i];
            Row memory row = session.table.at(order.trader(), w);
            (decisions.admitted[i], decisions.reasons[i]) = _amountOf(session.books[w], row, order);
            if (decisions.admitted[i] == 0) continue;
            if (order.isOpen()) _noteMarket(order.trader(), bit);
            else if (order.isLiquidation()) _noteMarket(order.keeper(), bit);
        }
    }

    /* ORDERS */

    /// @dev What is wrong with an order by itself.
    function _fault(Book memory book, Order memory order) private view returns (RejectReason) {
        uint256 deadline = order.deadline();
        if (deadline != 0 && block.timestamp > deadline) return RejectReason.Expired;
        if (!order.accepts(book.market.midPrice)) return RejectReason.LimitPrice;
        if (!order.isOpen()) return RejectReason.None;
        if (_isPaused(book)) return RejectReason.MarketClosed;
        return order.size() < book.market.risk.minOrderSize ? RejectReason.TooSmall : RejectReason.None;
    }

    function _addOpen(Row memory row, MarketView memory market, Order memory order) private pure {
        bool buys = order.isBuy();
        uint256 cost = market.entryCost(buys, order.size(), order.limitPrice()) + market.rounding();
        if (buys) (row.buys, row.buysCost) = (row.buys + order.size(), row.buysCost + cost);
        else (row.sells, row.sellsCost) = (row.sells + order.size(), row.sellsCost + cost);
        if (_reduces(row, order)) row.beyondFreed += market.beyondFreed(order.size(), cost);
        uint256 price = market.highestPrice(buys, order.limitPrice());
        if (price > row.highestPrice) row.highestPrice = price;
    }

    function _addClose(Row memory row, MarketView memory market, Order memory order) private pure {
        uint256 cost = market.entryCost(order.isBuy(), order.size(), order.limitPrice()) + market.rounding();
        row.closing += order.size();
        row.closingCost += cost;
        row.closingBeyondFreed += market.beyondFreed(order.size(), cost);
    }

    /// @dev Whether a close or a liquidation trades against the position that is there.
    function _reduces(Row memory row, Order memory order) private pure returns (bool) {
        return order.isBuy() ? row.position.base < 0 : row.position.base > 0;
    }

    function _refusalOf(Order memory order) private pure returns (RejectReason) {
        return order.isLiquidation() ? RejectReason.NotLiquidatable : RejectReason.NothingToClose;
    }

    /// @dev Of several liquidations of a position the largest counts, and of equal ones the lowest id: a small one, which an
    ///      account may ask for itself, does not keep out one that restores it.
    function _nominate(Row memory row, Order memory order) private pure {
        uint256 most = FixedPointMathLib.min(order.size(), FixedPointMathLib.abs(row.position.base));
        if (most < row.liquidationMost) return;
        bytes32 id = order.id();
        if (most == row.liquidationMost && id > row.liquidationId) return;
        (row.liquidationMost, row.liquidationId) = (most, id);
    }

    function _amountOf(Book memory book, Row memory row, Order memory order)
        private
        pure
        returns (uint256 amount, RejectReason reason)
    {
        if (order.isLiquidation()) {
            if (order.id() == row.liquidationId) amount = row.liquidated;
            return (amount, amount == 0 ? RejectReason.NotLiquidatable : RejectReason.None);
        }
        if (!order.isOpen()) {
            // Several closes of one position share it in proportion to their sizes.
            amount = NettingMath.share(order.size(), row.closable, row.closing);
            if (row.closingRefusal != RejectReason.None) return (0, row.closingRefusal);
            return (amount, amount == 0 ? RejectReason.NothingToClose : RejectReason.None);
        }
        bool buys = order.isBuy();
        reason = buys ? row.buysRefusal : row.sellsRefusal;
        if (reason != RejectReason.None) return (0, reason);
        amount = CapacityLib.amountOf(book, row, buys, order.size());
        return (amount, amount == 0 ? RejectReason.OpenInterest : RejectReason.None);
    }

    /* RECORDS */

    function _noteMarket(address trader, uint256 bit) private {
        if (_marketsOf[trader] & bit == 0) _marketsOf[trader] |= bit;
    }

    /// @inheritdoc MarginReader
    function _registry() internal view override returns (IMarketRegistry) {
        return REGISTRY;
    }
}
