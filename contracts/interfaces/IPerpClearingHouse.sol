// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { MarketId } from "../types/MarketId.sol";
import { MarketState, PriceStatus } from "../types/MarketRisk.sol";
import { IPerpEvents } from "./IPerpEvents.sol";

/// @notice What a trader may do. The netting house and the non-netting baseline both implement it.
interface IPerpClearingHouse is IPerpEvents {
    /// @notice An account over all of its markets. Amounts in WAD.
    struct Account {
        /// Vault balance and realised profit and loss that has not moved into it yet.
        int256 collateral;
        /// Σ (base × mark + quote): profit and loss that is not realised.
        int256 unrealizedPnl;
        /// collateral + unrealizedPnl − funding.
        int256 equity;
        /// Σ |base| × mark.
        uint256 openNotional;
        /// Σ |base × mark + quote| × the market's initial ratio, as requested.
        uint256 requiredMargin;
        /// collateral − requiredMargin.
        int256 freeCollateral;
        /// What withdraw pays at most.
        uint256 withdrawable;
        /// Funding that is due and not booked: positive when the account pays. In equity, not in collateral.
        int256 funding;
        /// Σ |base| × mark × initial ratio: equity that new risk needs.
        uint256 initialMargin;
        /// Σ |base| × mark × maintenance ratio: equity below which the account is liquidated.
        uint256 maintenanceMargin;
    }

    /// @notice An order that its trader signed and anyone may submit. EIP-712 type:
    ///         Order(address trader,uint16 market,bool isOpen,bool isLong,uint256 size,uint256 limitPrice,uint256 deadline,uint256 nonce)
    struct SignedOrder {
        address trader;
        MarketId market;
        bool isOpen;
        /// Side of the position that it opens or closes.
        bool isLong;
        /// Base, WAD.
        uint256 size;
        /// Worst price, WAD; 0 for none.
        uint256 limitPrice;
        /// Last unix second; a signed order must have one.
        uint256 deadline;
        /// Any number below 2^36 that the trader has not used: at most one order of a nonce fills.
        uint256 nonce;
        /// Of an externally owned account (65 or 64 bytes), or for a contract wallet what its ERC-1271 check takes.
        bytes signature;
    }

    /// @notice `operator` may trade for `trader`, or may no longer. It can never withdraw.
    event OperatorSet(address indexed trader, address indexed operator, bool isAllowed);
    /// @notice Protocol fees were paid out. `amount` in units of the token.
    event FeesCollected(address indexed to, uint256 amount);

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

    /// @notice Thrown for a liquidation of nobody.
    error ClearingHouse_NoAccount();
    /// @notice Thrown by liquidate for an account that is not below its maintenance margin. WAD.
    error ClearingHouse_NotLiquidatable(address trader, int256 equity, uint256 maintenanceMargin);
    /// @notice Thrown for an order that the market does not take now.
    error ClearingHouse_MarketClosed(MarketId market, MarketState state);
    /// @notice Thrown for new risk while the index price of a market does not stand.
    error ClearingHouse_PriceNotTrusted(MarketId market, PriceStatus status);
    /// @notice Thrown for an order that opens less than the market's least size. WAD.
    error ClearingHouse_TooSmall(uint256 size, uint256 min);
    /// @notice Thrown when someone trades for a trader who has not allowed it.
    error ClearingHouse_NotOperator(address trader, address caller);
    /// @notice Thrown for an order that `trader` has not signed.
    error ClearingHouse_BadSignature(address trader);
    /// @notice Thrown for a nonce that an order cannot carry.
    error ClearingHouse_NonceTooLarge(uint256 nonce, uint256 max);
    /// @notice Thrown when anyone but the owner of the risk registry collects fees.
    error ClearingHouse_NotOwner(address caller);
    /// @notice Thrown when more fees are collected than there are. WAD.
    error ClearingHouse_NotCollectable(uint256 amount, uint256 collectable);

    /// @notice Pays collateral in, at once. Approve the vault first.
    /// @param amount Units of the collateral token, > 0.
    function deposit(uint256 amount) external;

    /// @notice Pays collateral in with a signed approval (ERC-2612) of the vault, of exactly `amount`, instead of an earlier one.
    /// @dev A permit that somebody else has used already does no harm: only the allowance counts.
    function depositWithPermit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;

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

    /// @notice {openPosition} for `trader`, by the trader or an operator.
    function openPositionFor(
        address trader,
        MarketId market,
        bool isLong,
        uint256 size,
        uint256 limitPrice,
        uint256 deadline
    ) external;

    /// @notice {closePosition} for `trader`, by the trader or an operator.
    function closePositionFor(address trader, MarketId market, uint256 size, uint256 limitPrice, uint256 deadline)
        external;

    /// @notice Lets `operator` trade for the caller, or takes that back. An operator never moves collateral.
    function setOperator(address operator, bool isAllowed) external;

    /// @notice Whether `operator` may trade for `trader`.
    function isOperator(address trader, address operator) external view returns (bool);

    /// @notice Submits orders that their traders signed. Any caller; all or none.
    /// @dev Signatures are checked here, which reads nobody's state but a contract wallet's own; whether a nonce is used is decided at
    ///      settlement, so that submitting conflicts with nothing.
    function submitOrders(SignedOrder[] calldata orders) external;

    /// @notice Takes back all signed orders of the caller with a nonce that have not settled.
    function cancelNonce(uint256 nonce) external;

    /// @notice Whether a nonce of `trader` is used or cancelled.
    function isNonceUsed(address trader, uint256 nonce) external view returns (bool);

    /// @notice The EIP-712 digest that `order.trader` signs.
    function orderDigest(SignedOrder calldata order) external view returns (bytes32);

    /// @notice Forces a reduction of the position of an account below its maintenance margin. Any caller, who becomes its keeper.
    /// @dev How much restores the account is decided when it fills. Reverts for an account that is healthy now.
    /// @param size Most base to close, WAD, 1 or more; capped at the position.
    function liquidate(address trader, MarketId market, uint256 size) external;

    /// @notice Moves the realised profit and loss of an account without positions into the vault, where a loss that is not covered
    ///         becomes bad debt. Does nothing to an account with a position.
    /// @dev Anyone may call it; no state of a market stops it, and it reverts for nobody. It changes no account's worth: profit that
    ///      moves counted as collateral before.
    /// @return amount The bad debt, WAD; 0 when the account has a position or owes nothing.
    function settleBadDebt(address trader) external returns (uint256 amount);

    /// @notice Pays out protocol fees. Only the owner of the risk registry.
    /// @param amount Units of the collateral token.
    function collectFees(address to, uint256 amount) external;

    /// @notice Queues a change of position without reading any state; settles in this block's deferred transaction.
    /// @dev Appends to concurrent containers only: two calls never conflict. Lack of margin is a rejection at settlement.
    /// @dev A liquidation in the same way: `size` from {liquidationOf}, isOpen false, isLong the side of the account's position, no limit
    ///      and no deadline. Settlement rejects it when the account is healthy.
    /// @param isOpen True to open or extend, false to close (reduce only).
    /// @param isLong Side of the position that it opens or closes.
    /// @param size Base amount, WAD, 1 to 2^96 − 1.
    function changePosition(
        MarketId market,
        bool isOpen,
        bool isLong,
        uint256 size,
        uint256 limitPrice,
        uint256 deadline
    ) external;

    /// @notice Settles what earlier blocks left in the queues. Anyone may call it; with nothing left it does nothing.
    /// @dev Once a block: behind one that ended orders or admitted a batch, the others of the block do nothing. What is left goes on
    ///      in the next block, or in this one's deferred transaction.
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

    /// @notice The word that makes {changePosition} a liquidation of `account`, of at most `size` base (WAD, 1 to 2^96 − 1):
    ///         account × 2^96 + size, which is also the first word of the queued order.
    function liquidationOf(address account, uint256 size) external pure returns (uint256);

    /// @notice What the insurance fund holds: its share of fees and what was paid in, less all bad debt. WAD.
    /// @dev An account of the fund that is behind all profit and loss, {ICollateralVault-fund}, not tokens that lie apart: fees and
    ///      losses that traders have not moved into the vault yet count here and not there.
    function insuranceFund() external view returns (uint256);

    /// @notice Bad debt that the insurance fund could not cover. WAD.
    function uncoveredBadDebt() external view returns (uint256);

    /// @notice Protocol fees that can be collected: those of all markets, less what was paid out and the bad debt that the insurance
    ///         fund could not cover. WAD.
    function collectableFees() external view returns (uint256);
}
