// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpAdmission } from "../../../interfaces/IPerpAdmission.sol";
import { IPerpClearingHouse } from "../../../interfaces/IPerpClearingHouse.sol";
import { IPerpNettingEngine } from "../../../interfaces/IPerpNettingEngine.sol";
import { MarketId } from "../../../types/MarketId.sol";
import { MarketRisk, MarketState, PriceStatus } from "../../../types/MarketRisk.sol";
import { RejectReason } from "../../../types/RejectReason.sol";
import { Defaults } from "../../utils/Defaults.sol";
import { LiquidationTest } from "../../utils/LiquidationTest.sol";

/// @notice What settlement lets in: states of a market, least sizes, open interest, skew, nonces of signed orders.
contract AdmissionTest is LiquidationTest {
    /// @dev As rich as bob and carol.
    address private rich = makeAddr("rich");
    address private signer;
    uint256 private signerKey;

    /// BTC has bounds: orders of 0.1 or more, 10 of base a side, 5 of skew.
    function _initializeRisk() internal override {
        MarketRisk memory parameters = netted.risk.riskOf(BTC);
        (parameters.minOrderSize, parameters.maxOpenInterest, parameters.maxSkew) = (0.1e18, 10e18, 5e18);
        _initialize(BTC, parameters);
        (signer, signerKey) = makeAddrAndKey("signer");
        _deposit(netted, signer, Defaults.COLLATERAL);
        _deposit(netted, rich, 1000 * Defaults.COLLATERAL);
    }

    /* STATES */

    /// Close-only: what grows a position is rejected, what reduces it is not, an opening order of the other side included.
    function test_CloseOnly_TakesWhatReduces() public {
        _trade(alice, ETH, true, 2e18);
        _setState(MarketState.CloseOnly);
        vm.recordLogs();
        _change(alice, ETH, true, true, 1, 0);
        _change(alice, ETH, true, false, 1e18, 0);
        _changeDeferred(bob, ETH, false, false, 1e18, 0);
        assertEq(_count(vm.getRecordedLogs(), RejectReason.MarketClosed), 1, "the one that grows");
        assertEq(_base(alice, ETH), 1e18, "the two that reduce fill");
    }

    /// An order that would turn the position around grows the other side: all of it is rejected.
    function test_CloseOnly_NotTurningAround() public {
        _trade(alice, ETH, true, 2e18);
        _setState(MarketState.CloseOnly);
        _change(alice, ETH, true, false, 2e18 + 1, 0);
        assertEq(_rejectedBySettle(RejectReason.MarketClosed), 1, "2 would do, a wei more turns it around");
        assertEq(_base(alice, ETH), 2e18, "untouched");
    }

    /// Paused: closes alone, whatever an opening order would do.
    function test_Paused_TakesClosesAlone() public {
        _trade(alice, ETH, true, 2e18);
        _setState(MarketState.Paused);
        vm.recordLogs();
        _change(alice, ETH, true, false, 1e18, 0);
        _change(alice, ETH, false, true, 1e18, 0);
        _changeDeferred(bob, ETH, false, false, 1e18, 0);
        assertEq(_count(vm.getRecordedLogs(), RejectReason.MarketClosed), 1, "an open that reduces is an open");
        assertEq(_base(alice, ETH), 1e18, "the close fills");
    }

    /// No new risk on a price that does not stand.
    function test_UntrustedPrice_TakesNoNewRisk() public {
        PriceStatus[3] memory statuses = [PriceStatus.Stale, PriceStatus.NonPositive, PriceStatus.Deviating];
        for (uint256 i; i < statuses.length; ++i) {
            _setMark(ETH, 2000e18, statuses[i]);
            _change(alice, ETH, true, true, 1e18, 0);
            assertEq(_rejectedBySettle(RejectReason.MarketClosed), 1, "rejected");
        }
        _setMark(ETH, 2000e18, PriceStatus.Ok);
        _change(alice, ETH, true, true, 1e18, 0);
        _settleNextBlock();
        assertEq(_base(alice, ETH), 1e18, "a price that stands");
    }

    function test_LeastSize_BindsOpensAlone() public {
        _change(alice, BTC, true, true, 0.1e18 - 1, 0);
        assertEq(_rejectedBySettle(RejectReason.TooSmall), 1, "a wei too small");
        _trade(alice, BTC, true, 0.1e18);
        _change(alice, BTC, false, true, 1, 0);
        _settleNextBlock();
        assertEq(_base(alice, BTC), 0.1e18 - 1, "closes may be as small as they like");
    }

    /* MARGIN */

    /// 1000 carry 5 at an initial margin of 10 %. Without a limit these may be sold at 1899.05: 1000 - 5 x 100.95 = 495.25 is less
    /// than the maintenance margin of 500, so that the order could be liquidated right after. With a limit it cannot.
    function test_Margin_TheWorstFillMustLeaveTheMaintenanceMargin() public {
        _change(alice, ETH, true, false, 5e18, 0);
        assertEq(_rejectedBySettle(RejectReason.MarginTooLow), 1, "495.25 < 500");
        // 1000 - 4.9763 x 100.95 = 497.64 > 497.63
        _change(alice, ETH, true, false, 4.9763e18, 0);
        _settleNextBlock();
        assertEq(_base(alice, ETH), -4.9763e18, "a little less is carried");
    }

    function test_Margin_ALimitBoundsTheWorstFill() public {
        _change(alice, ETH, true, false, 4.99e18, 1999e18);
        _changeDeferred(bob, ETH, true, true, 4.99e18, 0);
        assertEq(_base(alice, ETH), -4.99e18, "1000 - 4.99 is far more than 499");
    }

    /* OPEN INTEREST AND SKEW */

    /// 12 and 8 of buyers against 20 of a seller, 10 of room on each side: each gets half.
    function test_OpenInterest_TheRoomIsSharedInProportion() public {
        _change(bob, BTC, true, true, 12e18, 0);
        _change(rich, BTC, true, true, 8e18, 0);
        _changeDeferred(carol, BTC, true, false, 20e18, 0);
        assertEq(_base(bob, BTC), 6e18, "12 x 10 / 20");
        assertEq(_base(rich, BTC), 4e18, "8 x 10 / 20");
        assertEq(_base(carol, BTC), -10e18, "20 x 10 / 20");

        _nextBlock();
        _change(bob, BTC, true, true, 1e18, 0);
        assertEq(_rejectedBySettle(RejectReason.OpenInterest), 1, "no room left");
        _nextBlock();
        _change(bob, BTC, false, true, 6e18, 0);
        _changeDeferred(carol, BTC, false, false, 6e18, 0);
        assertEq(_base(bob, BTC), 0, "closes are never cut");
    }

    /// 3 nets and 5 of skew are left: the buyer of 12 gets 8.
    function test_Skew_IsBounded() public {
        _change(bob, BTC, true, true, 12e18, 0);
        _changeDeferred(carol, BTC, true, false, 3e18, 0);
        assertEq(_base(bob, BTC), 8e18, "3 + 5");
        assertEq(_base(carol, BTC), -3e18, "the other side is not cut");

        // 8 of long and 3 of short: closing the short would leave 8 of skew. It may, and nobody adds to it.
        _nextBlock();
        _change(carol, BTC, false, false, 3e18, 0);
        vm.recordLogs();
        _changeDeferred(rich, BTC, true, true, 1e18, 0);
        assertEq(_count(vm.getRecordedLogs(), RejectReason.OpenInterest), 1, "no room");
        assertEq(_base(carol, BTC), 0, "the close is not cut");
        _nextBlock();
        _changeDeferredPair(3e18);
        assertEq(_base(carol, BTC), -3e18, "what lessens the skew has room");
    }

    /// An order that turns a position around: what it reduces is not cut, what it grows is.
    function test_Skew_TheReducingPartIsNotCut() public {
        _change(bob, BTC, true, false, 5e18, 0);
        _changeDeferred(carol, BTC, true, true, 1e18, 0);
        assertEq(_base(bob, BTC), -5e18, "4 of skew");
        _nextBlock();
        // 1 - 5 = -4; buying 13 would leave a skew of 9: 4 are cut from the 8 that grow.
        _change(bob, BTC, true, true, 13e18, 0);
        _settleNextBlock();
        assertEq(_base(bob, BTC), 4e18, "5 that reduce and 8 - 4 that grow");
    }

    /* NONCES */

    /// Two relayers submit one order in one block: one of the two fills, and no later copy.
    function test_Nonce_OneOrderFillsOnce() public {
        IPerpClearingHouse.SignedOrder[] memory orders = _signed(7, 1e18);
        _submit(bob, orders);
        _submit(carol, orders);
        assertEq(_rejectedBySettle(RejectReason.NonceUsed), 1, "the other copy");
        assertEq(_base(signer, ETH), 1e18, "once");
        assertTrue(netted.house.isNonceUsed(signer, 7), "used");
        _submit(bob, orders);
        assertEq(_rejectedBySettle(RejectReason.NonceUsed), 1, "a later copy");
        assertEq(_base(signer, ETH), 1e18, "still once");
    }

    /// Two orders of one nonce in two markets: the lower id counts.
    function test_Nonce_TwoOrdersOfOneNonce() public {
        IPerpClearingHouse.SignedOrder[] memory orders = new IPerpClearingHouse.SignedOrder[](2);
        orders[0] = _signed(7, 0.5e18)[0];
        orders[1] = _sign(7, 0.5e18, BTC);
        _submit(bob, orders);
        assertEq(_rejectedBySettle(RejectReason.NonceUsed), 1, "one of the two");
        assertEq(_base(signer, ETH) + _base(signer, BTC), 0.5e18, "the other fills");
    }

    /// What was rejected never fills later: its nonce is used up.
    function test_Nonce_OfARejectedOrderIsUsed() public {
        _submit(bob, _signed(8, 1000e18));
        assertEq(_rejectedBySettle(RejectReason.MarginTooLow), 1, "it cannot pay for 1000");
        assertTrue(netted.house.isNonceUsed(signer, 8), "used up");
    }

    function test_Nonce_CancelledBeforeSettlement() public {
        _submit(bob, _signed(9, 1e18));
        vm.expectEmit();
        emit IPerpAdmission.NonceCancelled(signer, 9);
        vm.prank(signer);
        netted.house.cancelNonce(9);
        assertEq(_rejectedBySettle(RejectReason.NonceUsed), 1, "taken back");
    }

    /// Of two orders of one nonce the lower id counts, whichever was submitted first.
    function test_Nonce_TheOrderOfSubmissionDoesNotMatter() public {
        IPerpClearingHouse.SignedOrder[] memory orders = new IPerpClearingHouse.SignedOrder[](2);
        (orders[0], orders[1]) = (_sign(7, 0.5e18, ETH), _sign(7, 0.6e18, ETH));
        uint256 snapshot = vm.snapshotState();
        _submit(bob, orders);
        _settleNextBlock();
        int256 filled = _base(signer, ETH);
        assertGt(filled, 0, "one of the two");

        vm.revertToState(snapshot);
        (orders[0], orders[1]) = (orders[1], orders[0]);
        _submit(bob, orders);
        _settleNextBlock();
        assertEq(_base(signer, ETH), filled, "the same one");
    }

    /// Different nonces fill side by side, those of one word of the bitmap too.
    function test_Nonce_OthersAreFree() public {
        _submit(bob, _signed(255, 1e17));
        _submit(bob, _signed(256, 1e17));
        _submit(bob, _signed(254, 1e17));
        _settleNextBlock();
        assertEq(_base(signer, ETH), 3e17, "all three");
        assertFalse(netted.house.isNonceUsed(signer, 253), "and no other nonce");
        assertFalse(netted.house.isNonceUsed(alice, 255), "of nobody else");
    }

    /// The same order twice in one transaction would be one entry, counted twice.
    function test_RevertWhen_AnOrderIsSubmittedTwiceInOneTransaction() public {
        IPerpClearingHouse.SignedOrder[] memory orders = new IPerpClearingHouse.SignedOrder[](2);
        orders[0] = _signed(7, 1e18)[0];
        orders[1] = orders[0];
        vm.expectPartialRevert(IPerpNettingEngine.PerpNettingEngine_Duplicate.selector);
        vm.prank(bob);
        netted.house.submitOrders(orders);
    }

    /* HELPERS */

    function _changeDeferredPair(uint256 size) private {
        _change(carol, BTC, true, false, size, 0);
        _changeDeferred(bob, BTC, false, true, 1, 0);
    }

    function _setState(MarketState state) private {
        vm.prank(deployer);
        netted.risk.setState(ETH, state);
    }

    function _submit(address relayer, IPerpClearingHouse.SignedOrder[] memory orders) private {
        vm.prank(relayer);
        netted.house.submitOrders(orders);
    }

    function _signed(uint256 nonce, uint256 size)
        private
        view
        returns (IPerpClearingHouse.SignedOrder[] memory orders)
    {
        orders = new IPerpClearingHouse.SignedOrder[](1);
        orders[0] = _sign(nonce, size, ETH);
    }

    function _sign(uint256 nonce, uint256 size, MarketId id)
        private
        view
        returns (IPerpClearingHouse.SignedOrder memory order)
    {
        order = IPerpClearingHouse.SignedOrder(
            signer, id, true, true, size, 0, vm.getBlockTimestamp() + 1 hours, nonce, ""
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(signerKey, netted.house.orderDigest(order));
        order.signature = abi.encodePacked(r, s, v);
    }
}
