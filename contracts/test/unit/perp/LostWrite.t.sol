// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpClearingHouse } from "../../../interfaces/IPerpClearingHouse.sol";
import { Allocation } from "../../../types/Market.sol";
import { AccessRecorder } from "../../utils/AccessRecorder.sol";
import { Access, AccessKind, Accesses } from "../../utils/Accesses.sol";
import { Defaults } from "../../utils/Defaults.sol";
import { LiquidationTest } from "../../utils/LiquidationTest.sol";

/// @notice Of calls that the runtime runs one after the other in one sequence, a later one that only reads a slot can lose the write of an
///         earlier one: so it writes all that it reads of what an earlier one can have written, or does not read it.
contract LostWriteTest is LiquidationTest, AccessRecorder {
    /* settle() */

    /// Two of four orders end, and two are left: the second settle() of the block touches one slot, reads it and writes it.
    function test_Settle_TheSecondOfABlockTouchesOneSlot() public {
        _leaveABacklog();
        Access[] memory first = _record(keeper, _settleCall());
        assertEq(netted.engine.batchesInProgress(), 1, "half settled");
        Access[] memory later = _record(keeper, _settleCall());
        assertEq(later.length, 2, "one read, one write");
        assertEq(uint256(later[0].kind), uint256(AccessKind.PlainRead), "the read");
        assertEq(uint256(later[1].kind), uint256(AccessKind.PlainWrite), "the write");
        assertEq(later[0].key, later[1].key, "of one slot");
        assertEq(later[0].owner, address(netted.engine), "of the engine");
        _assertNothingLost(first, later);
        assertEq(_settleNextBlock(), 2, "the next block's settle() ends the other two");
    }

    /// The turn is taken by the first settle() that does something, not by one that has too little gas for anything: with any gas, either
    /// orders end, or the next settle() of the block ends two.
    function test_Settle_OneThatDoesNothingLeavesTheTurn() public {
        _leaveABacklog();
        uint256 idle;
        for (uint256 gasLimit = 200_000; gasLimit < 4_000_000; gasLimit += 100_000) {
            uint256 state = vm.snapshotState();
            vm.prank(keeper);
            (bool ok,) = address(netted.house).call{ gas: gasLimit }(_settleCall());
            assertTrue(ok, "it does not revert");
            (uint256 waiting,,) = netted.engine.pendingOf(ETH);
            // A batch that has begun is something too: its rejections are out.
            bool worked = waiting != 4 || netted.engine.batchesInProgress() != 0;
            if (!worked) ++idle;
            vm.prank(keeper);
            uint256 ended = netted.house.settle{ gas: Defaults.SETTLE_GAS }();
            assertEq(ended, worked ? 0 : 2, string.concat("after one with ", vm.toString(gasLimit)));
            vm.revertToState(state);
        }
        assertGt(idle, 3, "some of them did nothing");
        assertLt(idle, 35, "and some did something");
    }

    /// Nothing to settle is no work.
    function test_Settle_AnIdleOneLeavesTheTurn() public {
        _leaveABacklog();
        assertEq(_settleNextBlock() + _settleNextBlock(), 4, "all end");
        _nextBlock();
        _record(keeper, _settleCall());
        Access[] memory later = _record(keeper, _settleCall());
        assertGt(later.length, 2, "the second one looks for work too");
    }

    /// The deferred transaction neither needs the turn nor takes it.
    function test_DeferredTransaction_KnowsNoTurn() public {
        _leaveABacklog();
        _record(keeper, _settleCall());
        Access[] memory turn = _record(keeper, _settleCall());
        _open(alice, true, 1e17);
        _beginDeferred();
        Access[] memory deferred = _record(
            bob,
            abi.encodeCall(IPerpClearingHouse.changePosition, (ETH, true, false, uint256(1e17), uint256(0), uint256(0)))
        );
        _endDeferred();
        (uint256 waiting,,) = netted.engine.pendingOf(ETH);
        assertEq(waiting, 2, "it has ended the two that settle() left, and its own wait");
        for (uint256 i; i < deferred.length; ++i) {
            bool isTurn = deferred[i].owner == turn[0].owner && deferred[i].key == turn[0].key;
            assertFalse(isTurn && Accesses.isPlain(deferred[i]), "it does not touch the turn");
        }
        assertEq(_settleNextBlock(), 2, "nor does it keep settle() off");
    }

    /// Should the bit come back that a settlement has cleared, it blocks nobody.
    function test_BatchesInProgress_AStaleBitBlocksNobody() public {
        _leaveABacklog();
        assertEq(_settleNextBlock(), 2, "half settled");
        assertEq(netted.engine.batchesInProgress(), 1, "half settled");
        _settleNextBlock();
        assertEq(netted.engine.batchesInProgress(), 0, "settled");

        vm.record();
        netted.engine.batchesInProgress();
        (bytes32[] memory read,) = vm.accesses(address(netted.engine));
        assertEq(read.length, 1, "with no bit set, it reads the bitmap alone");
        vm.store(address(netted.engine), read[0], bytes32(uint256(1)));
        assertEq(netted.engine.batchesInProgress(), 0, "the stale bit does not show");
        _open(alice, true, 1e17);
        _open(bob, false, 1e17);
        assertEq(_settleNextBlock(), 2, "orders still settle");
        vm.prank(alice);
        netted.house.withdraw(1);
    }

    /* ACCOUNTS */

    /// The first moves a loss of 100 from the market's entry into the vault, and the second finds nothing to move. A position in another
    /// market has nothing to move either time.
    function test_Withdraw_TwoOfAnAccount() public {
        _trade(alice, BTC, true, 0.1e18);
        _loseInEth(1e18, 1936e18);
        bytes memory call = abi.encodeCall(IPerpClearingHouse.withdraw, (10 * Defaults.USDC));
        Access[] memory first = _record(alice, call);
        Access[] memory later = _record(alice, call);
        assertEq(netted.vault.getBalance(alice), 1000e18 - 64e18 - 20e18, "1000 - 1 x (2000 - 1936) - 2 x 10");
        _assertNothingLost(first, later);
    }

    /// The first records the bad debt, the second finds an account that owes nothing: 4 x (2000 - 1600) and 1.5 % of 6400 less 1000.
    function test_SettleBadDebt_TwoOfAnAccountThatOwes() public {
        _trade(alice, ETH, true, 4e18);
        _setPrice(ETH, 1600e18);
        _liquidateAll(ETH, true, 4e18, true);
        bytes memory call = abi.encodeCall(IPerpClearingHouse.settleBadDebt, (alice));
        Access[] memory first = _record(carol, call);
        assertEq(netted.vault.badDebtOf(alice), 696e18, "recorded");
        Access[] memory later = _record(carol, call);
        assertEq(netted.vault.totalBadDebt(), 696e18, "once");
        _assertNothingLost(first, later);
    }

    /// A loss that the collateral covers: it moves too, and no bad debt comes of it.
    function test_SettleBadDebt_TwoOfAFlatAccountThatOwesNothing() public {
        _loseInEth(1e18, 1936e18);
        bytes memory call = abi.encodeCall(IPerpClearingHouse.settleBadDebt, (alice));
        Access[] memory first = _record(carol, call);
        Access[] memory later = _record(carol, call);
        assertEq(netted.vault.getBalance(alice), 936e18, "1000 - 64");
        assertEq(netted.vault.totalBadDebt(), 0, "nothing is owed");
        _assertNothingLost(first, later);
    }

    /// Of an account with a position nothing is written, so there is nothing to lose.
    function test_SettleBadDebt_OfAnAccountWithAPositionWritesNothing() public {
        _loseInEth(1e18, 1936e18);
        _trade(carol, BTC, true, 1e18); // against bob
        Access[] memory call = _record(alice, abi.encodeCall(IPerpClearingHouse.settleBadDebt, (bob)));
        assertGt(call.length, 0, "it reads");
        for (uint256 i; i < call.length; ++i) {
            assertFalse(Accesses.isWrite(call[i]), Accesses.describe(call[i]));
        }
    }

    /* HELPERS */

    /// @dev alice buys in ETH at 2000 and sells it all at `price`, both against bob at the mid.
    function _loseInEth(uint256 size, uint256 price) private {
        _trade(alice, ETH, true, size);
        _setPrice(ETH, price);
        _change(alice, ETH, false, true, size, 0);
        _changeDeferred(bob, ETH, false, false, size, 0);
        _nextBlock();
        assertEq(_base(alice, ETH), 0, "closed");
    }

    /// @dev An engine that fills two orders at a time, and four that wait.
    function _leaveABacklog() private {
        netted = _deployNetted(0, 2);
        _list(netted, Allocation.Uniform);
        _deposit(netted, alice, Defaults.COLLATERAL);
        _deposit(netted, bob, Defaults.COLLATERAL);
        _nextBlock();
        for (uint256 i; i < 2; ++i) {
            _open(alice, true, 1e17);
            _open(bob, false, 1e17);
        }
        _nextBlock();
    }

    function _settleCall() private pure returns (bytes memory) {
        return abi.encodeCall(IPerpClearingHouse.settle, ());
    }

    function _record(address sender, bytes memory data) private returns (Access[] memory accesses) {
        _startRecording();
        vm.prank(sender, sender);
        (bool ok,) = address(netted.house).call{ gas: Defaults.SETTLE_GAS }(data);
        accesses = _stopRecording();
        assertTrue(ok, "the recorded call succeeds");
    }

    function _assertNothingLost(Access[] memory earlier, Access[] memory later) private pure {
        uint256 writes;
        for (uint256 i; i < earlier.length; ++i) {
            if (Accesses.isWrite(earlier[i])) ++writes;
        }
        assertGt(writes, 0, "the earlier one wrote");
        (bool found, string memory what) = Accesses.lostWrite(earlier, later);
        assertFalse(found, what);
    }
}
