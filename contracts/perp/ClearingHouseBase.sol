// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { ICollateralVault } from "../interfaces/ICollateralVault.sol";
import { IMarketRegistry } from "../interfaces/IMarketRegistry.sol";
import { IPerpClearingHouse } from "../interfaces/IPerpClearingHouse.sol";
import { IPositionTracker } from "../interfaces/IPositionTracker.sol";
import { PerpMath } from "../libraries/PerpMath.sol";
import { Market } from "../types/Market.sol";
import { MarketId } from "../types/MarketId.sol";
import { OrderLib } from "../types/Order.sol";
import { Position } from "../types/Position.sol";
import { MarginReader } from "./MarginReader.sol";

/// @notice Collateral, margin and views: what the netting house and the baseline have in common.
abstract contract ClearingHouseBase is MarginReader, IPerpClearingHouse {
    /// @notice The listed markets.
    IMarketRegistry public immutable REGISTRY;

    constructor(IMarketRegistry registry, ICollateralVault vault) MarginReader(vault) {
        REGISTRY = registry;
    }

    /* COLLATERAL */

    /// @inheritdoc IPerpClearingHouse
    function deposit(uint256 amount) external {
        if (amount == 0) revert ClearingHouse_ZeroSize();
        VAULT.deposit(msg.sender, amount);
        emit Deposited(msg.sender, amount);
    }

    /// @inheritdoc IPerpClearingHouse
    function withdraw(uint256 amount) external {
        if (amount == 0) revert ClearingHouse_ZeroSize();
        _requireSettled();
        _settlePnl(msg.sender);
        uint256 wad = amount * VAULT.scale();
        uint256 withdrawable = getAccount(msg.sender).withdrawable;
        if (wad > withdrawable) revert ClearingHouse_NotWithdrawable(msg.sender, wad, withdrawable);
        VAULT.withdraw(msg.sender, amount);
        emit Withdrawn(msg.sender, amount);
    }

    /* VIEWS */

    /// @inheritdoc IPerpClearingHouse
    function getAccount(address trader) public view returns (Account memory account) {
        Exposure memory exposure = _exposure(_newMarkets(), trader, marketsOf(trader));
        account.collateral = exposure.collateral;
        account.unrealizedPnl = exposure.unrealizedPnl;
        account.equity = exposure.collateral + exposure.unrealizedPnl;
        account.openNotional = exposure.openNotional;
        account.requiredMargin = exposure.requiredMargin;
        account.freeCollateral = exposure.collateral - int256(exposure.requiredMargin);
        // freeCollateral alone would let everything go while a position stands at its entry price.
        int256 spare = account.equity - int256(PerpMath.margin(exposure.openNotional));
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
        return REGISTRY.midPrice(market);
    }

    /* INTERNAL */

    /// @dev Checks the ranges of an order and its deadline. Reads no state.
    function _checkTerms(uint256 size, uint256 limitPrice, uint256 deadline) internal view {
        if (size == 0) revert ClearingHouse_ZeroSize();
        if (size > OrderLib.MAX_SIZE) revert ClearingHouse_SizeTooLarge(size, OrderLib.MAX_SIZE);
        if (limitPrice > OrderLib.MAX_LIMIT_PRICE) {
            revert ClearingHouse_LimitTooLarge(limitPrice, OrderLib.MAX_LIMIT_PRICE);
        }
        if (deadline != 0 && (deadline < block.timestamp || deadline > OrderLib.MAX_DEADLINE)) {
            revert ClearingHouse_Expired(deadline, block.timestamp);
        }
    }

    /// @dev Reverts unless the account carries the position that the order may leave, by the rule of settlement.
    function _checkMargin(address trader, MarketId id, bool isLong, uint256 size, uint256 limitPrice) internal view {
        Markets memory markets = _newMarkets();
        (Market memory market, uint256 price) = _market(markets, id);
        Position memory position = IPositionTracker(market.tracker).positionOf(trader);
        int256 base = position.base + (isLong ? int256(size) : -int256(size));
        if (!PerpMath.increases(position.base, base)) return;
        uint256 notional = PerpMath.notional(base, _worstPrice(market, price, isLong, limitPrice));

        Exposure memory exposure = _exposureBut(markets, trader, id);
        uint256 required = PerpMath.margin(notional + exposure.openNotional);
        _add(exposure, position, price);
        int256 carrying = _carrying(exposure);
        if (carrying < int256(required)) revert ClearingHouse_MarginTooLow(trader, carrying, required);
    }

    /// @dev The account without one market.
    function _exposureBut(Markets memory markets, address trader, MarketId id) private view returns (Exposure memory) {
        return _exposure(markets, trader, marketsOf(trader) & ~(1 << MarketId.unwrap(id)));
    }

    /// @dev The side and size of what a close leaves to trade. Reverts when there is no position.
    function _closable(address trader, MarketId id, uint256 size) internal view returns (bool isLong, uint256 amount) {
        int256 base = IPositionTracker(REGISTRY.get(id).tracker).positionOf(trader).base;
        if (base == 0) revert ClearingHouse_NothingToClose(trader, id);
        isLong = base > 0;
        uint256 held = uint256(isLong ? base : -base);
        amount = size < held ? size : held;
    }

    /// @dev Moves the trader's realised profit and loss into the vault: all markets at once, so that a loss is met by a profit
    ///      elsewhere before it counts as bad debt.
    function _settlePnl(address trader) internal {
        uint256 bitmap = marketsOf(trader);
        int256 total;
        for (uint256 i; bitmap >> i != 0; ++i) {
            if (bitmap >> i & 1 == 0) continue;
            IPositionTracker tracker = IPositionTracker(REGISTRY.get(MarketId.wrap(uint16(i))).tracker);
            Position memory position = tracker.positionOf(trader);
            int256 pnl = int256(position.realizedPnl) - position.settledPnl;
            if (pnl == 0) continue;
            tracker.realizePnl(trader, pnl);
            total += pnl;
        }
        if (total != 0) VAULT.settlePnl(trader, total);
    }

    /// @dev Reverts while orders are admitted but not filled: collateral must not leave in between.
    function _requireSettled() internal view virtual;

    /// @inheritdoc MarginReader
    function _registry() internal view override returns (IMarketRegistry) {
        return REGISTRY;
    }
}
