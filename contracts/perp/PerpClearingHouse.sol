// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Runtime } from "../arcology/Runtime.sol";
import { ICollateralVault } from "../interfaces/ICollateralVault.sol";
import { IMarketRegistry } from "../interfaces/IMarketRegistry.sol";
import { IPerpClearingHouse } from "../interfaces/IPerpClearingHouse.sol";
import { IPerpNetting } from "../interfaces/IPerpNetting.sol";
import { IPerpNettingEngine } from "../interfaces/IPerpNettingEngine.sol";
import { IRiskRegistry } from "../interfaces/IRiskRegistry.sol";
import { MarketId } from "../types/MarketId.sol";
import { ClearingHouseBase } from "./ClearingHouseBase.sol";
import { Fund } from "./Fund.sol";
import { MarginReader } from "./MarginReader.sol";
import { SignedOrders } from "./SignedOrders.sol";
import { TermsLib } from "./TermsLib.sol";

/// @notice The only door for traders. Deposits and withdrawals act at once; orders are queued and netted.
/// @dev Registers {changePosition}, and only it, as deferrable. Deploy it by a top-level transaction without CREATE2: the
///      runtime defers no other contract.
contract PerpClearingHouse is ClearingHouseBase {
    /// @notice Gas that each call of {changePosition} pays in advance for the deferred settlement; unused gas is refunded.
    uint64 public constant PREPAID_GAS = 500_000;

    /// @notice Queues and settles.
    IPerpNettingEngine public immutable ENGINE;

    constructor(IMarketRegistry registry, ICollateralVault vault, IRiskRegistry risk, IPerpNettingEngine engine)
        ClearingHouseBase(registry, vault, risk)
    {
        Runtime.defer(IPerpClearingHouse.changePosition.selector, PREPAID_GAS);
        ENGINE = engine;
    }

    /* ORDERS */

    /// @inheritdoc IPerpClearingHouse
    function changePosition(
        MarketId market,
        bool isOpen,
        bool isLong,
        uint256 size,
        uint256 limitPrice,
        uint256 deadline
    ) external {
        // A deferrable function of a foreign contract that calls this one would settle in the parallel generation.
        if (msg.sender != tx.origin) revert ClearingHouse_OnlyOrigin(msg.sender);
        (address account, uint256 most) = _liquidationIn(isOpen, size, limitPrice, deadline);
        if (account != address(0)) {
            _queueLiquidation(account, market, isLong, most, true);
        } else {
            _checkTerms(size, limitPrice, deadline);
            _queue(msg.sender, market, isOpen, isLong, size, limitPrice, deadline, true);
        }
        if (Runtime.isInDeferred()) ENGINE.netAndExecutePerpSwaps(true);
    }

    /// @inheritdoc IPerpClearingHouse
    function liquidate(address trader, MarketId market, uint256 size) external {
        _requireLiquidatable(_newMarkets(), trader);
        (bool isLong, uint256 amount) = _closable(trader, market, size);
        _queueLiquidation(trader, market, isLong, amount, false);
    }

    /// @inheritdoc IPerpClearingHouse
    function settle() external returns (uint256 orders) {
        return ENGINE.netAndExecutePerpSwaps(false);
    }

    /// @inheritdoc IPerpClearingHouse
    function cancelNonce(uint256 nonce) external {
        TermsLib.checkNonce(nonce);
        ENGINE.ADMISSION().cancelNonce(msg.sender, nonce);
    }

    /// @inheritdoc IPerpClearingHouse
    function isNonceUsed(address trader, uint256 nonce) external view returns (bool) {
        return ENGINE.ADMISSION().isNonceUsed(trader, nonce);
    }

    /// @inheritdoc MarginReader
    function marketsOf(address trader) public view override returns (uint256) {
        return ENGINE.marketsOf(trader);
    }

    /* INTERNAL */

    /// @inheritdoc ClearingHouseBase
    function _open(Opening memory order, uint256 deadline) internal override {
        _checkOpen(order);
        _queue(order.trader, order.market, true, order.isLong, order.size, order.limitPrice, deadline, false);
    }

    /// @inheritdoc ClearingHouseBase
    function _close(address trader, MarketId market, uint256 size, uint256 limitPrice, uint256 deadline)
        internal
        override
    {
        // Asks no more than the position: what it read besides, a settlement of the same generation could be writing.
        (bool isLong, uint256 amount) = _closable(trader, market, size);
        _queue(trader, market, false, isLong, amount, limitPrice, deadline, false);
    }

    function _queue(
        address trader,
        MarketId market,
        bool isOpen,
        bool isLong,
        uint256 size,
        uint256 limitPrice,
        uint256 deadline,
        bool deferrable
    ) private {
        ENGINE.queuePositionChange(
            IPerpNettingEngine.PositionChange(trader, market, isOpen, isLong, size, limitPrice, deadline), deferrable
        );
    }

    function _queueLiquidation(address trader, MarketId market, bool isLong, uint256 size, bool deferrable) private {
        TermsLib.checkSize(size);
        ENGINE.queueLiquidation(
            IPerpNettingEngine.LiquidationRequest(trader, market, isLong, size, msg.sender), deferrable
        );
    }

    /// @inheritdoc SignedOrders
    function _submit(SignedOrder calldata order) internal override {
        _checkTerms(order.size, order.limitPrice, order.deadline);
        ENGINE.queueSignedChange(
            IPerpNettingEngine.PositionChange(
                order.trader, order.market, order.isOpen, order.isLong, order.size, order.limitPrice, order.deadline
            ),
            order.nonce
        );
    }

    /// @inheritdoc Fund
    function _feesOf(MarketId market) internal view override returns (uint256 protocol, uint256 insurance) {
        return IPerpNetting(address(ENGINE.NETTING())).accountOf(market);
    }

    /// @inheritdoc ClearingHouseBase
    function _requireSettled() internal view override {
        if (ENGINE.batchesInProgress() != 0) revert ClearingHouse_SettlementInProgress();
    }
}
