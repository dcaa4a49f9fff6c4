// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpClearingHouse } from "../../interfaces/IPerpClearingHouse.sol";
import { ReadsLib } from "../../perp/ReadsLib.sol";
import { Allocation } from "../../types/Market.sol";
import { MarketId } from "../../types/MarketId.sol";
import { MarketRisk } from "../../types/MarketRisk.sol";
import { HostileFeed } from "../mocks/HostileFeed.sol";
import { OrderTracking } from "../mocks/OrderTracking.sol";
import { Defaults } from "../utils/Defaults.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice What a settlement takes up where judging its orders reads much. 500,000 gas a market, 150,000 an order; to read, 250,000 a market, 32,000
///         a position.
contract ReadingGasTest is OrderTracking {
    uint256 private constant TRADERS = 10;
    uint256 private constant MARKETS = 32;
    MarketId private constant SECOND = MarketId.wrap(1);

    function setUp() public override {
        super.setUp();
        _fund(TRADERS, 10 * Defaults.COLLATERAL);
    }

    /// 1,800 orders of two traders in one block, 32 markets. With 16,000 gas for each market and order, they took 1.2 billion to begin with; now it
    /// is 500,000 + 1,800 x 150,000 and little more, and what is left of a billion fills all that it suffices for.
    function test_ABlockOfManyOrders_IsTakenUp() public {
        _listAll();
        for (uint256 i; i < 1800; ++i) {
            _change(_trader(i % 2), ETH, true, i % 2 == 0, 1e12, 0);
        }
        _nextBlock();
        assertEq(_settleWith(1_000_000_000), 1800, "all of them");
    }

    /// Many orders of two traders, who have positions in eight markets: an account is read once, not once an order. When they are read, 40 orders need 5
    /// million gas more, eight markets 2 million, 16 positions half a million; 320 positions would be 10 million. Their fills take 10.5 million.
    function test_ManyOrdersOfATrader_CountItsPositionsOnce() public {
        _listAll();
        for (uint16 m; m < 8; ++m) {
            _changeBoth(MarketId.wrap(m));
        }
        for (uint256 i; i < 40; ++i) {
            _change(_trader(i % 2), ETH, true, i % 2 == 0, 1e12, 0);
        }
        _nextBlock();
        assertEq(_settleWith(15_000_000), 40, "all of them");
    }

    /// One order in a block, nine in the next, each of a trader with positions in 24 markets. All ten are 2 million gas, 24 markets, and 240 positions of
    /// 7.7 million; the first alone has 24 of 0.8 million. What suffices for the first alone settles that.
    function test_TheOldestBlock_WhereAccountsCannotBeReadForMore() public {
        _takePositions(24);
        uint256 reading = 24 * ReadsLib.MARKET_GAS;
        _openPosition(_trader(0), ETH, true, 0.01e18);
        _nextBlock();
        for (uint256 t = 1; t < TRADERS; ++t) {
            _openPosition(_trader(t), ETH, t % 2 == 0, 0.01e18);
        }
        _nextBlock();
        assertEq(_settleWith(reading + 6_000_000), 1, "the oldest block's");
        _nextBlock();
        assertEq(_settleWith(reading + 6_000_000), 0, "nine accounts are more than that");
        _nextBlock();
        assertEq(_settleWith(reading + 14_000_000), 9, "and now the others");
    }

    /// The same in the deferred transaction, which clears queues: the orders that it left are still there. Nine more of its own block, and its own.
    function test_TheDeferredTransaction_LeavesLaterOrdersInTheQueue() public {
        _takePositions(24);
        _openPosition(_trader(0), ETH, true, 0.01e18);
        _nextBlock();
        for (uint256 t = 1; t < TRADERS; ++t) {
            _change(_trader(t), ETH, true, t % 2 == 0, 0.01e18, 0);
        }
        _deferWith(_trader(TRADERS + 1), ETH, 24 * ReadsLib.MARKET_GAS + 7_000_000);
        assertEq(_baseOf(_trader(0), ETH), 0.02e18, "the oldest block's has settled");
        assertEq(_baseOf(_trader(1), ETH), -0.01e18, "its own block's has not");
        assertEq(_settleNextBlock(), TRADERS, "nothing is lost");
    }

    /// The first market's orders can be read with the gas, and not judged: whose turn it is counts here too. The deferred transaction leaves them
    /// out, and settles the second market.
    function test_Settle_ServesInTurnWhereAccountsCannotBeRead() public {
        _takePositions(24);
        _fund(TRADERS + 2, Defaults.COLLATERAL);
        for (uint256 t; t < TRADERS; ++t) {
            _openPosition(_trader(t), ETH, t % 2 == 0, 0.01e18);
        }
        _openPosition(_trader(TRADERS), SECOND, true, 0.01e18);
        _nextBlock();
        _waitForTurnOf(ETH);
        assertEq(_settleWith(12_000_000), 0, "the first market's turn");
        uint256 state = vm.snapshotState();
        _nextBlock();
        assertEq(_settleWith(12_000_000), 1, "the second market's");
        vm.revertToState(state);
        _change(_trader(TRADERS), SECOND, true, true, 0.01e18, 0);
        _deferWith(_trader(TRADERS + 1), SECOND, 13_000_000);
        assertEq(_baseOf(_trader(TRADERS), SECOND), 0.02e18, "both of the second market have settled");
        assertEq(_baseOf(_trader(0), ETH), 0.01e18, "none of the first");
        _settleAll();
        assertEq(_baseOf(_trader(0), ETH), 0.02e18, "until there is the gas for it");
    }

    /// Ten traders with positions in 32 markets, 31 of them with feeds that use up all gas: with any gas it does not fail and each order ends
    /// once; least of all with the least that takes the orders up.
    function test_TradersOfAllMarkets_CostWhatIsKept() public {
        HostileFeed feed = _takePositions(MARKETS);
        feed.set(HostileFeed.Mode.Burn, "");
        vm.recordLogs();
        for (uint256 t; t < TRADERS; ++t) {
            _change(_trader(t), ETH, true, t % 2 == 0, 0.01e18, 0);
        }
        Vm.Log[] memory queued = vm.getRecordedLogs();
        _nextBlock();
        for (uint256 gasLimit = 700_000; gasLimit < 30_000_000; gasLimit += 2_500_000) {
            _tryWith(gasLimit, queued);
        }
        uint256 least = _leastGas();
        emit log_named_uint("least gas that takes the orders up", least);
        // What is read, a market and its orders, and up to 150,000 a market to look into its queues.
        uint256 kept = MARKETS * (ReadsLib.MARKET_GAS + TRADERS * ReadsLib.POSITION_GAS) + 2_000_000;
        assertLt(least, kept + MARKETS * 150_000, "no more than what is kept");
        assertGt(least, kept, "and no less");
        for (uint256 i; i < 20; ++i) {
            _tryWith(least + i * 10_000, queued);
        }
    }

    /* HELPERS */

    function _listAll() private {
        while (netted.registry.count() < MARKETS) _list(netted, Allocation.Uniform);
        _nextBlock();
    }

    /// @dev Gives each trader a position in the first markets, all of which but the first have one feed.
    function _takePositions(uint256 markets) private returns (HostileFeed feed) {
        feed = new HostileFeed();
        feed.set(HostileFeed.Mode.Answer, abi.encode(1, 2000e8, block.timestamp, block.timestamp, 1));
        for (uint16 m; m < markets; ++m) {
            if (m != 0) _useFeed(_list(netted, Allocation.Uniform), address(feed));
            for (uint256 t; t < TRADERS; ++t) {
                _change(_trader(t), MarketId.wrap(m), true, t % 2 == 0, 0.01e18, 0);
            }
        }
        _settleAll();
        assertEq(netted.engine.marketsOf(_trader(0)), (1 << markets) - 1, "a position in each");
    }

    function _useFeed(MarketId id, address feed) private {
        MarketRisk memory parameters = netted.risk.riskOf(id);
        (parameters.feed, parameters.feedMaxAge) = (feed, 172_800);
        (parameters.priceBandBps, parameters.maxDeviationBps) = (200, 1000);
        vm.prank(deployer);
        netted.risk.initialize(id, parameters);
    }

    function _changeBoth(MarketId id) private {
        _change(_trader(0), id, true, true, 0.01e18, 0);
        _change(_trader(1), id, true, false, 0.01e18, 0);
        assertEq(_settleNextBlock(), 2, "both end");
    }

    /// @dev From the present state: a settlement with so much gas, and then as many as it takes.
    function _tryWith(uint256 gasLimit, Vm.Log[] memory queued) private {
        uint256 state = vm.snapshotState();
        vm.recordLogs();
        vm.prank(keeper);
        (bool ok,) = address(netted.house).call{ gas: gasLimit }(abi.encodeCall(IPerpClearingHouse.settle, ()));
        assertTrue(ok, string.concat("settle() does not fail with ", vm.toString(gasLimit)));
        _settleAll();
        Vm.Log[] memory logs = vm.getRecordedLogs();
        Vm.Log[] memory all = new Vm.Log[](queued.length + logs.length);
        for (uint256 i; i < all.length; ++i) {
            all[i] = i < queued.length ? queued[i] : logs[i - queued.length];
        }
        assertEq(_assertEachEndedOnce(all, TRADERS).settled, TRADERS, "each filled");
        vm.revertToState(state);
    }

    /// @dev The least gas with which a settlement of the present state does something, to 5,000.
    function _leastGas() private returns (uint256 high) {
        uint256 low = 700_000;
        high = 60_000_000;
        while (high - low > 5000) {
            uint256 middle = (low + high) / 2;
            uint256 state = vm.snapshotState();
            bool worked = _settleWith(middle) != 0 || netted.engine.batchesInProgress() != 0;
            vm.revertToState(state);
            if (worked) high = middle;
            else low = middle;
        }
    }
}
