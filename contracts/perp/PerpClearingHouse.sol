// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Runtime } from "../arcology/Runtime.sol";
import { ICollateralVault } from "../interfaces/ICollateralVault.sol";
import { IMarketRegistry } from "../interfaces/IMarketRegistry.sol";
import { IPerpClearingHouse } from "../interfaces/IPerpClearingHouse.sol";
import { IPerpNettingEngine } from "../interfaces/IPerpNettingEngine.sol";
import { MarketId } from "../types/MarketId.sol";
import { ClearingHouseBase } from "./ClearingHouseBase.sol";
import { MarginReader } from "./MarginReader.sol";

/// @notice The only door for traders. Deposits and withdrawals act at once; orders are queued and netted.
/// @dev Registers {changePosition}, and only it, as deferrable. Deploy it by a top-level transaction without CREATE2: the
///      runtime defers no other contract.
contract PerpClearingHouse is ClearingHouseBase {
    /// @notice Gas that each call of {changePosition} pays in advance for the deferred settlement; unused gas is refunded.
    uint64 public constant PREPAID_GAS = 500_000;

    /// @notice Queues and settles.
    IPerpNettingEngine public immutable ENGINE;

    constructor(IMarketRegistry registry, ICollateralVault vault, IPerpNettingEngine engine)
        ClearingHouseBase(registry, vault)
    {
        Runtime.defer(IPerpClearingHouse.changePosition.selector, PREPAID_GAS);
        ENGINE = engine;
    }

    /* ORDERS */

    /// @inheritdoc IPerpClearingHouse
    function openPosition(MarketId market, bool isLong, uint256 size, uint256 limitPrice, uint256 deadline) external {
        _checkTerms(size, limitPrice, deadline);
        _checkMargin(msg.sender, market, isLong, size, limitPrice);
        _queue(market, true, isLong, size, limitPrice, deadline, false);
    }

    /// @inheritdoc IPerpClearingHouse
    function closePosition(MarketId market, uint256 size, uint256 limitPrice, uint256 deadline) external {
        _checkTerms(size, limitPrice, deadline);
        (bool isLong, uint256 amount) = _closable(msg.sender, market, size);
        _queue(market, false, isLong, amount, limitPrice, deadline, false);
    }

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
        _checkTerms(size, limitPrice, deadline);
        _queue(market, isOpen, isLong, size, limitPrice, deadline, true);
        if (Runtime.isInDeferred()) ENGINE.netAndExecutePerpSwaps(true);
    }

    /// @inheritdoc IPerpClearingHouse
    function settle() external returns (uint256 orders) {
        return ENGINE.netAndExecutePerpSwaps(false);
    }

    /// @inheritdoc MarginReader
    function marketsOf(address trader) public view override returns (uint256) {
        return ENGINE.marketsOf(trader);
    }

    /* INTERNAL */

    function _queue(
        MarketId market,
        bool isOpen,
        bool isLong,
        uint256 size,
        uint256 limitPrice,
        uint256 deadline,
        bool deferrable
    ) private {
        ENGINE.queuePositionChange(
            IPerpNettingEngine.PositionChange(msg.sender, market, isOpen, isLong, size, limitPrice, deadline),
            deferrable
        );
    }

    /// @inheritdoc ClearingHouseBase
    function _requireSettled() internal view override {
        if (ENGINE.batchesInProgress() != 0) revert ClearingHouse_SettlementInProgress();
    }
}
