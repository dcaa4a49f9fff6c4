// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { ICollateralVault } from "../interfaces/ICollateralVault.sol";
import { IMarketRegistry } from "../interfaces/IMarketRegistry.sol";
import { IPerpClearingHouse } from "../interfaces/IPerpClearingHouse.sol";
import { IPositionTracker } from "../interfaces/IPositionTracker.sol";
import { IRiskRegistry } from "../interfaces/IRiskRegistry.sol";
import { IERC20Permit } from "../interfaces/external/IERC20Permit.sol";
import { MarketId } from "../types/MarketId.sol";
import { OrderLib } from "../types/Order.sol";
import { DoorChecks } from "./DoorChecks.sol";
import { Operators } from "./Operators.sol";
import { SignedOrders } from "./SignedOrders.sol";
import { TermsLib } from "./TermsLib.sol";

/// @notice Collateral, margin and views: what the netting house and the baseline have in common.
abstract contract ClearingHouseBase is DoorChecks, Operators, SignedOrders {
    constructor(IMarketRegistry registry, ICollateralVault vault, IRiskRegistry risk)
        DoorChecks(registry, vault, risk)
    { }

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
        _checkTerms(size, limitPrice, deadline);
        _open(Opening(trader, market, isLong, size, limitPrice), deadline);
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
        _checkTerms(size, limitPrice, deadline);
        _close(trader, market, size, limitPrice, deadline);
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
        int256 spare = _cautiousEquity(exposure) - int256(exposure.initialMargin);
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

    /// @dev Checks an order that opens, and queues it or carries it out.
    function _open(Opening memory order, uint256 deadline) internal virtual;

    /// @dev Checks an order that closes, and queues it or carries it out.
    function _close(address trader, MarketId market, uint256 size, uint256 limitPrice, uint256 deadline)
        internal
        virtual;

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

    /// @dev Reverts while orders are admitted but not filled: collateral must not leave in between.
    function _requireSettled() internal view virtual;
}
