// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { MULTIPROCESS_EMULATOR } from "../../emulation/IEmulation.sol";
import { BatchSettler } from "../../netting/BatchSettler.sol";
import { Allocation } from "../../types/Market.sol";
import { MarketId } from "../../types/MarketId.sol";
import { OrderTracking } from "../mocks/OrderTracking.sol";
import { Defaults } from "../utils/Defaults.sol";
import { VmSafe } from "forge-std/Vm.sol";

/// @notice Markets that settle as parallel jobs end where they end when they settle one after the other, whatever jobs do.
contract JobsTest is OrderTracking {
    uint256 internal constant TRADERS = 24;

    /// @dev One way to settle.
    struct Way {
        uint256 markets;
        uint256 threads;
        uint16 lostJobs;
        bool reversed;
        bool deferred;
    }

    uint256 internal start;

    function setUp() public override {
        super.setUp();
        start = vm.snapshotState();
    }

    function test_Jobs_AreUsedWithThreadsAlone() public {
        assertEq(_countJobs(Way(3, 20, 0, false, true)), 3, "one job a market");
        assertEq(_countJobs(Way(3, 0, 0, false, true)), 0, "without threads there are none");
        assertEq(_countJobs(Way(1, 20, 0, false, true)), 0, "one market needs none");
    }

    function test_ThreeMarkets_JobsEndAsInline() public {
        _assertSame(Way(3, 20, 0, false, true), Way(3, 0, 0, false, true), "in the deferred transaction");
    }

    function test_ThreeMarkets_JobsEndAsInlineInSettle() public {
        _assertSame(Way(3, 20, 0, false, false), Way(3, 0, 0, false, false), "in settle()");
    }

    function test_ThreeMarkets_ReversedJobsEndAsInline() public {
        _assertSame(Way(3, 20, 0, true, true), Way(3, 0, 0, false, true), "with the last job first");
    }

    function test_ThreeMarkets_ALostJobEndsAsInline() public {
        _assertSame(Way(3, 20, 2, false, true), Way(3, 0, 0, false, true), "when the second job does nothing");
    }

    function test_ThreeMarkets_AllJobsLostEndAsInline() public {
        _assertSame(Way(3, 20, type(uint16).max, false, false), Way(3, 0, 0, false, false), "when no job does anything");
    }

    /// The runtime executes 16 jobs: the 17th and 18th market settle inline.
    function test_18Markets_JobsEndAsInline() public {
        _assertSame(Way(18, 20, 0, false, true), Way(18, 0, 0, false, true), "beyond 16 markets");
    }

    function test_18Markets_LostAndReversedJobsEndAsInline() public {
        _assertSame(Way(18, 20, 0x8421, true, true), Way(18, 0, 0, false, true), "beyond 16 markets, some lost");
    }

    /// A job function is for the running settlement alone.
    function test_RevertWhen_AnyoneCallsAJob() public {
        vm.expectRevert(abi.encodeWithSelector(BatchSettler.NettingEngine_NotAJob.selector, alice));
        vm.prank(alice);
        netted.engine.runJob(ETH, "");
    }

    /* SCENARIO */

    function _assertSame(Way memory a, Way memory b, string memory why) private {
        uint256[] memory withJobs = _run(a);
        vm.revertToState(start);
        uint256[] memory inline_ = _run(b);
        assertEq(withJobs, inline_, why);
    }

    /// @dev Two batches in every market, the second one on top of positions; answers the state they leave.
    function _run(Way memory way) private returns (uint256[] memory) {
        _begin(way);
        vm.recordLogs();
        uint256 orders = _queueOpening(way);
        orders += _queueMixed(way);
        assertGt(_assertEachEndedOnce(vm.getRecordedLogs(), orders).rejected, 0, "some orders are rejected");
        return _stateOf(way.markets, TRADERS);
    }

    function _begin(Way memory way) private {
        netted = _deployNetted(way.threads, Defaults.CHUNK);
        for (uint256 m; m < way.markets; ++m) {
            _list(netted, m % 2 == 0 ? Allocation.Uniform : Allocation.Fifo);
        }
        _setJobFaults(way.lostJobs, way.reversed);
        _fund(TRADERS, 5000 * Defaults.USDC);
    }

    /// @dev Each trader opens in one market: longs in the first half, shorts of other sizes in the second.
    function _queueOpening(Way memory way) private returns (uint256) {
        for (uint256 t; t < TRADERS; ++t) {
            if (way.deferred && t == TRADERS - 1) _beginDeferred();
            _change(_trader(t), _marketOf(t, way), true, t < TRADERS / 2, 0.5e18 + t * 1e16, 0);
        }
        _finish(way);
        return TRADERS;
    }

    /// @dev Closes, opens with and without limits, in other markets too, and some that cannot fill.
    function _queueMixed(Way memory way) private returns (uint256 orders) {
        for (uint256 t; t < TRADERS; ++t) {
            address trader = _trader(t);
            bool isLong = t < TRADERS / 2;
            if (t % 3 == 0) _change(trader, _marketOf(t, way), false, isLong, 1e18, 0); // more than there is
            if (t % 3 == 1) _change(trader, _marketOf(t + 1, way), true, !isLong, 0.3e18, isLong ? 1990e18 : 2003e18);
            if (t % 3 == 2) _change(trader, _marketOf(t, way), true, isLong, 30e18, 0); // 60,000 USDC on 5,000
        }
        if (way.deferred) _beginDeferred();
        _change(_trader(0), _marketOf(0, way), true, true, 0.2e18, 0);
        _finish(way);
        return TRADERS + 1;
    }

    function _finish(Way memory way) private {
        if (way.deferred) _endDeferred();
        else _settleNextBlock();
        _nextBlock();
    }

    function _marketOf(uint256 t, Way memory way) private pure returns (MarketId) {
        return MarketId.wrap(uint16(t % way.markets));
    }

    /// @dev Calls of the engine's job function that the runtime makes.
    function _countJobs(Way memory way) private returns (uint256 count) {
        vm.revertToState(start);
        _begin(way);
        vm.startStateDiffRecording();
        _queueOpening(way);
        VmSafe.AccountAccess[] memory calls = vm.stopAndReturnStateDiff();
        for (uint256 i; i < calls.length; ++i) {
            if (calls[i].accessor == MULTIPROCESS_EMULATOR && calls[i].account == address(netted.engine)) ++count;
        }
    }
}
