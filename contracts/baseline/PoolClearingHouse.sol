// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { ICollateralVault } from "../interfaces/ICollateralVault.sol";
import { IMarketRegistry } from "../interfaces/IMarketRegistry.sol";
import { IPerpAdmission } from "../interfaces/IPerpAdmission.sol";
import { IPerpClearingHouse } from "../interfaces/IPerpClearingHouse.sol";
import { IRiskRegistry } from "../interfaces/IRiskRegistry.sol";
import { ISwapRouter } from "../interfaces/ISwapRouter.sol";
import { LiquidationLib } from "../libraries/LiquidationLib.sol";
import { SignedOrders } from "../perp/SignedOrders.sol";
import { TermsLib } from "../perp/TermsLib.sol";
import { MarketId } from "../types/MarketId.sol";
import { PoolFills } from "./PoolFills.sol";
import { FixedPointMathLib } from "solady/utils/FixedPointMathLib.sol";

/// @notice The non-netting baseline: the same interface, margin and risk, but every order swaps with the pool at once, whole or not
///         at all. On a parallel runtime its orders conflict with each other on the pool.
contract PoolClearingHouse is PoolFills {
    /// @notice Thrown for a signed order whose nonce is used or cancelled.
    error PoolClearingHouse_NonceUsed(address trader, uint256 nonce);

    /// @inheritdoc IPerpClearingHouse
    mapping(address trader => mapping(uint256 nonce => bool)) public isNonceUsed;

    constructor(IMarketRegistry registry, ICollateralVault vault, IRiskRegistry risk, ISwapRouter router)
        PoolFills(registry, vault, risk, router)
    { }

    /* ORDERS */

    /// @inheritdoc IPerpClearingHouse
    function openPosition(MarketId market, bool isLong, uint256 size, uint256 limitPrice, uint256 deadline) external {
        openPositionFor(msg.sender, market, isLong, size, limitPrice, deadline);
    }

    /// @inheritdoc IPerpClearingHouse
    function openPositionFor(
        address trader,
        MarketId market,
        bool isLong,
        uint256 size,
        uint256 limitPrice,
        uint256 deadline
    ) public {
        _requireMayTrade(trader);
        _open(trader, market, isLong, size, limitPrice, deadline);
    }

    /// @inheritdoc IPerpClearingHouse
    function closePosition(MarketId market, uint256 size, uint256 limitPrice, uint256 deadline) external {
        closePositionFor(msg.sender, market, size, limitPrice, deadline);
    }

    /// @inheritdoc IPerpClearingHouse
    function closePositionFor(address trader, MarketId market, uint256 size, uint256 limitPrice, uint256 deadline)
        public
    {
        _requireMayTrade(trader);
        _close(trader, market, size, limitPrice, deadline);
    }

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
        if (isOpen) return _open(msg.sender, market, isLong, size, limitPrice, deadline);
        (address account, uint256 most) = _liquidationIn(isOpen, size, limitPrice, deadline);
        if (account == address(0)) return _closeSide(msg.sender, market, isLong, size, limitPrice, deadline);
        _checkSide(account, market, isLong);
        liquidate(account, market, most);
    }

    /// @inheritdoc IPerpClearingHouse
    function liquidate(address trader, MarketId id, uint256 size) public {
        MarketView[] memory markets = _newMarkets();
        Exposure memory exposure = _requireLiquidatable(markets, trader);
        (bool isLong, uint256 held) = _closable(trader, id, type(uint256).max);
        MarketView memory market = _market(markets, id);
        uint256 amount =
            LiquidationLib.amount(_equity(exposure), exposure.initialMargin, market.prices.mark, held, market.risk);
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

    function _open(address trader, MarketId id, bool isLong, uint256 size, uint256 limitPrice, uint256 deadline)
        private
    {
        _checkTerms(size, limitPrice, deadline);
        MarketView memory market = _checkOpen(Opening(trader, id, isLong, size, limitPrice));
        _trade(Trade(trader, id, isLong, size, limitPrice, address(0)), market);
    }

    function _close(address trader, MarketId id, uint256 size, uint256 limitPrice, uint256 deadline) private {
        _checkTerms(size, limitPrice, deadline);
        (bool isLong, uint256 amount) = _closable(trader, id, size);
        _trade(Trade(trader, id, !isLong, amount, limitPrice, address(0)), _market(_newMarkets(), id));
    }

    /// @dev A close that names the side of the position.
    function _closeSide(
        address trader,
        MarketId market,
        bool isLong,
        uint256 size,
        uint256 limitPrice,
        uint256 deadline
    ) private {
        _checkTerms(size, limitPrice, deadline);
        _checkSide(trader, market, isLong);
        _close(trader, market, size, limitPrice, deadline);
    }

    function _checkSide(address trader, MarketId market, bool isLong) private view {
        (bool holdsLong,) = _closable(trader, market, 0);
        if (holdsLong != isLong) revert ClearingHouse_NothingToClose(trader, market);
    }

    /// @inheritdoc SignedOrders
    function _submit(SignedOrder calldata order) internal override {
        if (isNonceUsed[order.trader][order.nonce]) revert PoolClearingHouse_NonceUsed(order.trader, order.nonce);
        isNonceUsed[order.trader][order.nonce] = true;
        if (order.isOpen) {
            return _open(order.trader, order.market, order.isLong, order.size, order.limitPrice, order.deadline);
        }
        _closeSide(order.trader, order.market, order.isLong, order.size, order.limitPrice, order.deadline);
    }
}
