// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Allocation } from "../../types/Market.sol";
import { OrderTracking } from "../mocks/OrderTracking.sol";
import { Defaults } from "../utils/Defaults.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice A batch that is cut into chunks ends where it ends when it settles at once.
contract ChunksTest is OrderTracking {
    uint256 internal constant TRADERS = 11;
    uint256 internal constant WHOLE = 10_000;

    uint256 internal start;

    function setUp() public override {
        super.setUp();
        start = vm.snapshotState();
    }

    function test_Uniform_ChunksEndAsTheWhole() public {
        _assertChunksEndAsTheWhole(Allocation.Uniform, false);
    }

    function test_Fifo_ChunksEndAsTheWhole() public {
        _assertChunksEndAsTheWhole(Allocation.Fifo, false);
    }

    function test_Uniform_ChunksBegunByTheDeferredTransactionEndAsTheWhole() public {
        _assertChunksEndAsTheWhole(Allocation.Uniform, true);
    }

    function test_Fifo_ChunksBegunByTheDeferredTransactionEndAsTheWhole() public {
        _assertChunksEndAsTheWhole(Allocation.Fifo, true);
    }

    /// A trader who holds +1 buys 1 and sells 1 in the batch: what that realises depends on which of them is booked first,
    /// and sellers are the smaller side.
    function test_ATraderOnBothSides_ChunksEndAsTheWhole() public {
        uint256[] memory whole = _bothSides(WHOLE);
        vm.revertToState(start);
        assertEq(_bothSides(1), whole, "chunks of 1 end as the whole");
    }

    /// Seven buyers of 1 and one seller of 1, two orders a transaction: all buyers pay the same, wherever the cuts are.
    function test_AllChunks_HaveOnePrice() public {
        netted = _deployNetted(0, 2);
        _list(netted, Allocation.Uniform);
        _fund(8, 1000 * Defaults.USDC);
        vm.recordLogs();
        for (uint256 t; t < 8; ++t) {
            _openPosition(_trader(t), ETH, t != 3, 1e18);
        }
        for (uint256 i; i < 4; ++i) {
            assertEq(_settleNextBlock(), 2, "two orders a transaction");
        }
        assertEq(_settleNextBlock(), 0, "after four of them all have ended");

        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(_assertEachEndedOnce(logs, 8).swaps, 1, "one swap for all chunks");
        (, int256 quote,) = netted.house.getPosition(_trader(0), ETH);
        for (uint256 t = 1; t < 8; ++t) {
            (int256 base, int256 other,) = netted.house.getPosition(_trader(t), ETH);
            if (t == 3) assertEq(other, 2000e18, "the seller is of the smaller side: exactly the mid price");
            else assertEq(other, quote, "every buyer pays the same");
            assertEq(base, t == 3 ? -1e18 : int256(1e18), "every order fills whole");
        }
        assertLt(quote, -2000e18, "the residual's price is in it");
    }

    /// The pool's price may not matter to later chunks: they fill at the prices of the batch even when another batch could
    /// have moved it. Here a second block's orders wait until the first batch is done.
    function test_ALaterBatch_WaitsForTheChunks() public {
        netted = _deployNetted(0, 2);
        _list(netted, Allocation.Uniform);
        _fund(6, 1000 * Defaults.USDC);
        for (uint256 t; t < 4; ++t) {
            _openPosition(_trader(t), ETH, true, 1e18);
        }
        assertEq(_settleNextBlock(), 2, "half of the first batch");
        _openPosition(_trader(4), ETH, true, 1e18);
        _openPosition(_trader(5), ETH, true, 1e18);
        assertEq(_settleNextBlock(), 2, "the other half, and nothing of the second");
        assertEq(_baseOf(_trader(4), ETH), 0, "the second batch waits");
        assertEq(_settleNextBlock(), 2, "the second batch");
        (, int256 first,) = netted.house.getPosition(_trader(3), ETH);
        (, int256 second,) = netted.house.getPosition(_trader(4), ETH);
        assertLt(second, first, "it buys at the price that the first one left");
        _assertDrained(ETH);
    }

    /* SCENARIO */

    function _assertChunksEndAsTheWhole(Allocation allocation, bool deferred) private {
        uint256[] memory whole = _run(allocation, WHOLE, deferred);
        uint256[3] memory chunks = [uint256(1), 3, 7];
        for (uint256 i; i < chunks.length; ++i) {
            vm.revertToState(start);
            assertEq(_run(allocation, chunks[i], deferred), whole, "chunks end as the whole, to the wei");
        }
    }

    /// @dev A batch that opens, and one that closes, opens, has limits and rejections.
    function _run(Allocation allocation, uint256 chunk, bool deferred) private returns (uint256[] memory) {
        netted = _deployNetted(0, chunk);
        _list(netted, allocation);
        _fund(TRADERS, 5000 * Defaults.USDC);
        vm.recordLogs();
        for (uint256 t; t < TRADERS; ++t) {
            if (deferred && t == TRADERS - 1) _beginDeferred();
            _change(_trader(t), ETH, true, t % 3 != 0, 1e18 + t * 1e15, 0);
        }
        _finish(deferred);
        for (uint256 t; t < TRADERS; ++t) {
            if (deferred && t == TRADERS - 1) _beginDeferred();
            _queueMixed(t);
        }
        _finish(deferred);

        Vm.Log[] memory logs = vm.getRecordedLogs();
        Tally memory tally = _assertEachEndedOnce(logs, 2 * TRADERS);
        assertEq(tally.batches, 2, "two batches, however many chunks");
        assertEq(tally.swaps, 2, "one swap each");
        assertEq(tally.rejected, 2, "an order beyond its margin, and one beyond its limit");
        _assertDrained(ETH);
        return _stateOf(1, TRADERS);
    }

    function _queueMixed(uint256 t) private {
        bool isLong = t % 3 != 0;
        if (t == 4) return _change(_trader(t), ETH, true, true, 100e18, 0); // 200,000 USDC on 5,000
        if (t == 5) return _change(_trader(t), ETH, true, true, 1e18, 1500e18); // not at this price
        if (t == 7) return _change(_trader(t), ETH, true, true, 3e18, 2002.5e18); // left out of the residual swap, in part
        if (t % 2 == 0) return _change(_trader(t), ETH, false, isLong, 2e18, 0); // more than there is
        _change(_trader(t), ETH, true, isLong, 2e18 + t * 1e14, 0);
    }

    function _finish(bool deferred) private {
        if (deferred) _endDeferred();
        _settleAll();
        _nextBlock();
    }

    function _bothSides(uint256 chunk) private returns (uint256[] memory) {
        netted = _deployNetted(0, chunk);
        _list(netted, Allocation.Uniform);
        _fund(3, 5000 * Defaults.USDC);
        _openPosition(_trader(0), ETH, true, 1e18);
        _settleAll();
        _openPosition(_trader(1), ETH, true, 5e18);
        _openPosition(_trader(0), ETH, true, 1e18);
        _openPosition(_trader(0), ETH, false, 1e18);
        _openPosition(_trader(2), ETH, false, 1e18);
        _settleAll();
        return _stateOf(1, 3);
    }
}
