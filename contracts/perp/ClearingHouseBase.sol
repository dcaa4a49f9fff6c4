// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { ICollateralVault } from "../interfaces/ICollateralVault.sol";
import { IMarketRegistry } from "../interfaces/IMarketRegistry.sol";
import { IPerpClearingHouse } from "../interfaces/IPerpClearingHouse.sol";
import { IPositionTracker } from "../interfaces/IPositionTracker.sol";
import { IRiskRegistry } from "../interfaces/IRiskRegistry.sol";
import { IERC20Permit } from "../interfaces/external/IERC20Permit.sol";
import { PerpMath } from "../libraries/PerpMath.sol";
import { MarketId } from "../types/MarketId.sol";
import { MarketState, PriceStatus } from "../types/MarketRisk.sol";
import { OrderLib } from "../types/Order.sol";
import { Position } from "../types/Position.sol";
import { Fund } from "./Fund.sol";
import { MarginReader } from "./MarginReader.sol";
import { Operators } from "./Operators.sol";
import { SignedOrders } from "./SignedOrders.sol";
import { TermsLib } from "./TermsLib.sol";

/// @notice Collateral, margin and views: what the netting house and the baseline have in common.
abstract contract ClearingHouseBase is Fund, Operators, SignedOrders {
    /// @dev Wei that rounding can take from an order beyond its cost.
    uint256 private constant ROUNDING = 10;

    /// @dev An order that opens or extends a position.
    struct Opening {
        address trader;
        MarketId market;
        bool isLong;
        uint256 size;
        uint256 limitPrice;
    }

    constructor(IMarketRegistry registry, ICollateralVault vault, IRiskRegistry risk) Fund(registry, vault, risk) { }

    /* COLLATERAL */

    /// @inheritdoc IPerpClearingHouse
    function deposit(uint256 amount) public {
        if (amount == 0) revert ClearingHouse_ZeroSize();
        VAULT.deposit(msg.sender, amount);
        emit Deposited(msg.sender, amount);
    }

    /// @inheritdoc IPerpClearingHouse
    function depositWithPermit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external {
        IERC20Permit token = IERC20Permit(VAULT.token());
        // Whoever saw the permit can have used it: what it brings is asked for, not whether it goes through.
        if (token.allowance(msg.sender, address(VAULT)) < amount) {
            token.permit(msg.sender, address(VAULT), amount, deadline, v, r, s);
        }
        deposit(amount);
    }

    /// @inheritdoc IPerpClearingHouse
    function withdraw(uint256 amount) external {
        if (amount == 0) revert ClearingHouse_ZeroSize();
        _requireSettled();
        uint256 wad = amount * VAULT.scale();
        uint256 withdrawable = getAccount(msg.sender).withdrawable;
        if (wad > withdrawable) revert ClearingHouse_NotWithdrawable(msg.sender, wad, withdrawable);
        // Something can be withdrawn, so the collateral is above zero: this leaves no bad debt.
        _settlePnl(msg.sender);
        VAULT.withdraw(msg.sender, amount);
        emit Withdrawn(msg.sender, amount);
    }

    /* VIEWS */

    /// @inheritdoc IPerpClearingHouse
    function getAccount(address trader) public view returns (Account memory account) {
        Exposure memory exposure = _exposure(_newMarkets(), trader, marketsOf(trader));
        account.collateral = exposure.collateral;
        account.unrealizedPnl = exposure.unrealizedPnl;
        account.funding = exposure.funding;
        account.equity = _equity(exposure);
        account.openNotional = exposure.openNotional;
        account.requiredMargin = exposure.requiredMargin;
        account.initialMargin = exposure.initialMargin;
        account.maintenanceMargin = exposure.maintenanceMargin;
        account.freeCollateral = exposure.collateral - int256(exposure.requiredMargin);
        // freeCollateral alone would let everything go while a position stands at its entry price. What is left carries new
        // risk, so it lies above the maintenance margin too.
        int256 spare = account.equity - int256(exposure.initialMargin);
        if (account.freeCollateral < spare) spare = account.freeCollateral;
        account.withdrawable = spare > 0 ? uint256(spare) : 0;
    }

    /// @inheritdoc IPerpClearingHouse
    function getFreeCollateral(address trader) external view returns (int256) {
        return getAccount(trader).freeCollateral;
    }

    /// @inheritdoc IPerpClearingHouse
    function getPosition(address trader, MarketId market)
        external
        view
        returns (int256 base, int256 quote, int256 realizedPnl)
    {
        return IPositionTracker(REGISTRY.get(market).tracker).getPosition(trader);
    }

    /// @inheritdoc IPerpClearingHouse
    function getMarkPrice(MarketId market) external view returns (uint256) {
        return RISK.pricesOf(market).mark;
    }

    /// @inheritdoc IPerpClearingHouse
    function liquidationOf(address account, uint256 size) external pure returns (uint256) {
        // Without an account the word would be an order of the caller's own.
        if (account == address(0)) revert ClearingHouse_NoAccount();
        TermsLib.checkSize(size);
        return uint256(uint160(account)) << 96 | size;
    }

    /* INTERNAL */

    /// @dev Checks the ranges of an order and its deadline. Reads no state.
    function _checkTerms(uint256 size, uint256 limitPrice, uint256 deadline) internal view {
        TermsLib.checkSize(size);
        TermsLib.checkLimit(limitPrice);
        TermsLib.checkDeadline(deadline);
    }

    /// @dev The account that a call of changePosition liquidates, and the most that it closes; null for an order of the caller's own,
    ///      where `size` is checked with the other terms and a word that is no liquidation is too large.
    function _liquidationIn(bool isOpen, uint256 size, uint256 limitPrice, uint256 deadline)
        internal
        pure
        returns (address account, uint256 most)
    {
        if (isOpen || limitPrice != 0 || deadline != 0) return (address(0), 0);
        return (address(uint160(size >> 96)), size & OrderLib.MAX_SIZE);
    }

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
        uint256 notional = PerpMath.notional(base, _highestPrice(market, order.isLong, order.limitPrice));
        uint256 initial = exposure.initialMargin + PerpMath.ratioOf(notional, market.risk.initialMarginBps);
        uint256 maintenance = exposure.maintenanceMargin + PerpMath.ratioOf(notional, market.risk.maintenanceMarginBps);
        _add(exposure, market, position);
        if (_isLiquidatable(exposure)) {
            revert ClearingHouse_MarginTooLow(trader, _equity(exposure), exposure.maintenanceMargin);
        }
        int256 carrying = _carrying(exposure);
        if (carrying < int256(initial)) revert ClearingHouse_MarginTooLow(trader, carrying, initial);
        carrying -= int256(_entryCost(market, order.isLong, order.size, order.limitPrice) + ROUNDING);
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

    /// @dev The side and size of what a close leaves to trade. Reverts when there is no position.
    function _closable(address trader, MarketId id, uint256 size) internal view returns (bool isLong, uint256 amount) {
        int256 base = IPositionTracker(REGISTRY.get(id).tracker).positionOf(trader).base;
        if (base == 0) revert ClearingHouse_NothingToClose(trader, id);
        isLong = base > 0;
        uint256 held = uint256(isLong ? base : -base);
        amount = size < held ? size : held;
    }

    /// @dev Reverts while orders are admitted but not filled: collateral must not leave in between.
    function _requireSettled() internal view virtual;
}
