// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { MarketId } from "../types/MarketId.sol";
import { IPerpEvents } from "./IPerpEvents.sol";

/// @notice What a trader may do. The netting house and the non-netting baseline both implement it.
interface IPerpClearingHouse is IPerpEvents {
    /// @notice An account over all of its markets. Amounts in WAD.
    struct Account {
        /// Vault balance and realised profit and loss that has not moved into it yet.
        int256 collateral;
        /// Σ (base × mark + quote): profit and loss that is not realised.
        int256 unrealizedPnl;
        /// collateral + unrealizedPnl.
        int256 equity;
        /// Σ |base| × mark.
        uint256 openNotional;
        /// Σ |base × mark + quote| × MARGIN_RATIO, as requested.
        uint256 requiredMargin;
        /// collateral − requiredMargin.
        int256 freeCollateral;
        /// What withdraw pays at most.
        uint256 withdrawable;
    }

    /// @notice Thrown for an order or a payment of nothing.
    error ClearingHouse_ZeroSize();
    /// @notice Thrown for an order larger than the queue can carry.
    error ClearingHouse_SizeTooLarge(uint256 size, uint256 max);
    /// @notice Thrown for a limit price larger than the queue can carry.
    error ClearingHouse_LimitTooLarge(uint256 limitPrice, uint256 max);
    /// @notice Thrown when the deadline has passed or cannot be represented.
    error ClearingHouse_Expired(uint256 deadline, uint256 timestamp);
    /// @notice Thrown when the account's equity does not carry the order. WAD.
    error ClearingHouse_MarginTooLow(address trader, int256 equity, uint256 required);
    /// @notice Thrown when a close finds no position.
    error ClearingHouse_NothingToClose(address trader, MarketId market);
    /// @notice Thrown when more is withdrawn than the account can spare. WAD.
    error ClearingHouse_NotWithdrawable(address trader, uint256 amount, uint256 withdrawable);
    /// @notice Thrown when a contract calls the function that is for externally owned accounts alone.
    error ClearingHouse_OnlyOrigin(address caller);
    /// @notice Thrown by withdraw while a market's batch is half settled; anyone can finish it with {settle}.
    error ClearingHouse_SettlementInProgress();

    /// @notice Pays collateral in, at once. Approve the vault first.
    /// @param amount Units of the collateral token, > 0.
    function deposit(uint256 amount) external;

    /// @notice Pays collateral out, at once.
    /// @param amount Units of the collateral token, > 0.
    function withdraw(uint256 amount) external;

    /// @notice Opens or extends a position after a margin check on committed state. Any caller; not deferrable.
    /// @param market Market index.
    /// @param isLong True to buy base, false to sell it.
    /// @param size Base amount, WAD, 1 to 2^96 − 1.
    /// @param limitPrice Worst price accepted, WAD, up to 2^128 − 1; 0 for none.
    /// @param deadline Last unix second at which it may settle, up to 2^40 − 1; 0 for none.
    function openPosition(MarketId market, bool isLong, uint256 size, uint256 limitPrice, uint256 deadline) external;

    /// @notice Reduces the caller's position, never below nothing. Any caller; not deferrable.
    /// @param size Base amount, WAD; capped at the position, so type(uint96).max closes all of it.
    function closePosition(MarketId market, uint256 size, uint256 limitPrice, uint256 deadline) external;

    /// @notice Queues a change of position without reading any state; settles in this block's deferred transaction.
    /// @dev Appends to concurrent containers only: two calls never conflict. Lack of margin is a rejection at settlement.
    /// @param isOpen True to open or extend, false to close (reduce only).
    /// @param isLong Side of the position that it opens or closes.
    function changePosition(
        MarketId market,
        bool isOpen,
        bool isLong,
        uint256 size,
        uint256 limitPrice,
        uint256 deadline
    ) external;

    /// @notice Settles what earlier blocks left in the queues. Anyone may call it; with nothing left it does nothing.
    /// @return orders Number of orders that this call ended.
    function settle() external returns (uint256 orders);

    /// @notice The position of `trader`. Base and quote in WAD, signed: a long has base > 0 and quote < 0.
    function getPosition(address trader, MarketId market)
        external
        view
        returns (int256 base, int256 quote, int256 realizedPnl);

    /// @notice The account of `trader` over all markets.
    function getAccount(address trader) external view returns (Account memory);

    /// @notice collateral − requiredMargin, WAD. Negative when the margin is short.
    function getFreeCollateral(address trader) external view returns (int256);

    /// @notice The mark price of a market, quote per base, WAD.
    function getMarkPrice(MarketId market) external view returns (uint256);
}
