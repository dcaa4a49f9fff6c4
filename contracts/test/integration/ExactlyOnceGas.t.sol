// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpClearingHouse } from "../../interfaces/IPerpClearingHouse.sol";
import { Allocation } from "../../types/Market.sol";
import { MarketId } from "../../types/MarketId.sol";
import { OrderTracking } from "../mocks/OrderTracking.sol";
import { Defaults } from "../utils/Defaults.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice Whatever gas a settlement is given, it does not revert for lack of it, and every order ends exactly once.
contract ExactlyOnceGasTest is OrderTracking {
    uint256 internal constant MARKETS = 8;
    /// @dev More than one order costs to queue, as the runtime sees it: a caller pays at least 500,000 in advance, too.
    uint256 internal constant LEAST_GAS = 700_000;

    function setUp() public override {
        super.setUp();
        for (uint256 m = 1; m < MARKETS; ++m) {
            _list(netted, Allocation.Uniform);
        }
        _fund(MARKETS + 2, Defaults.COLLATERAL);
    }

    /// One market of 40 orders.
    function test_TheDeferredTransactionWithLittleGas_NeitherRevertsNorLoses() public {
        vm.recordLogs();
        for (uint256 i; i < 40; ++i) {
            _open(_trader(i % MARKETS), i % 3 == 0, 0.01e18 + i);
        }
        Vm.Log[] memory queued = vm.getRecordedLogs();
        _sweepDeferred(queued, 40);
    }

    /// A market each, and a rejection each: the gas runs out between markets.
    function test_TheDeferredTransactionWithLittleGas_LeavesMarketsWhole() public {
        vm.recordLogs();
        for (uint16 m; m < MARKETS; ++m) {
            for (uint256 i; i < 4; ++i) {
                _change(_trader(m), MarketId.wrap(m), true, i % 2 == 0, 0.01e18 + i, 0);
            }
            _change(alice, MarketId.wrap(m), true, true, 1e18, 0); // no collateral
        }
        Vm.Log[] memory queued = vm.getRecordedLogs();
        _sweepDeferred(queued, 5 * MARKETS);
    }

    /// Orders that the deferred transaction may not take stand before those it may: looking past them must not cost too much.
    function test_TheDeferredTransactionWithLittleGas_PassesManyOthers() public {
        vm.recordLogs();
        _open(_trader(0), true, 0.01e18);
        for (uint256 i; i < 300; ++i) {
            _openPosition(_trader(1), ETH, i % 2 == 0, 1e12 + i);
        }
        Vm.Log[] memory queued = vm.getRecordedLogs();
        _sweepDeferred(queued, 301);
    }

    /// settle() with any gas: what it ends it ends once, what it leaves another one ends.
    function test_SettleWithLittleGas_EndsEachOrderOnce() public {
        vm.recordLogs();
        for (uint16 m; m < MARKETS; ++m) {
            _openPosition(_trader(m), MarketId.wrap(m), true, 0.01e18);
            _change(alice, MarketId.wrap(m), true, true, 1e18, 0); // no collateral
        }
        Vm.Log[] memory queued = vm.getRecordedLogs();
        _nextBlock();
        uint256 state = vm.snapshotState();
        for (uint256 gas = 100_000; gas < 8_000_000; gas += 150_000) {
            vm.recordLogs();
            vm.prank(keeper);
            // Check: a settle() that fails for its gas has done nothing, so its success does not matter here.
            (bool ok,) = address(netted.house).call{ gas: gas }(abi.encodeCall(IPerpClearingHouse.settle, ()));
            assertTrue(ok || gas < LEAST_GAS, string.concat("settle() has the gas not to fail: ", vm.toString(gas)));
            _settleAll();
            _assertAllEnded(queued, 2 * MARKETS, gas);
            vm.revertToState(state);
        }
    }

    /// 200 settled orders wait to be cleared away: they must not make the next settle() dearer.
    function test_SettledEntries_CostTheNextSettleNothing() public {
        for (uint256 i; i < 200; ++i) {
            _openPosition(_trader(0), ETH, true, 1e12);
        }
        assertEq(_settleNextBlock(), 200, "they settle, and are too few to clear");
        _openPosition(_trader(1), ETH, true, 1e18);
        _openPosition(_trader(2), ETH, false, 1e18);
        _nextBlock();
        vm.prank(keeper);
        assertEq(netted.house.settle{ gas: 3_000_000 }(), 2, "two orders need the gas of two");
    }

    /* SWEEPS */

    /// @dev Sends the block's deferred transaction with gas from LEAST_GAS up, each time from the same state.
    function _sweepDeferred(Vm.Log[] memory queued, uint256 expected) private {
        uint256 state = vm.snapshotState();
        for (uint256 gas = LEAST_GAS; gas < 12_000_000; gas += 200_000) {
            vm.recordLogs();
            _beginDeferred();
            address last = _trader(MARKETS);
            vm.prank(last, last);
            (bool ok,) = address(netted.house).call{ gas: gas }(
                abi.encodeCall(IPerpClearingHouse.changePosition, (ETH, true, true, 0.02e18, 0, 0))
            );
            _endDeferred();
            assertTrue(ok, string.concat("the deferred transaction does not revert: ", vm.toString(gas)));
            _settleAll();
            _assertAllEnded(queued, expected + 1, gas);
            vm.revertToState(state);
        }
    }

    /// @dev The orders queued before the sweep and the one in the recorded logs have ended, once each.
    function _assertAllEnded(Vm.Log[] memory queued, uint256 expected, uint256 gas) private {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        Vm.Log[] memory all = new Vm.Log[](queued.length + logs.length);
        for (uint256 i; i < queued.length; ++i) {
            all[i] = queued[i];
        }
        for (uint256 i; i < logs.length; ++i) {
            all[queued.length + i] = logs[i];
        }
        emit log_named_uint("settled first with gas", gas);
        _assertEachEndedOnce(all, expected);
    }
}
