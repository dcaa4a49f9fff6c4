// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { WriteBack } from "../../arcology/WriteBack.sol";
import { IPerpEvents } from "../../interfaces/IPerpEvents.sol";
import { IPositionTracker } from "../../interfaces/IPositionTracker.sol";
import { IERC20 } from "../../interfaces/external/IERC20.sol";
import { IUniswapV3Pool } from "../../interfaces/external/IUniswapV3Pool.sol";
import { Market } from "../../types/Market.sol";
import { MarketId } from "../../types/MarketId.sol";
import { Position } from "../../types/Position.sol";
import { BaseTest } from "../Base.t.sol";
import { Defaults } from "../utils/Defaults.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice Many traders, the account of every order from its events, and the whole state as numbers that can be compared.
abstract contract OrderTracking is BaseTest {
    /// @notice What recorded events say.
    struct Tally {
        uint256 queued;
        uint256 settled;
        uint256 rejected;
        uint256 batches;
        uint256 swaps;
        uint256 writeBacks;
    }

    mapping(bytes32 orderId => uint256 times) private _queuedTimes;
    mapping(bytes32 orderId => uint256 times) private _endedTimes;

    /* ACTING */

    function _trader(uint256 index) internal pure returns (address) {
        return address(uint160(0x1000000000 + index));
    }

    /// @dev Gives traders 0 to count − 1 collateral.
    function _fund(uint256 count, uint256 amount) internal {
        for (uint256 i; i < count; ++i) {
            vm.prank(deployer);
            usdc.mint(_trader(i), amount);
        }
        _nextBlock();
        for (uint256 i; i < count; ++i) {
            vm.prank(_trader(i));
            usdc.approve(address(netted.vault), amount);
            vm.prank(_trader(i));
            netted.house.deposit(amount);
        }
        _nextBlock();
    }

    /// @dev Queues an order that the deferred transaction of its block leaves alone.
    function _openPosition(address trader, MarketId market, bool isLong, uint256 size) internal {
        vm.prank(trader);
        netted.house.openPosition(market, isLong, size, 0, 0);
    }

    /// @dev settle() in this block.
    function _settle() internal returns (uint256) {
        return _settleWith(Defaults.SETTLE_GAS);
    }

    /// @dev settle() in this block, with so much gas.
    function _settleWith(uint256 gasLimit) internal returns (uint256) {
        vm.prank(keeper);
        return netted.house.settle{ gas: gasLimit }();
    }

    /// @dev The block's deferred transaction, a sale of 0.01, with so much gas.
    function _deferWith(address trader, MarketId id, uint256 gasLimit) internal {
        _beginDeferred();
        vm.prank(trader, trader);
        netted.house.changePosition{ gas: gasLimit }(id, true, false, 0.01e18, 0, 0);
        _endDeferred();
    }

    /// @dev Goes on to a block in which settlement begins with a market.
    function _waitForTurnOf(MarketId id) internal {
        while (vm.getBlockNumber() % netted.engine.queuedMarkets() != MarketId.unwrap(id)) _nextBlock();
    }

    /// @dev Settles, a block at a time, until nothing is left.
    function _settleAll() internal {
        for (uint256 i; i < 200; ++i) {
            if (_settleNextBlock() == 0) return;
        }
        assertEq(_settleNextBlock(), 0, "settle() comes to an end");
    }

    /* EVENTS */

    /// @dev Counts, and checks that no order was queued twice and that each came to exactly one end.
    function _assertEachEndedOnce(Vm.Log[] memory logs, uint256 expected) internal returns (Tally memory tally) {
        tally = _tally(logs);
        assertEq(tally.queued, expected, "orders queued");
        assertEq(tally.settled + tally.rejected, expected, "orders ended");
        for (uint256 i; i < logs.length; ++i) {
            if (!_isQueued(logs[i]) && !_isEnd(logs[i])) continue;
            assertEq(_queuedTimes[logs[i].topics[1]], 1, "an order was queued once");
            assertEq(_endedTimes[logs[i].topics[1]], 1, "an order ended once");
        }
    }

    function _tally(Vm.Log[] memory logs) internal returns (Tally memory tally) {
        for (uint256 i; i < logs.length; ++i) {
            bytes32 topic = logs[i].topics[0];
            if (_isQueued(logs[i])) {
                ++tally.queued;
                ++_queuedTimes[logs[i].topics[1]];
            }
            if (_isEnd(logs[i])) {
                if (topic == IPerpEvents.OrderSettled.selector) ++tally.settled;
                else ++tally.rejected;
                ++_endedTimes[logs[i].topics[1]];
            }
            if (topic == IPerpEvents.BatchCleared.selector) ++tally.batches;
            if (topic == IUniswapV3Pool.Swap.selector) ++tally.swaps;
            if (topic == WriteBack.WriteBackEvent.selector) ++tally.writeBacks;
        }
    }

    function _isQueued(Vm.Log memory log) private pure returns (bool) {
        return log.topics[0] == IPerpEvents.OrderQueued.selector;
    }

    function _isEnd(Vm.Log memory log) private pure returns (bool) {
        return log.topics[0] == IPerpEvents.OrderSettled.selector || log.topics[0] == IPerpEvents.OrderRejected.selector;
    }

    /* STATE */

    /// @dev Nothing waits in a market, and its totals say so.
    function _assertDrained(MarketId id) internal view {
        (uint256 orders, uint256 longs, uint256 shorts) = netted.engine.pendingOf(id);
        assertEq(orders, 0, "no order waits");
        assertEq(longs, 0, "no base of buyers waits");
        assertEq(shorts, 0, "no base of sellers waits");
        assertEq(netted.engine.batchesInProgress(), 0, "no batch is half settled");
    }

    function _baseOf(address trader, MarketId id) internal view returns (int256 base) {
        (base,,) = netted.house.getPosition(trader, id);
    }

    /// @dev Everything that settling leaves: pools, tokens, dust, totals, positions, collateral. Wei.
    function _stateOf(uint256 markets, uint256 traders) internal view returns (uint256[] memory state) {
        state = new uint256[](markets * 10 + traders * (1 + 4 * markets));
        uint256 at;
        for (uint256 m; m < markets; ++m) {
            at = _marketState(MarketId.wrap(uint16(m)), state, at);
        }
        for (uint256 t; t < traders; ++t) {
            state[at++] = netted.vault.getBalance(_trader(t));
            for (uint256 m; m < markets; ++m) {
                at = _positionState(MarketId.wrap(uint16(m)), _trader(t), state, at);
            }
        }
        assertEq(at, state.length, "the whole state was read");
    }

    function _marketState(MarketId id, uint256[] memory state, uint256 at) private view returns (uint256) {
        Market memory market = _market(netted, id);
        (state[at++],,,,,,) = IUniswapV3Pool(market.pool).slot0();
        state[at++] = IUniswapV3Pool(market.pool).liquidity();
        state[at++] = IERC20(market.baseToken).balanceOf(market.pool);
        state[at++] = IERC20(market.quoteToken).balanceOf(market.pool);
        state[at++] = _token(market.baseToken).totalSupply();
        state[at++] = _token(market.quoteToken).totalSupply();
        (int128 base, int128 quote) = netted.netting.dustOf(id);
        (state[at++], state[at++]) = (uint256(int256(base)), uint256(int256(quote)));
        state[at++] = netted.engine.swapTotals(_queue(id, true).KEY());
        state[at++] = netted.engine.swapTotals(_queue(id, false).KEY());
        return at;
    }

    function _positionState(MarketId id, address trader, uint256[] memory state, uint256 at)
        private
        view
        returns (uint256)
    {
        Position memory position = IPositionTracker(_market(netted, id).tracker).positionOf(trader);
        state[at++] = uint256(int256(position.base));
        state[at++] = uint256(int256(position.quote));
        state[at++] = uint256(int256(position.realizedPnl));
        state[at++] = uint256(int256(position.settledPnl));
        return at;
    }
}
