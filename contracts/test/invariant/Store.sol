// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpEvents } from "../../interfaces/IPerpEvents.sol";
import { MarketId } from "../../types/MarketId.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice Remembers what events said and what handlers saw, for the invariants to compare with the state.
contract Store {
    struct Queued {
        uint256 market;
        bool buys;
        uint256 size;
        uint256 ends;
    }

    bytes32 private constant TRANSFER = keccak256("Transfer(address,address,uint256)");

    mapping(bytes32 orderId => Queued order) public orders;
    uint256 public queued;
    uint256 public ended;
    /// @notice Orders that ended a second time, or were never queued.
    uint256 public wronglyEnded;
    /// @notice Orders queued and not ended, and their size.
    mapping(uint256 market => uint256 count) public pending;
    mapping(uint256 market => mapping(bool buys => uint256 size)) public pendingSize;
    /// @notice What Transfer events say an account got of a token.
    mapping(address token => mapping(address account => int256 amount)) public received;

    uint256 public deposited;
    uint256 public withdrawn;
    uint256 public withdrawals;
    /// @notice Withdrawals after which equity was below the initial margin.
    uint256 public withdrawalsBelowMargin;
    /// @notice Withdrawals that changed equity by anything but what they paid.
    uint256 public withdrawalsThatChangedEquity;

    function noteLogs(Vm.Log[] calldata logs) external {
        for (uint256 i; i < logs.length; ++i) {
            bytes32 topic = logs[i].topics[0];
            if (topic == IPerpEvents.OrderQueued.selector) _noteQueued(logs[i]);
            else if (topic == IPerpEvents.LiquidationQueued.selector) _noteLiquidation(logs[i]);
            else if (topic == IPerpEvents.OrderSettled.selector) _noteEnd(logs[i].topics[1]);
            else if (topic == IPerpEvents.OrderRejected.selector) _noteEnd(logs[i].topics[1]);
            else if (topic == TRANSFER) _noteTransfer(logs[i]);
        }
    }

    function noteDeposit(uint256 amount) external {
        deposited += amount;
    }

    function noteCollected(uint256 amount) external {
        withdrawn += amount;
    }

    function noteWithdrawal(uint256 amount, bool belowMargin, bool changedEquity) external {
        withdrawn += amount;
        ++withdrawals;
        if (belowMargin) ++withdrawalsBelowMargin;
        if (changedEquity) ++withdrawalsThatChangedEquity;
    }

    function _noteQueued(Vm.Log calldata log) private {
        (bool isOpen, bool isLong, uint256 size,,,) =
            abi.decode(log.data, (bool, bool, uint256, uint256, uint256, bytes32));
        _note(log, isOpen == isLong, size);
    }

    function _noteLiquidation(Vm.Log calldata log) private {
        (bool isLong, uint256 size,,) = abi.decode(log.data, (bool, uint256, address, bytes32));
        _note(log, !isLong, size);
    }

    function _note(Vm.Log calldata log, bool buys, uint256 size) private {
        uint256 market = uint256(log.topics[3]);
        orders[log.topics[1]] = Queued(market, buys, size, 0);
        ++queued;
        ++pending[market];
        pendingSize[market][buys] += size;
    }

    function _noteEnd(bytes32 orderId) private {
        Queued storage order = orders[orderId];
        if (order.size == 0 || order.ends != 0) {
            ++wronglyEnded;
            return;
        }
        ++order.ends;
        ++ended;
        --pending[order.market];
        pendingSize[order.market][order.buys] -= order.size;
    }

    function _noteTransfer(Vm.Log calldata log) private {
        int256 amount = int256(abi.decode(log.data, (uint256)));
        received[log.emitter][address(uint160(uint256(log.topics[1])))] -= amount;
        received[log.emitter][address(uint160(uint256(log.topics[2])))] += amount;
    }
}
