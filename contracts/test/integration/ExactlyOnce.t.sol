// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { OrderTracking } from "../mocks/OrderTracking.sol";
import { Defaults } from "../utils/Defaults.sol";

/// @notice Whatever the scheduler does, every order ends exactly once. One test a case; traders 0 to 3 have 1000 USDC each.
contract ExactlyOnceTest is OrderTracking {
    function setUp() public override {
        super.setUp();
        _fund(4, Defaults.COLLATERAL);
        vm.recordLogs();
    }

    /* THE DEFERRED FLAG */

    /// A lone call has the flag inside the parallel generation: nothing settles, a later settle() does.
    function test_WhenALoneCallHasTheFlag_NothingSettlesUntilSettle() public {
        _setDeferredFlag(true);
        _open(_trader(0), true, 1e18);
        _setDeferredFlag(false);
        assertEq(_baseOf(_trader(0), ETH), 0, "nothing settles");
        assertEq(_settle(), 0, "nor by a settle() of the same block");
        assertEq(_settleNextBlock(), 1, "the next block's does");
        assertEq(_assertEachEndedOnce(vm.getRecordedLogs(), 1).settled, 1, "it filled");
    }

    /// The same with other orders in the generation, of either kind, and some that an earlier block left.
    function test_WhenTheFlagIsSetBesideOthers_NothingSettlesUntilSettle() public {
        _open(_trader(3), false, 0.5e18);
        _nextBlock();
        _openPosition(_trader(1), ETH, false, 0.5e18);
        _open(_trader(2), true, 0.5e18);
        _setDeferredFlag(true);
        _open(_trader(0), true, 0.5e18);
        _setDeferredFlag(false);
        _open(_trader(0), true, 0.25e18);
        assertEq(_tally(vm.getRecordedLogs()).settled, 0, "nothing settles in the parallel generation");
        vm.recordLogs();
        assertEq(_settleNextBlock(), 5, "all five in the next block");
        assertEq(_tally(vm.getRecordedLogs()).settled, 5, "all five filled");
        assertEq(_baseOf(_trader(0), ETH), 0.75e18, "both of its orders, once");
        _assertDrained(ETH);
    }

    /// A lone call in a deferred generation of its own: without another order of the block it leaves all as it is.
    function test_WhenTheDeferredTransactionIsAlone_TheNextOneSettles() public {
        _openDeferred(_trader(0), true, 1e18);
        assertEq(_baseOf(_trader(0), ETH), 0, "it waits");
        _nextBlock();
        _open(_trader(1), false, 0.5e18);
        _openDeferred(_trader(2), false, 0.5e18);
        Tally memory tally = _assertEachEndedOnce(vm.getRecordedLogs(), 3);
        assertEq(tally.settled, 3, "the next deferred transaction settles it too");
        assertEq(tally.writeBacks, 2, "but writes into receipts of its own block alone");
        assertEq(_baseOf(_trader(0), ETH), 1e18, "it filled once");
        assertEq(_settleNextBlock(), 0, "nothing is left");
    }

    /* settle() AND THE DEFERRED TRANSACTION */

    function test_SettleBeforeTheDeferredTransaction() public {
        _open(_trader(0), true, 1e18);
        _nextBlock();
        _open(_trader(1), false, 0.4e18);
        assertEq(_settle(), 1, "settle() ends what the earlier block left");
        _openDeferred(_trader(2), false, 0.6e18);
        assertEq(_assertEachEndedOnce(vm.getRecordedLogs(), 3).batches, 2, "two batches");
        assertEq(_baseOf(_trader(0), ETH), 1e18, "filled once");
        _assertDrained(ETH);
    }

    function test_SettleAfterTheDeferredTransaction() public {
        _open(_trader(0), true, 1e18);
        _nextBlock();
        _open(_trader(1), false, 0.4e18);
        _openDeferred(_trader(2), false, 0.6e18);
        assertEq(_settle(), 0, "the deferred transaction has left nothing");
        assertEq(_assertEachEndedOnce(vm.getRecordedLogs(), 3).batches, 1, "one batch");
        assertEq(_settleNextBlock(), 0, "nor is anything left in the next block");
        _assertDrained(ETH);
    }

    function test_SeveralSettlesInABlock() public {
        _openPosition(_trader(0), ETH, true, 1e18);
        _openPosition(_trader(1), ETH, false, 1e18);
        assertEq(_settleNextBlock(), 2, "the first one ends both");
        _openPosition(_trader(2), ETH, true, 1e18);
        assertEq(_settle(), 0, "the second one finds nothing of an earlier block");
        assertEq(_settle(), 0, "nor does the third");
        assertEq(_settleNextBlock(), 1, "the next block's first one does");
        assertEq(_settle(), 0, "its second one does not");
        _assertEachEndedOnce(vm.getRecordedLogs(), 3);
    }

    function test_SettleWithNothingLeft_DoesNothing() public {
        assertEq(_settleNextBlock(), 0, "before any order");
        _openPosition(_trader(0), ETH, true, 1e18);
        _settleNextBlock();
        vm.recordLogs();
        for (uint256 i; i < 3; ++i) {
            assertEq(_settleNextBlock(), 0, "after all orders");
        }
        assertEq(vm.getRecordedLogs().length, 0, "no event");
        assertEq(_baseOf(_trader(0), ETH), 1e18, "the position stays");
    }

    /* BOTH KINDS OF ORDERS */

    /// openPosition runs after the deferred transaction of its block: a later block takes it.
    function test_OrdersAfterTheDeferredTransaction_SettleLater() public {
        _open(_trader(0), true, 1e18);
        _openDeferred(_trader(1), false, 1e18);
        _openPosition(_trader(2), ETH, true, 1e18);
        _openPosition(_trader(3), ETH, false, 1e18);
        assertEq(_settle(), 0, "not in its own block");
        assertEq(_settleNextBlock(), 2, "in the next");
        assertEq(_assertEachEndedOnce(vm.getRecordedLogs(), 4).settled, 4, "all filled");
        _assertDrained(ETH);
    }

    /// Both kinds in one generation, mixed in the queues: the deferred transaction takes its kind, and loses none of the other.
    function test_BothKindsInABlock_EndInTheirOwnTime() public {
        _openPosition(_trader(0), ETH, true, 0.1e18);
        _open(_trader(1), true, 0.2e18);
        _openPosition(_trader(2), ETH, false, 0.3e18);
        _open(_trader(3), true, 0.4e18);
        _openPosition(_trader(0), ETH, true, 0.1e18);
        _openDeferred(_trader(1), false, 0.1e18);
        assertEq(_baseOf(_trader(0), ETH), 0, "openPosition waits");
        assertEq(_baseOf(_trader(1), ETH), 0.1e18, "changePosition has settled");
        assertEq(_baseOf(_trader(3), ETH), 0.4e18, "changePosition has settled");
        _nextBlock();
        _open(_trader(2), true, 0.5e18);
        _openDeferred(_trader(3), false, 0.4e18);
        assertEq(_baseOf(_trader(0), ETH), 0.2e18, "the next deferred transaction takes both that waited");
        assertEq(_baseOf(_trader(2), ETH), 0.2e18, "-0.3 and 0.5");
        _assertEachEndedOnce(vm.getRecordedLogs(), 8);
        assertEq(_queue(ETH, true).fullLength(), 0, "the queue is cleared when nothing later is in it");
        _assertDrained(ETH);
    }

    /* ONE SIDE */

    function test_OneSideEmpty_BuyersAlone() public {
        _open(_trader(0), true, 1e18);
        _openDeferred(_trader(1), true, 1e18);
        assertEq(_assertEachEndedOnce(vm.getRecordedLogs(), 2).swaps, 1, "all of it goes to the pool");
        assertEq(_baseOf(_trader(0), ETH) + _baseOf(_trader(1), ETH), 2e18, "both filled");
        assertGt(netted.house.getMarkPrice(ETH), Defaults.PRICE, "the price rises");
    }

    function test_OneSideEmpty_SellersAlone() public {
        _openPosition(_trader(0), ETH, false, 1e18);
        assertEq(_settleNextBlock(), 1, "settles");
        assertEq(_assertEachEndedOnce(vm.getRecordedLogs(), 1).swaps, 1, "all of it goes to the pool");
        assertEq(_baseOf(_trader(0), ETH), -1e18, "filled");
        assertLt(netted.house.getMarkPrice(ETH), Defaults.PRICE, "the price falls");
    }

    /// A rejected order is all there is: the batch clears without a fill, and the order does not come back.
    function test_RejectionsAlone_EndOnce() public {
        _open(alice, true, 1e18); // no collateral
        assertEq(_settleNextBlock(), 1, "it ends");
        assertEq(_settleNextBlock(), 0, "once");
        assertEq(_assertEachEndedOnce(vm.getRecordedLogs(), 1).rejected, 1, "by rejection");
        _assertDrained(ETH);
    }
}
