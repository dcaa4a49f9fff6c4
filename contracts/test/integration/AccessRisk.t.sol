// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpClearingHouse } from "../../interfaces/IPerpClearingHouse.sol";
import { Allocation } from "../../types/Market.sol";
import { OrderTracking } from "../mocks/OrderTracking.sol";
import { AccessRecorder } from "../utils/AccessRecorder.sol";
import { Access, AccessKind, Accesses } from "../utils/Accesses.sol";
import { Defaults } from "../utils/Defaults.sol";

/// @notice What liquidations and signed orders of one generation read and write. Traders 0 to 3 have positions of 0.1; the signer has
///         collateral.
contract AccessRiskTest is OrderTracking, AccessRecorder {
    address private first;
    address private other;
    address private signer;
    uint256 private signerKey;

    function setUp() public override {
        super.setUp();
        _list(netted, Allocation.Uniform);
        _fund(4, Defaults.COLLATERAL);
        (first, other) = (_trader(0), _trader(1));
        (signer, signerKey) = makeAddrAndKey("signer");
        _deposit(netted, signer, Defaults.COLLATERAL);
        for (uint256 t; t < 4; ++t) {
            vm.prank(deployer);
            usdc.mint(_trader(t), Defaults.COLLATERAL);
            vm.prank(_trader(t));
            usdc.approve(address(netted.vault), type(uint256).max);
            _openPosition(_trader(t), ETH, t % 2 == 0, 0.1e18);
        }
        _settleAll();
        _nextBlock();
    }

    /* LIQUIDATIONS, unread */

    function test_Liquidations_ConflictNowhere() public {
        Access[] memory liquidation = _record(first, _liquidationCall(_trader(2)));
        _assertFree(liquidation, _record(other, _liquidationCall(_trader(2))), "two keepers, one account");
        _assertFree(liquidation, _record(first, _liquidationCall(_trader(2))), "one keeper twice");
        _assertFree(liquidation, _record(other, _liquidationCall(first)), "the keeper itself");
        _assertFree(liquidation, _record(_trader(2), _openCall()), "the account's own order");
        _assertFree(liquidation, _record(other, _openCall()), "an order");
        _assertFree(liquidation, _record(_trader(2), _depositCall()), "the account's deposit");
        _assertFree(liquidation, _record(keeper, abi.encodeCall(IPerpClearingHouse.settle, ())), "settle()");
    }

    /// Stronger than freedom from conflict, as for any changePosition.
    function test_Liquidation_TouchesNoPlainSlot() public {
        _assertAppendsAlone(_record(first, _liquidationCall(_trader(2))));
    }

    /// The account is healthy: settlement says so, beside orders that append.
    function test_Liquidations_BesideTheirSettlementConflictNowhere() public {
        _record(first, _liquidationCall(_trader(2)));
        _nextBlock();
        Access[] memory settle = _record(keeper, abi.encodeCall(IPerpClearingHouse.settle, ()));
        _assertFree(settle, _record(other, _liquidationCall(_trader(2))), "settle() with work, and a liquidation");
        _assertFree(settle, _record(other, _openCall()), "settle() with work, and an order");
    }

    /* SIGNED ORDERS */

    function test_SignedOrders_ConflictNowhere() public {
        bytes memory call_ = _submitCall(1);
        Access[] memory submitted = _record(first, call_);
        _assertFree(submitted, _record(other, call_), "two relayers, one order");
        _assertFree(submitted, _record(first, call_), "one relayer twice");
        _assertFree(submitted, _record(other, _submitCall(2)), "two orders of one signer");
        _assertFree(submitted, _record(other, _openCall()), "an order");
        _assertFree(submitted, _record(signer, _openCall()), "the signer's own order");
        _assertFree(submitted, _record(other, _liquidationCall(signer)), "a liquidation of the signer");
        bytes memory cancel = abi.encodeCall(IPerpClearingHouse.cancelNonce, (1));
        _assertFree(submitted, _record(signer, cancel), "the signer's cancelNonce of this very nonce");
    }

    /// Cancelled and settled in one generation: that one must conflict, or a nonce would be both.
    function test_CancelNonce_BesideItsSettlementConflicts() public {
        _record(first, _submitCall(1));
        _nextBlock();
        Access[] memory settle = _record(keeper, abi.encodeCall(IPerpClearingHouse.settle, ()));
        Access[] memory cancel = _record(signer, abi.encodeCall(IPerpClearingHouse.cancelNonce, (1)));
        (bool found,) = Accesses.conflict(settle, cancel);
        assertTrue(found, "one of the two comes first");
    }

    /* RECORDING */

    function _record(address sender, bytes memory data) private returns (Access[] memory accesses) {
        _startRecording();
        vm.prank(sender, sender);
        (bool ok,) = address(netted.house).call{ gas: Defaults.SETTLE_GAS }(data);
        accesses = _stopRecording();
        assertTrue(ok, "the recorded call succeeds");
    }

    function _liquidationCall(address account) private view returns (bytes memory) {
        uint256 word = netted.house.liquidationOf(account, type(uint96).max);
        return abi.encodeCall(IPerpClearingHouse.changePosition, (ETH, false, true, word, 0, 0));
    }

    function _openCall() private pure returns (bytes memory) {
        return abi.encodeCall(IPerpClearingHouse.changePosition, (ETH, true, true, 1e18, 0, 0));
    }

    function _depositCall() private pure returns (bytes memory) {
        return abi.encodeCall(IPerpClearingHouse.deposit, (100 * Defaults.USDC));
    }

    function _submitCall(uint256 nonce) private view returns (bytes memory) {
        IPerpClearingHouse.SignedOrder[] memory orders = new IPerpClearingHouse.SignedOrder[](1);
        uint256 deadline = vm.getBlockTimestamp() + 600;
        orders[0] = IPerpClearingHouse.SignedOrder(signer, ETH, true, true, 0.1e18, 0, deadline, nonce, "");
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(signerKey, netted.house.orderDigest(orders[0]));
        orders[0].signature = abi.encodePacked(r, s, v);
        return abi.encodeCall(IPerpClearingHouse.submitOrders, (orders));
    }

    function _assertAppendsAlone(Access[] memory accesses) private pure {
        assertGt(accesses.length, 0, "something was recorded");
        for (uint256 i; i < accesses.length; ++i) {
            assertTrue(
                accesses[i].kind == AccessKind.Append || accesses[i].kind == AccessKind.Delta,
                "it appends and adds, no more"
            );
        }
    }

    function _assertFree(Access[] memory a, Access[] memory b, string memory why) private pure {
        assertGt(a.length, 0, "something was recorded");
        assertGt(b.length, 0, "something was recorded");
        (bool found, string memory what) = Accesses.conflict(a, b);
        assertFalse(found, string.concat(why, ": ", what));
    }
}
