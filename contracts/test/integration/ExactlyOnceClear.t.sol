// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { OrderTracking } from "../mocks/OrderTracking.sol";
import { Defaults } from "../utils/Defaults.sol";

/// @notice Emptying a queue is house-keeping: lost, late or early, no order fills twice or goes missing. Traders 0 to 3 have 1000 USDC.
contract ExactlyOnceClearTest is OrderTracking {
    function setUp() public override {
        super.setUp();
        _fund(4, Defaults.COLLATERAL);
        vm.recordLogs();
    }

    /// clear() does nothing for two blocks: what was settled is read again and again, and never filled again.
    function test_WhenClearIsLost_NothingFillsTwice() public {
        _loseClears(true);
        _open(_trader(0), true, 1e18);
        _openDeferred(_trader(1), false, 1e18);
        assertEq(_queue(ETH, true).fullLength(), 1, "the settled buyer is still there");
        assertEq(_settleNextBlock(), 0, "settle() finds nothing new");

        _nextBlock();
        _open(_trader(2), true, 0.5e18);
        _openDeferred(_trader(3), false, 0.5e18);
        assertEq(_queue(ETH, true).fullLength(), 2, "both settled buyers are still there");
        _loseClears(false);
        _nextBlock();
        _open(_trader(0), true, 0.25e18);
        _openDeferred(_trader(1), false, 0.25e18);

        assertEq(_queue(ETH, true).fullLength(), 0, "the queue is empty at last");
        assertEq(_assertEachEndedOnce(vm.getRecordedLogs(), 6).settled, 6, "six orders filled");
        assertEq(_baseOf(_trader(0), ETH), 1.25e18, "1 and 0.25, once each");
        assertEq(_baseOf(_trader(1), ETH), -1.25e18, "-1 and -0.25, once each");
        assertEq(_baseOf(_trader(2), ETH), 0.5e18, "0.5 once");
        _assertDrained(ETH);
    }

    /// Every second clear() is lost while a batch settles in chunks of one order.
    function test_WhenClearIsLostBetweenChunks_NothingFillsTwice() public {
        netted = _deployNetted(0, 1);
        _list(netted, _market(direct, ETH).allocation);
        _fund(3, Defaults.COLLATERAL);
        vm.recordLogs();
        for (uint256 round; round < 3; ++round) {
            _loseClears(round % 2 == 0);
            _open(_trader(0), true, 0.1e18);
            _open(_trader(1), true, 0.1e18);
            _openDeferred(_trader(2), false, 0.2e18);
            _settleAll();
        }
        _assertEachEndedOnce(vm.getRecordedLogs(), 9);
        assertEq(_baseOf(_trader(0), ETH), 0.3e18, "0.1 a round");
        assertEq(_baseOf(_trader(2), ETH), -0.6e18, "-0.2 a round");
        _assertDrained(ETH);
    }

    /// 255 settled entries stay in a queue, because emptying it conflicts with appending; with 256 it is emptied.
    function test_ManySettledEntries_AreClearedByTheNextSettle() public {
        for (uint256 i; i < 255; ++i) {
            _openPosition(_trader(0), ETH, true, 1e12);
        }
        assertEq(_settleNextBlock(), 255, "255 end");
        assertEq(_queue(ETH, true).fullLength(), 255, "too few to clear");
        _openPosition(_trader(1), ETH, true, 1e12);
        assertEq(_settleNextBlock(), 1, "one more ends");
        assertEq(_queue(ETH, true).fullLength(), 0, "256 are cleared");
        _assertEachEndedOnce(vm.getRecordedLogs(), 256);
    }

    /// A queue of 256 that holds one order of this very block is not cleared: the order would be lost.
    function test_ManySettledEntries_AreNotClearedWithALaterOrder() public {
        for (uint256 i; i < 256; ++i) {
            _openPosition(_trader(0), ETH, true, 1e12);
        }
        _nextBlock();
        _openPosition(_trader(1), ETH, true, 1e12);
        assertEq(_settle(), 256, "those of the block before end");
        assertEq(_queue(ETH, true).fullLength(), 257, "nothing is cleared");
        assertEq(_settleNextBlock(), 1, "the later one ends in the next block");
        assertEq(_queue(ETH, true).fullLength(), 0, "now it is cleared");
        _assertEachEndedOnce(vm.getRecordedLogs(), 257);
    }

    /// The committed length of a cleared queue keeps its value until the generation ends, but its entries are gone.
    function test_AfterAClearInTheSameBlock_SettleDoesNotRevert() public {
        for (uint256 i; i < 256; ++i) {
            _openPosition(_trader(0), ETH, true, 1e12);
        }
        assertEq(_settleNextBlock(), 256, "all end, and the queue is cleared");
        assertEq(_settle(), 0, "a second settle() of the block finds nothing");
        _openPosition(_trader(1), ETH, true, 1e12);
        assertEq(_settle(), 0, "a third one leaves the order of this block");
        assertEq(_settleNextBlock(), 1, "which ends in the next");
        _assertEachEndedOnce(vm.getRecordedLogs(), 257);
        _assertDrained(ETH);
    }

    /// The same when the deferred transaction follows a settle() that has cleared.
    function test_AfterAClearInTheSameBlock_TheDeferredTransactionDoesNotRevert() public {
        for (uint256 i; i < 256; ++i) {
            _openPosition(_trader(0), ETH, true, 1e12);
        }
        assertEq(_settleNextBlock(), 256, "all end, and the queue is cleared");
        _open(_trader(1), true, 0.1e18);
        _openDeferred(_trader(2), false, 0.1e18);
        assertEq(_baseOf(_trader(1), ETH), 0.1e18, "the block's orders settle in it");
        _assertEachEndedOnce(vm.getRecordedLogs(), 258);
    }
}
