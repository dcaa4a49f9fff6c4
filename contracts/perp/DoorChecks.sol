// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { ICollateralVault } from "../interfaces/ICollateralVault.sol";
import { IMarketRegistry } from "../interfaces/IMarketRegistry.sol";
import { IPositionTracker } from "../interfaces/IPositionTracker.sol";
import { IRiskRegistry } from "../interfaces/IRiskRegistry.sol";
import { PerpMath } from "../libraries/PerpMath.sol";
import { MarketId } from "../types/MarketId.sol";
import { MarketState, PriceStatus } from "../types/MarketRisk.sol";
import { MarketView } from "../types/MarketView.sol";
import { Position } from "../types/Position.sol";
import { CostLib, Drain } from "./CostLib.sol";
import { Fund } from "./Fund.sol";
import { MarginReader } from "./MarginReader.sol";
import { FixedPointMathLib } from "solady/utils/FixedPointMathLib.sol";

/// @notice What an order is asked at the door: the rules of settlement on committed state. The netting house's settlement decides again;
///         the baseline trades at once.
abstract contract DoorChecks is Fund {
    using CostLib for MarketView;

    /// @dev An order that opens or extends a position.
    struct Opening {
        address trader;
        MarketId market;
        bool isLong;
        uint256 size;
        uint256 limitPrice;
    }

    /// @dev An order that only reduces a position.
    struct Exit {
        address trader;
        /// The side of the position.
        bool isLong;
        /// At most what it holds.
        uint256 size;
        uint256 limitPrice;
    }

    constructor(IMarketRegistry registry, ICollateralVault vault, IRiskRegistry risk) Fund(registry, vault, risk) { }

    /// @dev Reverts unless the market takes an order that opens, and the account carries the position that it may leave: the
    ///      rules of settlement, on committed state.
    function _checkOpen(Opening memory order) internal view returns (MarketView memory market) {
        MarketView[] memory markets = _newMarkets();
        market = _market(markets, order.market);
        if (order.size < market.risk.minOrderSize) {
            revert ClearingHouse_TooSmall(order.size, market.risk.minOrderSize);
        }
        Position memory position = IPositionTracker(market.listing.tracker).positionOf(order.trader);
        int256 base = position.base + (order.isLong ? int256(order.size) : -int256(order.size));
        bool increases = PerpMath.increases(position.base, base);
        _checkMarket(market, order.market, increases);
        if (increases) _checkMargin(markets, market, order, position, base);
        else _checkExit(markets, market, Exit(order.trader, !order.isLong, order.size, order.limitPrice));
    }

    /// @dev Reverts where settlement is sure to: when the account cannot pay for a way out of its position even though nobody else
    ///      trades with the pool.
    function _checkExit(MarketView[] memory markets, MarketView memory market, Exit memory exit) private view {
        bool buys = !exit.isLong;
        uint256 price = CostLib.limited(market.exitPrice(buys, exit.size), buys, exit.limitPrice);
        uint256 cost = market.cost(buys, exit.size, price) + market.rounding();
        Drain memory drain;
        drain.add(market, exit.isLong, exit.size, cost, market.beyondFreed(exit.size, cost));
        Footing memory footing = _footing(_exposure(markets, exit.trader, marketsOf(exit.trader)));
        if (!_mayReduce(footing, drain)) {
            revert ClearingHouse_MarginTooLow(exit.trader, footing.cautiousEquity, drain.solvency);
        }
    }

    function _checkMarket(MarketView memory market, MarketId id, bool increases) private view {
        MarketState state = RISK.stateOf(id);
        if (state == MarketState.Paused || (increases && state != MarketState.Open)) {
            revert ClearingHouse_MarketClosed(id, state);
        }
        PriceStatus status = market.prices.status;
        if (increases && status != PriceStatus.Ok && status != PriceStatus.PoolOnly) {
            revert ClearingHouse_PriceNotTrusted(id, status);
        }
    }

    /// @dev Reverts unless the account carries `base` instead of `position`: the initial margin before it is paid for, the
    ///      maintenance margin after that. An account that may be liquidated carries nothing.
    function _checkMargin(
        MarketView[] memory markets,
        MarketView memory market,
        Opening memory order,
        Position memory position,
        int256 base
    ) private view {
        address trader = order.trader;
        Exposure memory exposure = _exposure(markets, trader, marketsOf(trader) & ~(1 << MarketId.unwrap(order.market)));
        // An order that turns a position around may fill in part: the larger of both must be carried.
        if (FixedPointMathLib.abs(position.base) > FixedPointMathLib.abs(base)) base = position.base;
        uint256 notional = PerpMath.notional(base, market.highestPrice(order.isLong, order.limitPrice));
        uint256 initial = exposure.initialMargin + PerpMath.ratioOf(notional, market.risk.initialMarginBps);
        uint256 maintenance = exposure.maintenanceMargin + PerpMath.ratioOf(notional, market.risk.maintenanceMarginBps);
        _add(exposure, market, position);
        if (_isLiquidatable(exposure)) {
            revert ClearingHouse_MarginTooLow(trader, _equity(exposure), exposure.maintenanceMargin);
        }
        int256 carrying = _carrying(exposure);
        if (carrying < int256(initial)) revert ClearingHouse_MarginTooLow(trader, carrying, initial);
        carrying -= int256(market.entryCost(order.isLong, order.size, order.limitPrice) + market.rounding());
        if (carrying < int256(maintenance)) revert ClearingHouse_MarginTooLow(trader, carrying, maintenance);
    }

    /// @dev The account of `trader`. Reverts unless it is below its maintenance margin.
    function _requireLiquidatable(MarketView[] memory markets, address trader)
        internal
        view
        returns (Exposure memory exposure)
    {
        exposure = _exposure(markets, trader, marketsOf(trader));
        if (!_isLiquidatable(exposure)) {
            revert ClearingHouse_NotLiquidatable(trader, _equity(exposure), exposure.maintenanceMargin);
        }
    }

    /// @dev What a close trades. Reverts when there is no position, or the account cannot pay for the way out of it.
    function _checkClose(address trader, MarketId id, uint256 size, uint256 limitPrice)
        internal
        view
        returns (MarketView memory market, bool isLong, uint256 amount)
    {
        (isLong, amount) = _closable(trader, id, size);
        MarketView[] memory markets = _newMarkets();
        market = _market(markets, id);
        _checkExit(markets, market, Exit(trader, isLong, amount, limitPrice));
    }

    /// @dev The side and size of what a close leaves to trade. Reverts when there is no position.
    function _closable(address trader, MarketId id, uint256 size) internal view returns (bool isLong, uint256 amount) {
        int256 base = IPositionTracker(REGISTRY.get(id).tracker).positionOf(trader).base;
        if (base == 0) revert ClearingHouse_NothingToClose(trader, id);
        isLong = base > 0;
        uint256 held = uint256(isLong ? base : -base);
        amount = size < held ? size : held;
    }
}
