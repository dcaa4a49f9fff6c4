// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Runtime } from "../arcology/Runtime.sol";
import { IMarketRegistry } from "../interfaces/IMarketRegistry.sol";
import { INetting } from "../interfaces/INetting.sol";
import { IPerpAdmission } from "../interfaces/IPerpAdmission.sol";
import { IPerpClearingHouse } from "../interfaces/IPerpClearingHouse.sol";
import { IPerpEvents } from "../interfaces/IPerpEvents.sol";
import { IPerpNettingEngine } from "../interfaces/IPerpNettingEngine.sol";
import { IQueueFactory } from "../interfaces/IQueueFactory.sol";
import { BatchLoader } from "../netting/BatchLoader.sol";
import { BatchSettler } from "../netting/BatchSettler.sol";
import { NettingEngine } from "../netting/NettingEngine.sol";
import { ReceiptLib } from "../netting/ReceiptLib.sol";
import { Work } from "../netting/Work.sol";
import { Order, OrderLib } from "../types/Order.sol";
import { RejectReason } from "../types/RejectReason.sol";
import { ReadsLib } from "./ReadsLib.sol";
import { LibBit } from "solady/utils/LibBit.sol";

/// @notice The netting engine of positions: queues changes of positions and settles them. The clearing house is its only door.
contract PerpNettingEngine is NettingEngine, IPerpNettingEngine, IPerpEvents {
    /// @notice The clearing house.
    address public immutable HOUSE;
    /// @inheritdoc IPerpNettingEngine
    IPerpAdmission public immutable ADMISSION;

    constructor(
        address house,
        IMarketRegistry registry,
        INetting netting,
        IQueueFactory queues,
        IPerpAdmission admission,
        Config memory config
    ) NettingEngine(registry, netting, queues, config) {
        HOUSE = house;
        ADMISSION = admission;
    }

    modifier onlyHouse() {
        if (msg.sender != HOUSE) revert NettingEngine_Unauthorized(msg.sender);
        _;
    }

    /* QUEUEING */

    /// @inheritdoc IPerpNettingEngine
    function queuePositionChange(PositionChange calldata change, bool deferrable)
        external
        onlyHouse
        returns (bytes32 orderId)
    {
        Order memory order = OrderLib.pack(_termsOf(change, _sequence(deferrable), _salt(deferrable)), Runtime.pid());
        return _queueChange(change, order);
    }

    /// @inheritdoc IPerpNettingEngine
    function queueSignedChange(PositionChange calldata change, uint256 nonce)
        external
        onlyHouse
        returns (bytes32 orderId)
    {
        Order memory order = OrderLib.packSigned(_termsOf(change, _sequence(false), nonce), Runtime.pid());
        // A second entry of the same key would replace the first, and add to the total all the same.
        if (queueOf(change.market, order.isBuy()).holds(order)) revert PerpNettingEngine_Duplicate(order.id());
        return _queueChange(change, order);
    }

    /// @inheritdoc IPerpNettingEngine
    function queueLiquidation(LiquidationRequest calldata request, bool deferrable)
        external
        onlyHouse
        returns (bytes32 orderId)
    {
        OrderLib.Terms memory terms;
        (terms.trader, terms.isLong, terms.size) = (request.trader, request.isLong, request.size);
        (terms.market, terms.sequence, terms.salt) = (request.market, _sequence(deferrable), _salt(deferrable));
        Order memory order = OrderLib.packLiquidation(terms, request.keeper, Runtime.pid());
        _queue(request.market, order);
        orderId = order.id();
        emit LiquidationQueued(
            orderId, request.trader, request.market, request.isLong, request.size, request.keeper, order.pid
        );
    }

    /* SETTLEMENT */

    /// @inheritdoc IPerpNettingEngine
    function netAndExecutePerpSwaps(bool deferred) external onlyHouse returns (uint256 ended) {
        return _netAndExecute(deferred);
    }

    /// @inheritdoc IPerpNettingEngine
    function marketsOf(address trader) external view returns (uint256) {
        return ADMISSION.marketsOf(trader);
    }

    /* INTERNAL */

    function _queueChange(PositionChange calldata change, Order memory order) private returns (bytes32 orderId) {
        _queue(change.market, order);
        orderId = order.id();
        emit OrderQueued(
            orderId,
            change.trader,
            change.market,
            change.isOpen,
            change.isLong,
            change.size,
            change.limitPrice,
            change.deadline,
            order.pid
        );
    }

    function _termsOf(PositionChange calldata change, uint256 sequence, uint256 salt)
        private
        pure
        returns (OrderLib.Terms memory)
    {
        return OrderLib.Terms({
            trader: change.trader,
            market: change.market,
            isOpen: change.isOpen,
            isLong: change.isLong,
            size: change.size,
            limitPrice: change.limitPrice,
            deadline: change.deadline,
            sequence: sequence,
            salt: salt
        });
    }

    function _sequence(bool deferrable) private view returns (uint256) {
        return (block.number << 1) + (deferrable ? 0 : 1);
    }

    /// @dev A deferrable order is the only one of its transaction, so its pid tells it apart; another may not be.
    function _salt(bool deferrable) private returns (uint256) {
        return deferrable ? 0 : uint256(keccak256(Runtime.uuid()));
    }

    /// @inheritdoc NettingEngine
    /// @dev No batch begins while another is half settled, so either all of these are new or none is.
    function _admit(Work[] memory works) internal override {
        if (works.length == 0 || _isCleared(works[0])) return;
        IPerpAdmission.Decisions[] memory decisions = ADMISSION.admit(_candidates(works));
        for (uint256 w; w < works.length; ++w) {
            Work memory work = works[w];
            work.batch.admitted = decisions[w].admitted;
            (work.batch.lowestPrice, work.batch.highestPrice) = (decisions[w].lowestPrice, decisions[w].highestPrice);
            for (uint256 i; i < work.batch.orders.length; ++i) {
                if (decisions[w].reasons[i] != RejectReason.None) _reject(work, i, decisions[w].reasons[i]);
            }
        }
    }

    /// @inheritdoc BatchLoader
    /// @dev Accounts are judged over all of their markets, those that do not settle now included.
    function _readGas(Work[] memory works) internal view override returns (uint256[] memory gas) {
        uint256[] memory positions;
        (gas, positions) = ADMISSION.readsOf(_candidates(works));
        for (uint256 w; w < works.length; ++w) {
            gas[w] = gas[w] * ReadsLib.MARKET_GAS + positions[w] * ReadsLib.POSITION_GAS;
        }
    }

    function _candidates(Work[] memory works) private pure returns (IPerpAdmission.Candidates[] memory candidates) {
        candidates = new IPerpAdmission.Candidates[](works.length);
        for (uint256 w; w < works.length; ++w) {
            candidates[w] = IPerpAdmission.Candidates(works[w].id, works[w].batch.orders, works[w].batch.buyers);
        }
    }

    function _reject(Work memory work, uint256 i, RejectReason reason) private {
        Order memory order = work.batch.orders[i];
        emit OrderRejected(order.id(), order.trader(), work.id, reason);
        if (work.deferred) ReceiptLib.write(order, OrderRejected.selector, abi.encode(work.id, reason));
    }

    /// @inheritdoc BatchSettler
    /// @dev Takes up the bad debt of accounts that were liquidated. Where the gas is short anyone may do it later, at the house.
    function _afterFills(Work memory work, uint256 reserved) internal override {
        uint256 spare = reserved + _MARKET_GAS;
        uint256 most = queuedMarkets * ReadsLib.BAD_DEBT_GAS;
        for (uint256 i; i < work.count() && gasleft() > spare; ++i) {
            if (work.batch.admitted[i] == 0 || !work.batch.orders[i].isLiquidation()) continue;
            address trader = work.batch.orders[i].trader();
            // Asked only where it matters.
            uint256 needed =
                gasleft() > spare + most ? most : LibBit.popCount(ADMISSION.marketsOf(trader)) * ReadsLib.BAD_DEBT_GAS;
            if (gasleft() < spare + needed) continue;
            IPerpClearingHouse(HOUSE).settleBadDebt(trader);
        }
    }
}
