// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpClearingHouse } from "../../interfaces/IPerpClearingHouse.sol";
import { Allocation } from "../../types/Market.sol";
import { MarketId } from "../../types/MarketId.sol";
import { OrderTracking } from "../mocks/OrderTracking.sol";
import { Defaults } from "../utils/Defaults.sol";

/// @notice Batches that settle over several transactions: two orders of a market at a time, two markets. Six traders of 1000 USDC.
contract ExactlyOnceChunksTest is OrderTracking {
    MarketId internal constant SECOND = MarketId.wrap(1);

    function setUp() public override {
        super.setUp();
        netted = _deployNetted(Defaults.THREADS, 2);
        _list(netted, Allocation.Uniform);
        _list(netted, Allocation.Uniform);
        _fund(6, Defaults.COLLATERAL);
        vm.recordLogs();
    }

    /// Begun by the deferred transaction, continued by settle() of the same block, and of the next.
    function test_TheDeferredTransactionBegins_SettleGoesOn() public {
        _openFiveDeferred();
        assertEq(_tally(vm.getRecordedLogs()).settled, 2, "the deferred transaction fills two");
        vm.recordLogs();
        _settleAll();
        assertEq(_tally(vm.getRecordedLogs()).settled, 3, "settle() fills the other three");
        _assertAllOpen(5);
    }

    /// Begun by settle(), continued by the deferred transaction of the same block, whose own orders wait for their turn.
    function test_SettleBegins_TheDeferredTransactionGoesOn() public {
        for (uint256 t; t < 4; ++t) {
            _openPosition(_trader(t), ETH, true, 0.1e18);
        }
        assertEq(_settleNextBlock(), 2, "settle() fills two");
        _open(_trader(4), true, 0.1e18);
        _openDeferred(_trader(5), true, 0.1e18);
        assertEq(_baseOf(_trader(5), ETH), 0, "the deferred order waits for the batch before it");
        _settleAll();
        _assertEachEndedOnce(vm.getRecordedLogs(), 6);
        _assertAllOpen(6);
    }

    /// A deferred transaction goes on with what the one before it began.
    function test_DeferredTransactionsGoOnWithEachOther() public {
        _openFiveDeferred();
        for (uint256 i; i < 4; ++i) {
            _nextBlock();
            _open(_trader(5), true, 0.01e18);
            _openDeferred(_trader(5), false, 0.01e18);
        }
        _settleAll();
        assertEq(_assertEachEndedOnce(vm.getRecordedLogs(), 13).settled, 13, "all filled");
        assertEq(_baseOf(_trader(5), ETH), 0, "its orders cancel out");
        _assertAllOpen(5);
    }

    /// Orders of either kind that come while a batch is half settled belong to the next one.
    function test_OrdersBetweenChunks_BelongToTheNextBatch() public {
        for (uint256 t; t < 4; ++t) {
            _openPosition(_trader(t), ETH, true, 0.1e18);
        }
        assertEq(_settleNextBlock(), 2, "the first half");
        _openPosition(_trader(4), ETH, true, 0.1e18);
        _open(_trader(5), true, 0.1e18);
        assertEq(_settleNextBlock(), 2, "the second half, without the new ones");
        assertEq(_baseOf(_trader(4), ETH) + _baseOf(_trader(5), ETH), 0, "which wait");
        assertEq(_settleNextBlock(), 2, "then they settle");
        assertEq(_assertEachEndedOnce(vm.getRecordedLogs(), 6).batches, 2, "two batches");
        _assertAllOpen(6);
    }

    /// A rejected order of a batch in chunks is said once, and stays rejected when collateral arrives in between.
    function test_ARejectionInAHalfSettledBatch_StaysOne() public {
        for (uint256 t; t < 3; ++t) {
            _openPosition(_trader(t), ETH, true, 0.1e18);
        }
        _open(alice, true, 0.1e18); // no collateral
        assertEq(_settleNextBlock(), 2, "the first half");
        _deposit(netted, alice, Defaults.COLLATERAL);
        _settleAll();
        Tally memory tally = _assertEachEndedOnce(vm.getRecordedLogs(), 4);
        assertEq(tally.rejected, 1, "one rejection");
        assertEq(_baseOf(alice, ETH), 0, "and no fill");
    }

    /// Collateral must not leave between admission and fill.
    function test_Withdraw_IsBlockedWhileHalfSettledAndFreeAfter() public {
        for (uint256 t; t < 3; ++t) {
            _openPosition(_trader(t), ETH, true, 1e18);
        }
        assertEq(_settleNextBlock(), 2, "the first two fill");
        vm.expectRevert(IPerpClearingHouse.ClearingHouse_SettlementInProgress.selector);
        vm.prank(_trader(2));
        netted.house.withdraw(1);
        assertEq(_settleNextBlock(), 1, "anyone finishes it");
        vm.prank(_trader(5));
        netted.house.withdraw(Defaults.COLLATERAL);
        assertEq(usdc.balanceOf(_trader(5)), Defaults.COLLATERAL, "then withdrawals are free");
    }

    /// Both markets half settled at once: each goes on from its own place.
    function test_TwoMarketsHalfSettled_BothEnd() public {
        for (uint256 t; t < 5; ++t) {
            _openPosition(_trader(t), ETH, true, 0.1e18);
            _openPosition(_trader(t), SECOND, false, 0.1e18);
        }
        assertEq(_settleNextBlock(), 4, "two of each market");
        assertEq(netted.engine.batchesInProgress(), 3, "both are half settled");
        assertEq(_settleNextBlock(), 4, "two more of each");
        assertEq(_settleNextBlock(), 2, "the last of each");
        Tally memory tally = _assertEachEndedOnce(vm.getRecordedLogs(), 10);
        assertEq(tally.swaps, 2, "one swap a market");
        _assertAllOpen(5);
        assertEq(_baseOf(_trader(4), SECOND), -0.1e18, "the second market's last order filled");
        _assertDrained(SECOND);
    }

    /// New orders of the other market, whichever that is, wait until the batch has ended.
    function test_WhileAMarketIsHalfSettled_TheOtherWaits() public {
        for (uint16 m; m < 2; ++m) {
            (MarketId id, MarketId other) = (MarketId.wrap(m), MarketId.wrap(1 - m));
            for (uint256 t; t < 4; ++t) {
                _openPosition(_trader(t), id, t % 2 == 0, 0.1e18);
            }
            assertEq(_settleNextBlock(), 2, "two of four");
            _openPosition(_trader(4), other, true, 0.1e18);
            _openPosition(_trader(5), other, false, 0.1e18);
            assertEq(_settleNextBlock(), 2, "the other two");
            assertEq(_baseOf(_trader(4), other), 0, "the other market waits");
            assertEq(_settleNextBlock(), 2, "and is next");
            assertEq(_baseOf(_trader(4), other), 0.1e18, "filled");
        }
        assertEq(_assertEachEndedOnce(vm.getRecordedLogs(), 12).settled, 12, "all filled");
    }

    /// 1000 USDC carry about 10,000 of notional. Trader 2 is admitted with 4 in the first market, whose batch is half settled,
    /// and then asks for 4 in the second: both together are 16,000, which its collateral does not carry.
    function test_AdmittedOrdersOfAHalfSettledBatch_CountForOtherMarkets() public {
        _openPosition(_trader(0), ETH, true, 0.1e18);
        _openPosition(_trader(1), ETH, true, 0.1e18);
        _openPosition(_trader(2), ETH, true, 4e18);
        assertEq(_settleNextBlock(), 2, "trader 2 is admitted, and not filled yet");
        _open(_trader(2), SECOND);
        vm.recordLogs();
        _settleAll();

        int256 base = _baseOf(_trader(2), ETH) + _baseOf(_trader(2), SECOND);
        assertEq(base, 4e18, "one of its two orders filled");
        IPerpClearingHouse.Account memory account = netted.house.getAccount(_trader(2));
        assertGe(account.equity, int256(account.openNotional / 10), "it has a tenth of its notional");
    }

    function _open(address trader, MarketId id) private {
        _change(trader, id, true, true, 4e18, 0);
    }

    function _openFiveDeferred() private {
        for (uint256 t; t < 4; ++t) {
            _open(_trader(t), true, 0.1e18);
        }
        _openDeferred(_trader(4), true, 0.1e18);
    }

    function _assertAllOpen(uint256 count) private view {
        for (uint256 t; t < count; ++t) {
            assertEq(_baseOf(_trader(t), ETH), 0.1e18, "each order filled once");
        }
        _assertDrained(ETH);
    }
}
