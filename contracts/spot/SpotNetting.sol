// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { ISpotEvents } from "../interfaces/ISpotEvents.sol";
import { ISpotNetting } from "../interfaces/ISpotNetting.sol";
import { ISwapRouter } from "../interfaces/ISwapRouter.sol";
import { Netting } from "../netting/Netting.sol";
import { Clearing } from "../types/Batch.sol";
import { Order } from "../types/Order.sol";
import { RejectReason } from "../types/RejectReason.sol";
import { SpotRules } from "./SpotRules.sol";
import { SafeTransferLib } from "solady/utils/SafeTransferLib.sol";

/// @notice Netting whose fills pay tokens. Holds the escrow of every request.
/// @dev Per token, what it holds is Σ escrow of pending requests + Σ claimable + Σ dust of the markets with that token.
/// @dev Settlement credits and never sends: a token that refuses one recipient must not hold up a batch, and the runtime has no way
///      to try a transfer that may fail.
contract SpotNetting is Netting, ISpotNetting, ISpotEvents {
    using SafeTransferLib for address;

    /// @inheritdoc ISpotNetting
    mapping(address token => mapping(address trader => uint256 amount)) public claimable;

    constructor(address engine, ISwapRouter router) Netting(engine, router) { }

    /* PAYMENTS */

    /// @inheritdoc ISpotNetting
    function claimFor(address trader, address token) external onlyEngine returns (uint256 amount) {
        amount = claimable[token][trader];
        if (amount == 0) revert SpotNetting_NothingToClaim(trader, token);
        delete claimable[token][trader];
        emit Claimed(trader, token, amount);
        // Interaction: last, because a token may call its recipient.
        token.safeTransfer(trader, amount);
    }

    /// @inheritdoc ISpotNetting
    function payPool(address token, address pool, uint256 amount) external {
        if (msg.sender != address(ROUTER)) revert Netting_Unauthorized(msg.sender);
        token.safeTransfer(pool, amount);
    }

    /* SETTLEMENT */

    /// @inheritdoc Netting
    /// @dev Swaps are free of charge here.
    function _prepare(Run memory run) internal pure override { }

    /// @inheritdoc Netting
    /// @dev Also ends the orders that were not admitted: it runs once a batch, in the transaction that moves the batch on.
    function _announce(Run memory run, uint256 netted) internal override {
        for (uint256 i; i < run.batch.orders.length; ++i) {
            if (run.batch.admitted[i] != 0) continue;
            Order memory order = run.batch.orders[i];
            _reject(run, order, SpotRules.fault(order, run.clearing.midPrice));
        }
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
        address trader = order.trader();
        uint256 base = filled.netted + filled.pooled;
        int256 baseDelta;
        int256 quoteDelta;
        if (order.isBuy()) {
            uint256 escrow = _escrowOf(order);
            uint256 paid = filled.quote;
            if (paid > escrow) {
                // Out of reach (SpotRules.escrow); if it were not, the dust would pay rather than settlement stop for good.
                run.quote += int256(paid - escrow);
                paid = escrow;
            }
            (baseDelta, quoteDelta) = (int256(base), -int256(paid));
            _credit(run.market.baseToken, trader, base);
            _credit(run.market.quoteToken, trader, escrow - paid);
        } else {
            (baseDelta, quoteDelta) = (-int256(base), int256(filled.quote));
            _credit(run.market.quoteToken, trader, filled.quote);
            _credit(run.market.baseToken, trader, filled.cancelled);
        }
        emit SwapSettled(
            order.id(), trader, run.id, baseDelta, quoteDelta, filled.netted, filled.pooled, filled.cancelled
        );
        if (!run.deferred) return;
        bytes memory data = abi.encode(run.id, baseDelta, quoteDelta, filled.netted, filled.pooled, filled.cancelled);
        _writeBack(run, order, SwapSettled.selector, data);
    }

    /// @inheritdoc Netting
    function _cancel(Run memory run, Order memory order) internal override {
        _reject(run, order, RejectReason.NoLiquidity);
    }

    /// @inheritdoc Netting
    /// @dev Anyone gives it liquidity, at any price.
    function _isPoolPublic() internal pure override returns (bool) {
        return true;
    }

    /* INTERNAL */

    /// @dev Ends an order without a fill: all of its escrow comes back.
    function _reject(Run memory run, Order memory order, RejectReason reason) private {
        address token = order.isBuy() ? run.market.quoteToken : run.market.baseToken;
        _credit(token, order.trader(), _escrowOf(order));
        emit SwapRejected(order.id(), order.trader(), run.id, reason);
        _writeBack(run, order, SwapRejected.selector, abi.encode(run.id, reason));
    }

    function _credit(address token, address trader, uint256 amount) private {
        if (amount != 0) claimable[token][trader] += amount;
    }

    function _escrowOf(Order memory order) private pure returns (uint256) {
        return SpotRules.escrow(order.isBuy(), order.size(), order.limitPrice());
    }
}
