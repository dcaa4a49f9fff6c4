// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpAdmission } from "../../../interfaces/IPerpAdmission.sol";
import { IPerpClearingHouse } from "../../../interfaces/IPerpClearingHouse.sol";
import { IPerpEvents } from "../../../interfaces/IPerpEvents.sol";
import { IPerpNettingEngine } from "../../../interfaces/IPerpNettingEngine.sol";
import { RejectReason } from "../../../types/RejectReason.sol";
import { SigningTest } from "../../utils/SigningTest.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice A signed order fills at most once, however often and by whomever it is submitted.
contract SignedReplayTest is SigningTest {
    uint256 private constant MAX_NONCE = (1 << 36) - 1;

    /* THE SAME ORDER AGAIN */

    function test_RevertWhen_OneTransactionHasAnOrderTwice() public {
        IPerpClearingHouse.SignedOrder[] memory orders = new IPerpClearingHouse.SignedOrder[](2);
        orders[0] = _signedOrder(true, 1);
        orders[1] = orders[0];
        vm.expectPartialRevert(IPerpNettingEngine.PerpNettingEngine_Duplicate.selector);
        vm.prank(relayer);
        netted.house.submitOrders(orders);
        assertEq(netted.engine.swapTotals(_queue(ETH, true).KEY()), 0, "nothing is left in the total");
    }

    /// Two relayers in one block: both queue, one fills.
    function test_TwoRelayers_OneFills() public {
        IPerpClearingHouse.SignedOrder memory order = _signedOrder(true, 1);
        _submit(relayer, order);
        _submit(second, order);
        assertEq(_rejectedBySettle(RejectReason.NonceUsed), 1, "the other one is told");
        assertEq(_base(signer, ETH), 1e18, "once");
    }

    /// In the next block, and after it filled.
    function test_ALaterReplay_IsRejected() public {
        IPerpClearingHouse.SignedOrder memory order = _signedOrder(true, 1);
        _submit(relayer, order);
        _settleNextBlock();
        _submit(relayer, order);
        assertEq(_rejectedBySettle(RejectReason.NonceUsed), 1, "used");
        assertEq(_base(signer, ETH), 1e18, "once");
    }

    /// Queued in two blocks that settle together.
    function test_TwoBlocksOfOneSettlement_OneFills() public {
        IPerpClearingHouse.SignedOrder memory order = _signedOrder(true, 1);
        _submit(relayer, order);
        _nextBlock();
        _submit(relayer, order);
        assertEq(_rejectedBySettle(RejectReason.NonceUsed), 1, "one of them");
        assertEq(_base(signer, ETH), 1e18, "once");
    }

    /// Different orders of one nonce, in both directions and markets: one fills.
    function test_TwoOrdersOfOneNonce_OneFills() public {
        IPerpClearingHouse.SignedOrder memory other = _order(signer, false, 1);
        other.market = BTC;
        _submit(relayer, _signedOrder(true, 1));
        _submit(relayer, _signed(netted.house, other, signerKey));
        assertEq(_rejectedBySettle(RejectReason.NonceUsed), 1, "one of the two");
        assertTrue((_base(signer, ETH) == 1e18) != (_base(signer, BTC) == -1e18), "the other one fills");
    }

    /// Alike in everything, queued by one transaction, but for the market: two orders of two ids, and one of them fills.
    function test_TwoMarketsOfOneNonceInOneTransaction_OneFills() public {
        IPerpClearingHouse.SignedOrder[] memory orders = new IPerpClearingHouse.SignedOrder[](2);
        orders[0] = _signedOrder(true, 1);
        orders[1] = _order(signer, true, 1);
        orders[1].market = BTC;
        orders[1] = _signed(netted.house, orders[1], signerKey);
        vm.recordLogs();
        vm.prank(relayer);
        netted.house.submitOrders(orders);
        bytes32[] memory ids = _queuedIn(vm.getRecordedLogs());
        assertEq(ids.length, 2, "both are queued");
        assertNotEq(ids[0], ids[1], "two orders, two ids");
        assertEq(_rejectedBySettle(RejectReason.NonceUsed), 1, "one of the two");
        assertEq(_base(signer, ETH) + _base(signer, BTC), 1e18, "the other one fills");
    }

    /// Nonces are a trader's own.
    function test_TwoTraders_ShareNoNonces() public {
        _submit(relayer, _signedOrder(true, 1));
        _submit(relayer, _signed(netted.house, _order(cosigner, false, 1), cosignerKey));
        assertEq(_rejectedBySettle(RejectReason.NonceUsed), 0, "none is used");
        assertEq(_base(signer, ETH), 1e18, "filled");
        assertEq(_base(cosigner, ETH), -1e18, "filled");
    }

    /// Any number of copies by any relayers over any blocks, in pairs of one settlement or one by one.
    function testFuzz_Replays_FillOnce(uint256 nonce, uint256 copies, uint256 pattern) public {
        IPerpClearingHouse.SignedOrder memory order = _signedOrder(pattern % 2 == 0, bound(nonce, 0, MAX_NONCE));
        copies = bound(copies, 1, 8);
        for (uint256 i; i < copies; ++i) {
            _submit(pattern >> i & 1 == 0 ? relayer : second, order);
            if (pattern >> (8 + i) & 1 == 0) _nextBlock();
            if (pattern >> (16 + i) & 1 == 0) _settleNextBlock();
        }
        _settleNextBlock();
        _settleNextBlock();
        assertEq(_base(signer, ETH), order.isLong ? int256(1e18) : -1e18, "once");
        assertTrue(netted.house.isNonceUsed(signer, order.nonce), "used");
        (uint256 waiting,,) = netted.engine.pendingOf(ETH);
        assertEq(waiting, 0, "none waits");
    }

    /* NONCES */

    /// Before it is submitted, and while it waits.
    function test_CancelNonce_TakesAnOrderBack() public {
        vm.expectEmit(address(netted.admission));
        emit IPerpAdmission.NonceCancelled(signer, 1);
        vm.prank(signer);
        netted.house.cancelNonce(1);
        _submit(relayer, _signedOrder(true, 1));
        _submit(relayer, _signedOrder(true, 2));
        vm.prank(signer);
        netted.house.cancelNonce(2);
        assertEq(_rejectedBySettle(RejectReason.NonceUsed), 2, "both are off");
        assertEq(_base(signer, ETH), 0, "nothing was opened");
    }

    /// The signer's own orders by transaction need no nonce.
    function test_CancelNonce_LeavesOtherOrdersAlone() public {
        vm.prank(signer);
        netted.house.cancelNonce(0);
        _change(signer, ETH, true, true, 1e18, 0);
        vm.prank(signer);
        netted.house.openPosition(ETH, true, 1e18, 0, 0);
        _settleNextBlock();
        assertEq(_base(signer, ETH), 2e18, "both filled");
        assertFalse(netted.house.isNonceUsed(signer, 1), "other nonces are free");
        assertFalse(netted.house.isNonceUsed(cosigner, 0), "as are those of others");
    }

    function test_RevertWhen_ANonceThatNoOrderHasIsCancelled() public {
        vm.expectRevert(
            abi.encodeWithSelector(IPerpClearingHouse.ClearingHouse_NonceTooLarge.selector, MAX_NONCE + 1, MAX_NONCE)
        );
        vm.prank(signer);
        netted.house.cancelNonce(MAX_NONCE + 1);
    }

    /// Words of 256 nonces: the first and last of some of them, each used alone.
    function test_Nonces_AreUsedOneByOne() public {
        uint256[5] memory nonces = [uint256(0), 255, 256, 511, MAX_NONCE];
        for (uint256 i; i < 5; ++i) {
            assertFalse(netted.house.isNonceUsed(signer, nonces[i]), "free");
            _submit(relayer, _signedOrder(true, nonces[i]));
            assertEq(_rejectedBySettle(RejectReason.NonceUsed), 0, "it fills");
            assertTrue(netted.house.isNonceUsed(signer, nonces[i]), "used");
        }
        assertEq(_base(signer, ETH), 5e18, "all five");
        assertFalse(netted.house.isNonceUsed(signer, 1) || netted.house.isNonceUsed(signer, 257), "no neighbour");
    }

    /// A nonce is used up by the settlement of its order, be that a rejection: what was rejected never fills later.
    function test_ARejectedOrder_UsesItsNonceUp() public {
        IPerpClearingHouse.SignedOrder memory order = _order(signer, true, 1);
        order.limitPrice = 1999e18;
        order = _signed(netted.house, order, signerKey);
        _submit(relayer, order);
        assertEq(_rejectedBySettle(RejectReason.LimitPrice), 1, "the mid is 2000");
        assertTrue(netted.house.isNonceUsed(signer, 1), "used up");

        order = _order(signer, true, 2);
        order.deadline = vm.getBlockTimestamp();
        _submit(relayer, _signed(netted.house, order, signerKey));
        assertEq(_rejectedBySettle(RejectReason.Expired), 1, "a second late");
        assertTrue(netted.house.isNonceUsed(signer, 2), "used up");
    }

    /// Lack of margin is a rejection, not a revert: submitting reads no account.
    function test_LackOfMargin_IsDecidedAtSettlement() public {
        IPerpClearingHouse.SignedOrder memory order = _order(signer, true, 1);
        order.size = 100e18;
        _submit(relayer, _signed(netted.house, order, signerKey));
        assertEq(_rejectedBySettle(RejectReason.MarginTooLow), 1, "100 need 20,000");
    }

    /* HELPERS */

    function _queuedIn(Vm.Log[] memory logs) private pure returns (bytes32[] memory ids) {
        ids = new bytes32[](logs.length);
        uint256 count;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == IPerpEvents.OrderQueued.selector) ids[count++] = logs[i].topics[1];
        }
        assembly ("memory-safe") {
            mstore(ids, count)
        }
    }
}
