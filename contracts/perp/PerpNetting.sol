// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpEvents } from "../interfaces/IPerpEvents.sol";
import { ISwapRouter } from "../interfaces/ISwapRouter.sol";
import { Netting } from "../netting/Netting.sol";
import { Batch, Clearing } from "../types/Batch.sol";
import { Market } from "../types/Market.sol";
import { MarketId } from "../types/MarketId.sol";
import { Order } from "../types/Order.sol";
import { RejectReason } from "../types/RejectReason.sol";
import { FillLib } from "./FillLib.sol";

/// @notice Netting whose fills change positions instead of paying tokens.
contract PerpNetting is Netting, IPerpEvents {
    constructor(address engine, ISwapRouter router) Netting(engine, router) { }

    /// @inheritdoc Netting
    function swap(MarketId id, Market memory market, Batch memory batch, uint256 midPrice, bool deferred)
        external
        override
        onlyEngine
    {
        Run memory run;
        (run.id, run.market, run.batch, run.deferred) = (id, market, batch, deferred);
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
        bytes32 id = order.id();
        (int256 baseDelta, int256 quoteDelta) =
            FillLib.deltas(order.isBuy(), filled.netted + filled.pooled, filled.quote);
        int256 realizedPnl = FillLib.apply_(run.market, order.trader(), baseDelta, quoteDelta);
        emit OrderSettled(
            id,
            order.trader(),
            run.id,
            baseDelta,
            quoteDelta,
            filled.netted,
            filled.pooled,
            filled.cancelled,
            realizedPnl
        );
        if (run.deferred) {
            bytes memory data = abi.encode(
                run.id, baseDelta, quoteDelta, filled.netted, filled.pooled, filled.cancelled, realizedPnl
            );
            _writeBack(run, order, OrderSettled.selector, data);
        }
    }

    /// @inheritdoc Netting
    function _cancel(Run memory run, Order memory order) internal override {
        bytes32 id = order.id();
        emit OrderRejected(id, order.trader(), run.id, RejectReason.NoLiquidity);
        _writeBack(run, order, OrderRejected.selector, abi.encode(run.id, RejectReason.NoLiquidity));
    }
}
