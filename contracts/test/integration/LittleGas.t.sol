// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpEvents } from "../../interfaces/IPerpEvents.sol";
import { Allocation } from "../../types/Market.sol";
import { MarketId } from "../../types/MarketId.sol";
import { OrderTracking } from "../mocks/OrderTracking.sol";
import { Defaults } from "../utils/Defaults.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice What a settlement takes up with the gas that it has: markets in turn, and no entry that it has nothing to do with. 500,000 gas a
///         market, 150,000 an order.
contract LittleGasTest is OrderTracking {
    uint256 private constant TRADERS = 10;
    MarketId private constant SECOND = MarketId.wrap(1);

    function setUp() public override {
        super.setUp();
        _fund(TRADERS, 10 * Defaults.COLLATERAL);
    }

    /* IN TURN */

    /// 40 orders wait in the first market and need 6.5 million gas, two in the second. With 3 million, nothing settles in a block that
    /// is the first market's turn; in one that is the second's, its two do.
    function test_Settle_ServesTheMarketWhoseTurnItIs() public {
        _fillTwoMarkets();
        _waitForTurnOf(ETH);
        assertEq(_settleWith(3_000_000), 0, "the first market cannot be afforded, and keeps the others waiting");
        _nextBlock();
        assertEq(_settleWith(3_000_000), 2, "the second market's turn");
        _waitForTurnOf(ETH);
        assertEq(_settleWith(30_000_000), 40, "and who can afford the first one settles it");
    }

    /// Turns decide what is taken up, not what comes of it: a liquidation of two markets closes in the first one first, in any block.
    function test_Settle_JudgesInTheOrderOfMarketsInAnyTurn() public {
        _list(netted, Allocation.Uniform);
        for (uint16 turn; turn < 2; ++turn) {
            _openPosition(_trader(0), ETH, true, 0.01e18);
            _openPosition(_trader(1), SECOND, true, 0.01e18);
            _nextBlock();
            _waitForTurnOf(MarketId.wrap(turn));
            vm.recordLogs();
            assertEq(_settle(), 2, "both end");
            Vm.Log[] memory logs = vm.getRecordedLogs();
            uint256 cleared;
            for (uint256 i; i < logs.length; ++i) {
                if (logs[i].topics[0] != IPerpEvents.BatchCleared.selector) continue;
                assertEq(uint256(logs[i].topics[1]), cleared++, "by market");
            }
            assertEq(cleared, 2, "two batches");
        }
    }

    /// The deferred transaction, whose gas its callers prepaid, leaves out what it cannot afford.
    function test_TheDeferredTransaction_GoesOnWithOthers() public {
        _fillTwoMarkets();
        _waitForTurnOf(ETH);
        _change(_trader(2), SECOND, true, true, 0.1e18, 0);
        _deferWith(_trader(3), SECOND, 4_000_000);
        assertEq(_baseOf(_trader(2), SECOND), 0.1e18, "the second market has settled");
        assertEq(_baseOf(_trader(0), SECOND), 0.01e18, "with what had waited");
        (uint256 waiting,,) = netted.engine.pendingOf(ETH);
        assertEq(waiting, 40, "the first has not");
    }

    /* LATER ENTRIES */

    /// Two of four orders are left, and 300 more were queued since, in a later block. To look at these would take 4.5 million gas.
    function test_AHalfSettledBatch_LooksAtNothingLater() public {
        netted = _deployNetted(0, 2);
        _list(netted, Allocation.Uniform);
        _fund(TRADERS, Defaults.COLLATERAL);
        _openEach(4);
        assertEq(_settleNextBlock(), 2, "two of four");
        _nextBlock();
        for (uint256 i; i < 300; ++i) {
            _openPosition(_trader(i % TRADERS), ETH, i % 2 == 0, 1e12);
        }
        _nextBlock();
        assertEq(_settleWith(3_000_000), 2, "the other two");
        _settleAll();
        _assertDrained(ETH);
    }

    /// The same of a batch that begins: four orders of the oldest block, 300 behind them.
    function test_TheOldestBlock_LooksAtNothingLater() public {
        _openEach(4);
        _nextBlock();
        for (uint256 i; i < 300; ++i) {
            _openPosition(_trader(i % TRADERS), ETH, i % 2 == 0, 1e12);
        }
        _nextBlock();
        assertEq(_settleWith(4_000_000), 4, "the oldest block's");
        assertEq(_settleNextBlock(), 300, "the others are still there");
    }

    /* HELPERS */

    function _openEach(uint256 count) private {
        for (uint256 i; i < count; ++i) {
            _openPosition(_trader(i), ETH, i % 2 == 0, 0.01e18);
        }
    }

    function _fillTwoMarkets() private {
        _list(netted, Allocation.Uniform);
        for (uint256 i; i < 40; ++i) {
            _openPosition(_trader(i % TRADERS), ETH, i % 2 == 0, 1e12);
        }
        _openPosition(_trader(0), SECOND, true, 0.01e18);
        _openPosition(_trader(1), SECOND, false, 0.01e18);
        _nextBlock();
    }
}
