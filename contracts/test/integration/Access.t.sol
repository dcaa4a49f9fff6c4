// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpClearingHouse } from "../../interfaces/IPerpClearingHouse.sol";
import { IPerpNettingEngine } from "../../interfaces/IPerpNettingEngine.sol";
import { Allocation } from "../../types/Market.sol";
import { MarketId } from "../../types/MarketId.sol";
import { CountingProxy } from "../mocks/CountingProxy.sol";
import { OrderTracking } from "../mocks/OrderTracking.sol";
import { AccessRecorder } from "../utils/AccessRecorder.sol";
import { Access, AccessKind, Accesses } from "../utils/Accesses.sol";
import { Defaults } from "../utils/Defaults.sol";

/// @notice What users' transactions of one generation read and write. Traders 0 to 3 have 1000 USDC, 1000 more in their
///         wallets, and positions of 0.1 in both markets.
/// @dev All transactions of a test are of one generation.
contract AccessTest is OrderTracking, AccessRecorder {
    MarketId internal constant SECOND = MarketId.wrap(1);

    address internal first;
    address internal other;

    function setUp() public override {
        super.setUp();
        _list(netted, Allocation.Uniform);
        _fund(4, Defaults.COLLATERAL);
        (first, other) = (_trader(0), _trader(1));
        for (uint256 t; t < 4; ++t) {
            vm.prank(deployer);
            usdc.mint(_trader(t), Defaults.COLLATERAL);
            vm.prank(_trader(t));
            usdc.approve(address(netted.vault), type(uint256).max);
            _openPosition(_trader(t), ETH, t % 2 == 0, 0.1e18);
            _openPosition(_trader(t), SECOND, t % 2 == 0, 0.1e18);
        }
        _settleAll();
        _nextBlock();
    }

    /* ORDERS */

    function test_ChangePosition_OfTwoSendersConflictsNowhere() public {
        _assertFree(_change(first, 1e18), _change(other, 1e18), "one side");
        _assertFree(_change(first, 1e18), _record(other, _changeCall(ETH, false, true, 2e18)), "both sides");
        _assertFree(_change(first, 1e18), _record(other, _changeCall(SECOND, true, true, 1e18)), "two markets");
    }

    function test_ChangePosition_TwiceByOneSenderConflictsNowhere() public {
        _assertFree(_change(first, 1e18), _change(first, 2e18), "two sizes");
        _assertFree(_change(first, 1e18), _change(first, 1e18), "the same order twice");
        _assertFree(_change(first, 1e18), _record(first, _changeCall(ETH, false, true, 1e18)), "an open and a close");
    }

    function test_ChangePosition_BesideTheSendersOwnTransactionsConflictsNowhere() public {
        Access[] memory change = _change(first, 1e18);
        _assertFree(change, _record(first, _depositCall()), "its deposit");
        _assertFree(change, _record(first, _withdrawCall()), "its withdrawal");
        _assertFree(change, _record(first, _openCall()), "its openPosition");
        _assertFree(change, _record(first, _closeCall()), "its closePosition");
    }

    /// Stronger than freedom from conflict: it touches no plain slot at all, so that nothing anyone writes can matter.
    function test_ChangePosition_TouchesNoPlainSlot() public {
        Access[] memory change = _change(first, 1e18);
        assertGt(change.length, 0, "something was recorded");
        for (uint256 i; i < change.length; ++i) {
            assertTrue(
                change[i].kind == AccessKind.Append || change[i].kind == AccessKind.Delta,
                "it appends and adds, no more"
            );
        }
    }

    function test_OrdersAndPayments_OfTwoSendersConflictNowhere() public {
        bytes[5] memory calls =
            [_openCall(), _closeCall(), _depositCall(), _withdrawCall(), _changeCall(ETH, true, true, 1e18)];
        for (uint256 i; i < calls.length; ++i) {
            Access[] memory mine = _record(first, calls[i]);
            for (uint256 j; j < calls.length; ++j) {
                _assertFree(mine, _record(other, calls[j]), string.concat("calls ", vm.toString(i), vm.toString(j)));
            }
        }
    }

    /// The orders of a contract wallet and of others, two in one transaction included, are as free.
    function test_OpenPosition_BesideSettleConflictsNowhere() public {
        Access[] memory settle = _record(keeper, abi.encodeCall(IPerpClearingHouse.settle, ()));
        _assertFree(settle, _change(first, 1e18), "settle() with nothing new, and changePosition");
        _assertFree(settle, _record(first, _openCall()), "settle() with nothing new, and openPosition");
        _assertFree(settle, _record(first, _depositCall()), "settle() with nothing new, and deposit");
    }

    /* SETTLEMENT */

    /// settle() with orders to end beside those that queue: it fills, they append, and neither waits for the other.
    function test_Settle_BesideChangePositionConflictsNowhere() public {
        _queueOne();
        Access[] memory settle = _record(keeper, abi.encodeCall(IPerpClearingHouse.settle, ()));
        _assertFree(settle, _change(first, 1e18), "settle() with work, and changePosition");
        _assertFree(settle, _change(_trader(2), 1e18), "settle() with work, and changePosition of a trader it fills");
    }

    /// The recorder is no rubber stamp: what must conflict does.
    function test_Settle_BesideWhatReadsThePoolConflicts() public {
        _queueOne();
        Access[] memory settle = _record(keeper, abi.encodeCall(IPerpClearingHouse.settle, ()));
        _assertConflict(settle, _record(first, _openCall()), "settle() moves the price that openPosition reads");
        _assertConflict(_record(first, _depositCall()), _record(first, _openCall()), "a sender's deposit and pre-check");
    }

    /// Jobs run in parallel: markets share nothing.
    function test_Jobs_OfTwoMarketsShareNothing() public {
        for (uint256 t; t < 4; ++t) {
            _openPosition(_trader(t), ETH, true, 0.1e18);
            _openPosition(_trader(t), SECOND, false, 0.1e18);
        }
        _nextBlock();
        _startRecording();
        vm.prank(keeper);
        assertEq(netted.house.settle{ gas: Defaults.SETTLE_GAS }(), 8, "all orders end");
        Access[][] memory jobs = _stopRecordingJobs();
        assertEq(jobs.length, 2, "a job each");
        assertGt(jobs[0].length, 10, "the first one did its work");
        assertGt(jobs[1].length, 10, "the second one did its work");
        _assertFree(jobs[0], jobs[1], "two markets");
    }

    /* THE FAULT THAT THESE TESTS ARE MADE TO FIND */

    function test_APlainCounterInQueueing_IsFound() public {
        address code = makeAddr("engine code");
        vm.etch(code, address(netted.engine).code);
        bytes4 counted = IPerpNettingEngine.queuePositionChange.selector;
        vm.etch(address(netted.engine), address(new CountingProxy(code, counted)).code);
        _assertConflict(_change(first, 1e18), _change(other, 1e18), "a counter in the engine");
        _assertConflict(_record(first, _openCall()), _record(other, _openCall()), "a counter in the engine");
    }

    /* RECORDING */

    function _record(address sender, bytes memory data) private returns (Access[] memory accesses) {
        _startRecording();
        vm.prank(sender, sender);
        (bool ok,) = address(netted.house).call{ gas: Defaults.SETTLE_GAS }(data);
        accesses = _stopRecording();
        assertTrue(ok, "the recorded call succeeds");
    }

    function _change(address trader, uint256 size) private returns (Access[] memory) {
        return _record(trader, _changeCall(ETH, true, true, size));
    }

    /// @dev An order of trader 2 that an earlier block left: one-sided, so that it moves the price.
    function _queueOne() private {
        _openPosition(_trader(2), ETH, true, 0.2e18);
        _nextBlock();
    }

    function _changeCall(MarketId id, bool isOpen, bool isLong, uint256 size) private pure returns (bytes memory) {
        return abi.encodeCall(IPerpClearingHouse.changePosition, (id, isOpen, isLong, size, 0, 0));
    }

    function _openCall() private pure returns (bytes memory) {
        return abi.encodeCall(IPerpClearingHouse.openPosition, (ETH, true, 0.1e18, 0, 0));
    }

    function _closeCall() private pure returns (bytes memory) {
        return abi.encodeCall(IPerpClearingHouse.closePosition, (ETH, type(uint96).max, 0, 0));
    }

    function _depositCall() private pure returns (bytes memory) {
        return abi.encodeCall(IPerpClearingHouse.deposit, (100 * Defaults.USDC));
    }

    function _withdrawCall() private pure returns (bytes memory) {
        return abi.encodeCall(IPerpClearingHouse.withdraw, (100 * Defaults.USDC));
    }

    function _assertFree(Access[] memory a, Access[] memory b, string memory why) private pure {
        assertGt(a.length, 0, "something was recorded");
        assertGt(b.length, 0, "something was recorded");
        (bool found, string memory what) = Accesses.conflict(a, b);
        assertFalse(found, string.concat(why, ": ", what));
    }

    function _assertConflict(Access[] memory a, Access[] memory b, string memory why) private pure {
        (bool found,) = Accesses.conflict(a, b);
        assertTrue(found, why);
    }
}
