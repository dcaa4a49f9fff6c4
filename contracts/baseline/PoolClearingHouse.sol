// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { ICollateralVault } from "../interfaces/ICollateralVault.sol";
import { IMarketRegistry } from "../interfaces/IMarketRegistry.sol";
import { IPerpAdmission } from "../interfaces/IPerpAdmission.sol";
import { IPerpClearingHouse } from "../interfaces/IPerpClearingHouse.sol";
import { IPositionTracker } from "../interfaces/IPositionTracker.sol";
import { IRiskRegistry } from "../interfaces/IRiskRegistry.sol";
import { ISwapRouter } from "../interfaces/ISwapRouter.sol";
import { LiquidationLib } from "../libraries/LiquidationLib.sol";
import { CapacityLib } from "../perp/CapacityLib.sol";
import { ClearingHouseBase } from "../perp/ClearingHouseBase.sol";
import { CostLib } from "../perp/CostLib.sol";
import { MarginReader } from "../perp/MarginReader.sol";
import { SignedOrders } from "../perp/SignedOrders.sol";
import { TermsLib } from "../perp/TermsLib.sol";
import { MarketId } from "../types/MarketId.sol";
import { MarketView } from "../types/MarketView.sol";
import { PoolFills } from "./PoolFills.sol";
import { FixedPointMathLib } from "solady/utils/FixedPointMathLib.sol";

/// @notice The non-netting baseline: the same interface, margin and risk, but every order swaps with the pool at once, whole or not
///         at all. On a parallel runtime its orders conflict with each other on the pool.
contract PoolClearingHouse is PoolFills {
    using CostLib for MarketView;

    /// @notice Thrown for a signed order whose nonce is used or cancelled.
    error PoolClearingHouse_NonceUsed(address trader, uint256 nonce);
    /// @notice Thrown when the market has no room for what an order adds to its side. WAD of base.
    error PoolClearingHouse_OpenInterest(MarketId market, uint256 growth, uint256 room);

    /// @inheritdoc IPerpClearingHouse
    mapping(address trader => mapping(uint256 nonce => bool)) public isNonceUsed;

    constructor(IMarketRegistry registry, ICollateralVault vault, IRiskRegistry risk, ISwapRouter router)
        PoolFills(registry, vault, risk, router)
    { }

    /* ORDERS */

    /// @inheritdoc IPerpClearingHouse
    /// @dev Here it is no more than the others: it reads and writes the pool, so it is not deferrable. A close or a liquidation
    ///      whose side is not the position's reverts.
    function changePosition(
        MarketId market,
        bool isOpen,
        bool isLong,
        uint256 size,
        uint256 limitPrice,
        uint256 deadline
    ) external {
        if (msg.sender != tx.origin) revert ClearingHouse_OnlyOrigin(msg.sender);
        (address account, uint256 most) = _liquidationIn(isOpen, size, limitPrice, deadline);
        if (account == address(0)) return _change(msg.sender, market, isOpen, isLong, size, limitPrice, deadline);
        _checkSide(account, market, isLong);
        liquidate(account, market, most);
    }

    /// @inheritdoc IPerpClearingHouse
    function liquidate(address trader, MarketId id, uint256 size) public {
        MarketView[] memory markets = _newMarkets();
        Exposure memory exposure = _requireLiquidatable(markets, trader);
        (bool isLong, uint256 held) = _closable(trader, id, type(uint256).max);
        MarketView memory market = _market(markets, id);
        int256 equity = _equity(exposure);
        uint256 amount = LiquidationLib.amount(
            LiquidationLib.Account(equity, equity, exposure.initialMargin, exposure.maintenanceMargin),
            _closingOf(market, isLong, held),
            market.risk
        );
        amount = FixedPointMathLib.min(amount, size);
        TermsLib.checkSize(amount);
        _trade(Trade(trader, id, !isLong, amount, 0, msg.sender), market);
        settleBadDebt(trader);
    }

    /// @inheritdoc IPerpClearingHouse
    /// @dev Nothing ever waits here.
    function settle() external pure returns (uint256) {
        return 0;
    }

    /// @inheritdoc IPerpClearingHouse
    function cancelNonce(uint256 nonce) external {
        TermsLib.checkNonce(nonce);
        isNonceUsed[msg.sender][nonce] = true;
        emit IPerpAdmission.NonceCancelled(msg.sender, nonce);
    }

    /* INTERNAL */

    /// @dev An order that names its side: that of the position, where it closes one.
    function _change(
        address trader,
        MarketId market,
        bool isOpen,
        bool isLong,
        uint256 size,
        uint256 limitPrice,
        uint256 deadline
    ) private {
        _checkTerms(size, limitPrice, deadline);
        if (isOpen) return _open(Opening(trader, market, isLong, size, limitPrice), deadline);
        _checkSide(trader, market, isLong);
        _close(trader, market, size, limitPrice, deadline);
    }

    /// @inheritdoc ClearingHouseBase
    function _open(Opening memory order, uint256) internal override {
        MarketView memory market = _checkOpen(order);
        _checkCapacity(market, order);
        _trade(Trade(order.trader, order.market, order.isLong, order.size, order.limitPrice, address(0)), market);
    }

    /// @dev Reverts when the order grows its side beyond what the market has room for.
    function _checkCapacity(MarketView memory market, Opening memory order) private view {
        IPositionTracker tracker = IPositionTracker(market.listing.tracker);
        (uint256 own, uint256 other) = tracker.openInterest();
        if (!order.isLong) (own, other) = (other, own);
        int256 base = tracker.positionOf(order.trader).base;
        uint256 reduced =
            (base < 0) == order.isLong ? FixedPointMathLib.min(FixedPointMathLib.abs(base), order.size) : 0;
        uint256 growth = order.size - reduced;
        uint256 room = CapacityLib.roomAlone(market.risk, own, other - reduced);
        if (growth > room) revert PoolClearingHouse_OpenInterest(order.market, growth, room);
    }

    /// @inheritdoc ClearingHouseBase
    function _close(address trader, MarketId id, uint256 size, uint256 limitPrice, uint256) internal override {
        (MarketView memory market, bool isLong, uint256 amount) = _checkClose(trader, id, size, limitPrice);
        _trade(Trade(trader, id, !isLong, amount, limitPrice, address(0)), market);
    }

    /// @dev Here all of it goes to the pool: what it gets is known, and no better than the worst.
    function _closingOf(MarketView memory market, bool isLong, uint256 held)
        private
        view
        returns (LiquidationLib.Closing memory)
    {
        uint256 price = market.exitPrice(!isLong, held);
        return LiquidationLib.Closing(isLong, held, market.prices.mark, price, price);
    }

    function _checkSide(address trader, MarketId market, bool isLong) private view {
        (bool holdsLong,) = _closable(trader, market, 0);
        if (holdsLong != isLong) revert ClearingHouse_NothingToClose(trader, market);
    }

    /// @inheritdoc SignedOrders
    function _submit(SignedOrder calldata order) internal override {
        if (isNonceUsed[order.trader][order.nonce]) revert PoolClearingHouse_NonceUsed(order.trader, order.nonce);
        isNonceUsed[order.trader][order.nonce] = true;
        _change(order.trader, order.market, order.isOpen, order.isLong, order.size, order.limitPrice, order.deadline);
    }
}
