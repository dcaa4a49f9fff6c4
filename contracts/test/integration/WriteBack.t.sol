// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { WriteBack } from "../../arcology/WriteBack.sol";
import { IPerpEvents } from "../../interfaces/IPerpEvents.sol";
import { OrderTracking } from "../mocks/OrderTracking.sol";
import { Defaults } from "../utils/Defaults.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice Each order's result goes into the receipt of the transaction that queued it: a WriteBackEvent with that one's pid.
contract WriteBackTest is OrderTracking {
    function setUp() public override {
        super.setUp();
        _fund(4, Defaults.COLLATERAL);
        vm.recordLogs();
    }

    /// Two fills and a rejection. Topics of what is written: signature, order id, trader; data: as the event itself has it.
    function test_EachOrderOfTheBlock_IsWrittenIntoItsOwnReceipt() public {
        _open(_trader(0), true, 1e18);
        _change(alice, ETH, true, true, 1e18, 0); // no collateral
        _openDeferred(_trader(1), false, 1e18);

        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(_assertEachEndedOnce(logs, 3).writeBacks, 3, "one an order");
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != IPerpEvents.OrderQueued.selector) continue;
            Vm.Log memory end = _endOf(logs, logs[i].topics[1]);
            Vm.Log memory written = _writtenTo(logs, _pidOf(logs[i]));
            assertEq(written.topics[2], end.topics[0], "it stands for the event that ended the order");
            bytes memory context = abi.decode(written.data, (bytes));
            bytes memory topics = abi.encode(end.topics[1], end.topics[2]);
            assertEq(
                context,
                bytes.concat(topics, bytes32(type(uint256).max), end.data),
                "order id, trader, the mark, the data"
            );
        }
    }

    function test_Settle_WritesIntoNoReceipt() public {
        _open(_trader(0), true, 1e18);
        _openPosition(_trader(1), ETH, false, 1e18);
        _settleNextBlock();
        Tally memory tally = _assertEachEndedOnce(vm.getRecordedLogs(), 2);
        assertEq(tally.settled, 2, "both filled");
        assertEq(tally.writeBacks, 0, "their receipts are closed");
    }

    /// The deferred transaction also ends what an earlier block left: into closed receipts nothing may be written, because the
    /// node does not survive a pid that it does not find.
    function test_OrdersOfEarlierBlocks_AreNotWritten() public {
        _open(_trader(0), true, 0.5e18);
        _openPosition(_trader(1), ETH, false, 0.5e18);
        _change(alice, ETH, true, true, 1e18, 0); // a rejection
        _nextBlock();
        _open(_trader(2), true, 0.5e18);
        _openDeferred(_trader(3), false, 0.5e18);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(_assertEachEndedOnce(logs, 5).writeBacks, 2, "the two of this block alone");
        _writtenTo(logs, _pidOfTrader(logs, _trader(2)));
        _writtenTo(logs, _pidOfTrader(logs, _trader(3)));
    }

    /// Parts of a batch that settle() ends in a later block are not written; those of the deferred transaction are.
    function test_ChunksOfLaterBlocks_AreNotWritten() public {
        netted = _deployNetted(0, 2);
        _list(netted, _market(direct, ETH).allocation);
        _fund(4, Defaults.COLLATERAL);
        vm.recordLogs();
        for (uint256 t; t < 3; ++t) {
            _open(_trader(t), true, 0.1e18);
        }
        _openDeferred(_trader(3), true, 0.1e18);
        assertEq(_tally(vm.getRecordedLogs()).writeBacks, 2, "the first chunk's two");
        vm.recordLogs();
        _settleAll();
        assertEq(_tally(vm.getRecordedLogs()).writeBacks, 0, "none of the second chunk");
    }

    /* EVENTS */

    function _pidOf(Vm.Log memory queued) private pure returns (bytes32 pid) {
        (,,,,, pid) = abi.decode(queued.data, (bool, bool, uint256, uint256, uint256, bytes32));
    }

    function _pidOfTrader(Vm.Log[] memory logs, address trader) private pure returns (bytes32) {
        for (uint256 i; i < logs.length; ++i) {
            bool isQueued = logs[i].topics[0] == IPerpEvents.OrderQueued.selector;
            if (isQueued && logs[i].topics[2] == bytes32(uint256(uint160(trader)))) return _pidOf(logs[i]);
        }
        return 0;
    }

    function _endOf(Vm.Log[] memory logs, bytes32 orderId) private pure returns (Vm.Log memory end) {
        for (uint256 i; i < logs.length; ++i) {
            bytes32 topic = logs[i].topics[0];
            bool isEnd = topic == IPerpEvents.OrderSettled.selector || topic == IPerpEvents.OrderRejected.selector;
            if (isEnd && logs[i].topics[1] == orderId) return logs[i];
        }
    }

    /// @dev The one WriteBackEvent of a pid; the test fails when there are more or none.
    function _writtenTo(Vm.Log[] memory logs, bytes32 pid) private pure returns (Vm.Log memory written) {
        uint256 count;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != WriteBack.WriteBackEvent.selector || logs[i].topics[1] != pid) continue;
            written = logs[i];
            ++count;
        }
        assertEq(count, 1, "one WriteBackEvent has the pid of the order's transaction");
    }
}
