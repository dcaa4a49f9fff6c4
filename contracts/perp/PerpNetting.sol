// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpEvents } from "../interfaces/IPerpEvents.sol";
import { IPerpNetting } from "../interfaces/IPerpNetting.sol";
import { IRiskRegistry } from "../interfaces/IRiskRegistry.sol";
import { ISwapRouter } from "../interfaces/ISwapRouter.sol";
import { LiquidationLib } from "../libraries/LiquidationLib.sol";
import { PerpMath } from "../libraries/PerpMath.sol";
import { PriceLib } from "../libraries/PriceLib.sol";
import { Netting } from "../netting/Netting.sol";
import { Batch, Clearing } from "../types/Batch.sol";
import { Market } from "../types/Market.sol";
import { MarketId } from "../types/MarketId.sol";
import { Order } from "../types/Order.sol";
import { RejectReason } from "../types/RejectReason.sol";
import { FillLib } from "./FillLib.sol";

/// @notice Netting whose fills change positions instead of paying tokens. Takes the fees, and pays keepers out of them.
/// @dev By market, Σ over traders of quote and realised profit, with pool, dust, fees and funding, is 0 to the wei.
contract PerpNetting is Netting, IPerpNetting, IPerpEvents {
    /// @notice What a market's fees have earned, less what keepers got, WAD.
    struct Account {
        uint128 protocol;
        uint128 insurance;
    }

    /// @notice Parameters of the markets.
    IRiskRegistry public immutable RISK;

    /// @inheritdoc IPerpNetting
    mapping(MarketId market => Account account) public accountOf;

    constructor(address engine, ISwapRouter router, IRiskRegistry risk) Netting(engine, router) {
        RISK = risk;
    }

    /// @inheritdoc Netting
    function swap(MarketId id, Market memory market, Batch memory batch, uint256 midPrice, bool deferred)
        external
        override
        onlyEngine
    {
        Run memory run;
        (run.id, run.market, run.batch, run.deferred) = (id, market, batch, deferred);
        _prepare(run);
        run.clearing = findNettableAmountPerp(market, batch, midPrice);
        executeNettedPerpSwaps(run);
        processLeftoverPerpSwaps(run);
        _finish(run);
    }

    /// @notice Step 1 for a market of positions: what two sides have in common, and who shares the residual swap.
    /// @param midPrice The price at which the batch nets, WAD.
    function findNettableAmountPerp(Market memory market, Batch memory batch, uint256 midPrice)
        public
        view
        returns (Clearing memory)
    {
        return findNettableAmount(market, batch, midPrice);
    }

    /// @dev Step 2: positions of the smaller side, at the mid price, without the pool.
    function executeNettedPerpSwaps(Run memory run) internal {
        executeNettedSwaps(run);
    }

    /// @dev Step 3: one swap of the residual with virtual tokens, then positions of the larger side.
    function processLeftoverPerpSwaps(Run memory run) internal {
        processLeftoverSwaps(run);
    }

    /// @inheritdoc Netting
    function _prepare(Run memory run) internal view override {
        run.risk = RISK.riskOf(run.id);
    }

    /// @inheritdoc Netting
    function _announce(Run memory run, uint256 netted) internal override {
        Clearing memory clearing = run.clearing;
        emit BatchCleared(
            run.id,
            clearing.midPrice,
            clearing.longs,
            clearing.shorts,
            netted,
            clearing.pooled,
            clearing.poolQuote,
            clearing.sqrtPriceX96,
            run.batch.orders.length
        );
    }

    /// @inheritdoc Netting
    function _settle(Run memory run, Order memory order, Fill memory filled) internal override {
        (int256 baseDelta, int256 quoteDelta) =
            FillLib.deltas(order.isBuy(), filled.netted + filled.pooled, filled.quote);
        uint256 charge = order.isLiquidation() ? _liquidationFee(run, order, filled) : _takerFee(run, order, filled);
        int256 realizedPnl = FillLib.apply_(run.id, run.market, order.trader(), baseDelta, quoteDelta, int256(charge));
        emit OrderSettled(
            order.id(),
            order.trader(),
            run.id,
            baseDelta,
            quoteDelta,
            filled.netted,
            filled.pooled,
            filled.cancelled,
            realizedPnl
        );
        if (!run.deferred) return;
        bytes memory data =
            abi.encode(run.id, baseDelta, quoteDelta, filled.netted, filled.pooled, filled.cancelled, realizedPnl);
        _writeBack(run, order, OrderSettled.selector, data);
    }

    /// @dev Takes the taker fee of a fill: on what netted and on what came from the pool, each at its own rate.
    function _takerFee(Run memory run, Order memory order, Fill memory filled) private returns (uint256 charge) {
        uint256 nettedFee = PerpMath.fee(filled.quote - filled.pooledQuote, run.risk.nettedFeePpm);
        uint256 pooledFee = PerpMath.fee(filled.pooledQuote, run.risk.pooledFeePpm);
        charge = nettedFee + pooledFee;
        if (charge == 0) return 0;
        uint256 protocol = charge * run.risk.protocolShareBps / PriceLib.BPS;
        run.protocolFees += protocol;
        run.insuranceFees += charge - protocol;
        emit FeePaid(order.id(), order.trader(), run.id, nettedFee, pooledFee);
    }

    /// @dev Takes the fee of a liquidation, and credits the keeper with its share as a realised profit in this market.
    function _liquidationFee(Run memory run, Order memory order, Fill memory filled) private returns (uint256 charge) {
        uint256 reward;
        (charge, reward) = LiquidationLib.fee(filled.quote, run.risk);
        run.insuranceFees += charge - reward;
        if (reward != 0) FillLib.apply_(run.id, run.market, order.keeper(), 0, 0, -int256(reward));
        emit Liquidated(order.id(), order.trader(), run.id, order.keeper(), charge, reward);
    }

    /// @inheritdoc Netting
    function _finish(Run memory run) internal override {
        super._finish(run);
        if (run.protocolFees == 0 && run.insuranceFees == 0) return;
        Account storage account = accountOf[run.id];
        account.protocol += uint128(run.protocolFees);
        account.insurance += uint128(run.insuranceFees);
    }

    /// @inheritdoc Netting
    function _cancel(Run memory run, Order memory order) internal override {
        bytes32 id = order.id();
        emit OrderRejected(id, order.trader(), run.id, RejectReason.NoLiquidity);
        _writeBack(run, order, OrderRejected.selector, abi.encode(run.id, RejectReason.NoLiquidity));
    }
}
