// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Runtime } from "../arcology/Runtime.sol";
import { IMarketRegistry } from "../interfaces/IMarketRegistry.sol";
import { IQueueFactory } from "../interfaces/IQueueFactory.sol";
import { ISpotNetting } from "../interfaces/ISpotNetting.sol";
import { ISpotNettingEngine } from "../interfaces/ISpotNettingEngine.sol";
import { BatchLoader } from "../netting/BatchLoader.sol";
import { BatchSettler } from "../netting/BatchSettler.sol";
import { NettingEngine } from "../netting/NettingEngine.sol";
import { SwapRequestStore } from "../netting/SwapRequestStore.sol";
import { Work } from "../netting/Work.sol";
import { MarketId } from "../types/MarketId.sol";
import { Order, OrderLib } from "../types/Order.sol";
import { RejectReason } from "../types/RejectReason.sol";
import { SpotDeferral } from "./SpotDeferral.sol";
import { SpotRules } from "./SpotRules.sol";
import { SafeTransferLib } from "solady/utils/SafeTransferLib.sol";

/// @notice The netting engine of ERC-20 pairs, and its own door: takes escrow, queues swaps and settles them.
/// @dev Markets settle one after the other, never as parallel jobs: they share tokens, so jobs would conflict.
/// @dev Deploy it by a top-level transaction without CREATE2: the runtime defers no other contract.
contract SpotNettingEngine is SpotDeferral, NettingEngine, ISpotNettingEngine {
    using SafeTransferLib for address;

    /// @param config Its threads must be 0.
    constructor(IMarketRegistry registry, ISpotNetting netting, IQueueFactory queues, Config memory config)
        NettingEngine(registry, netting, queues, config)
    {
        if (config.threads != 0) revert NettingEngine_BadConfig(config);
    }

    modifier onlyOrigin() {
        if (msg.sender != tx.origin) revert SpotNettingEngine_OnlyOrigin(msg.sender);
        _;
    }

    /// @inheritdoc ISpotNettingEngine
    function queueSwapRequest(MarketId market, bool buys, uint256 size, uint256 limitPrice, uint256 deadline)
        external
        onlyOrigin
    {
        _checkTerms(buys, size, limitPrice, deadline);
        _takeEscrow(market, buys, size, limitPrice);
        OrderLib.Terms memory terms = OrderLib.Terms({
            trader: msg.sender,
            market: market,
            isOpen: true,
            isLong: buys,
            size: size,
            limitPrice: limitPrice,
            deadline: deadline,
            sequence: block.number << 1,
            // The only request of its transaction, so its pid tells it apart.
            salt: 0
        });
        Order memory order = OrderLib.pack(terms, Runtime.pid());
        _queue(market, order);
        emit SwapQueued(order.id(), msg.sender, market, buys, size, limitPrice, deadline, order.pid);
        if (Runtime.isInDeferred()) _netAndExecute(true);
    }

    /// @inheritdoc ISpotNettingEngine
    function netAndExecuteSwaps() external onlyOrigin returns (uint256 ended) {
        return _netAndExecute(false);
    }

    /// @inheritdoc ISpotNettingEngine
    function claim(address token) external returns (uint256 amount) {
        return ISpotNetting(address(NETTING)).claimFor(msg.sender, token);
    }

    /* VIEWS */

    /// @inheritdoc ISpotNettingEngine
    function claimable(address token, address trader) external view returns (uint256) {
        return ISpotNetting(address(NETTING)).claimable(token, trader);
    }

    /// @inheritdoc ISpotNettingEngine
    function escrowOf(bool buys, uint256 size, uint256 limitPrice) external pure returns (uint256) {
        return SpotRules.escrow(buys, size, limitPrice);
    }

    /* INTERNAL */

    /// @inheritdoc NettingEngine
    /// @dev Writes nothing: the netting contract ends what is not admitted, in the same step that ends the batch.
    function _admit(Work[] memory works) internal view override {
        for (uint256 w; w < works.length; ++w) {
            Work memory work = works[w];
            if (_isCleared(work)) continue;
            for (uint256 i; i < work.batch.orders.length; ++i) {
                Order memory order = work.batch.orders[i];
                if (SpotRules.fault(order, work.midPrice) == RejectReason.None) work.batch.admitted[i] = order.size();
            }
        }
    }

    /// @inheritdoc BatchLoader
    /// @dev Orders are judged one by one, by what they say.
    function _readGas(Work[] memory works) internal pure override returns (uint256[] memory) {
        return new uint256[](works.length);
    }

    /// @inheritdoc BatchSettler
    /// @dev Fills leave nothing to do.
    function _afterFills(Work memory, uint256) internal pure override { }

    /// @dev Reads no state.
    function _checkTerms(bool buys, uint256 size, uint256 limitPrice, uint256 deadline) private view {
        if (size == 0) revert SpotNettingEngine_ZeroSize();
        if (size > OrderLib.MAX_SIZE) revert SpotNettingEngine_SizeTooLarge(size, OrderLib.MAX_SIZE);
        if (buys && limitPrice == 0) revert SpotNettingEngine_LimitMissing();
        if (limitPrice > OrderLib.MAX_LIMIT_PRICE) {
            revert SpotNettingEngine_LimitTooLarge(limitPrice, OrderLib.MAX_LIMIT_PRICE);
        }
        if (deadline != 0 && (deadline < block.timestamp || deadline > OrderLib.MAX_DEADLINE)) {
            revert SpotNettingEngine_Expired(deadline, block.timestamp);
        }
    }

    /// @dev Moves the escrow before the request exists. The queue knows its token as a constant: no slot is read for it.
    function _takeEscrow(MarketId market, bool buys, uint256 size, uint256 limitPrice) private {
        SwapRequestStore queue = queueOf(market, buys);
        if (address(queue).code.length == 0) revert IMarketRegistry.MarketRegistry_UnknownMarket(market);
        queue.TOKEN_IN().safeTransferFrom(msg.sender, address(NETTING), SpotRules.escrow(buys, size, limitPrice));
    }
}
