// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Runtime } from "../arcology/Runtime.sol";
import { ICollateralVault } from "../interfaces/ICollateralVault.sol";
import { IMarketRegistry } from "../interfaces/IMarketRegistry.sol";
import { INetting } from "../interfaces/INetting.sol";
import { IPerpNettingEngine } from "../interfaces/IPerpNettingEngine.sol";
import { IQueueFactory } from "../interfaces/IQueueFactory.sol";
import { NettingEngine } from "../netting/NettingEngine.sol";
import { Order, OrderLib } from "../types/Order.sol";
import { MarginReader } from "./MarginReader.sol";
import { PerpAdmission } from "./PerpAdmission.sol";

/// @notice The netting engine of positions: queues changes of positions and settles them. The clearing house is its only door.
contract PerpNettingEngine is PerpAdmission, IPerpNettingEngine {
    /// @notice The clearing house.
    address public immutable HOUSE;

    constructor(
        address house,
        IMarketRegistry registry,
        ICollateralVault vault,
        INetting netting,
        IQueueFactory queues,
        Config memory config
    ) NettingEngine(registry, netting, queues, config) MarginReader(vault) {
        HOUSE = house;
    }

    modifier onlyHouse() {
        if (msg.sender != HOUSE) revert NettingEngine_Unauthorized(msg.sender);
        _;
    }

    /// @inheritdoc IPerpNettingEngine
    function queuePositionChange(PositionChange calldata change, bool deferrable)
        external
        onlyHouse
        returns (bytes32 orderId)
    {
        // A deferrable order is the only one of its transaction, so its pid tells it apart; another may not be.
        uint256 salt = deferrable ? 0 : uint256(keccak256(Runtime.uuid()));
        OrderLib.Terms memory terms = OrderLib.Terms({
            trader: change.trader,
            isOpen: change.isOpen,
            isLong: change.isLong,
            size: change.size,
            limitPrice: change.limitPrice,
            deadline: change.deadline,
            sequence: (block.number << 1) + (deferrable ? 0 : 1),
            salt: salt
        });
        Order memory order = _queue(change.market, terms);
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

    /// @inheritdoc IPerpNettingEngine
    function netAndExecutePerpSwaps(bool deferred) external onlyHouse returns (uint256 ended) {
        return _netAndExecute(deferred);
    }

    /// @inheritdoc IPerpNettingEngine
    function marketsOf(address trader) public view override(MarginReader, IPerpNettingEngine) returns (uint256) {
        return _marketsOf[trader];
    }

    /// @inheritdoc MarginReader
    function _registry() internal view override returns (IMarketRegistry) {
        return REGISTRY;
    }
}
