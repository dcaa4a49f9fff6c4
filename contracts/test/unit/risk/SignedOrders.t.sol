// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpClearingHouse } from "../../../interfaces/IPerpClearingHouse.sol";
import { SigningWallet } from "../../mocks/SigningWallet.sol";
import { Defaults } from "../../utils/Defaults.sol";
import { SigningTest } from "../../utils/SigningTest.sol";

/// @notice Who has signed what: digests, signatures of accounts and of contract wallets. Replays: SignedReplay.t.sol.
contract SignedOrdersTest is SigningTest {
    /// The digest, from nothing but EIP-712 and the type in the docs.
    function test_Digest_IsEip712() public view {
        IPerpClearingHouse.SignedOrder memory order = _order(signer, true, 7);
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("netted-perpetuals"),
                keccak256("1"),
                block.chainid,
                address(netted.house)
            )
        );
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256(
                    "Order(address trader,uint16 market,bool isOpen,bool isLong,uint256 size,uint256 limitPrice,uint256 deadline,uint256 nonce)"
                ),
                signer,
                uint256(0),
                true,
                true,
                uint256(1e18),
                uint256(0),
                vm.getBlockTimestamp() + 1 hours,
                uint256(7)
            )
        );
        assertEq(
            netted.house.orderDigest(order), keccak256(abi.encodePacked(hex"1901", domain, structHash)), "the digest"
        );
    }

    /* SIGNERS */

    /// The relayer needs no leave and no collateral. One transaction, two traders: their orders net.
    function test_Submit_SeveralOfSeveralTraders() public {
        IPerpClearingHouse.SignedOrder[] memory orders = new IPerpClearingHouse.SignedOrder[](3);
        orders[0] = _signedOrder(true, 1);
        orders[1] = _signedOrder(true, 2);
        orders[2] = _order(cosigner, false, 1);
        orders[2].size = 2e18;
        orders[2] = _signed(netted.house, orders[2], cosignerKey);
        vm.prank(relayer);
        netted.house.submitOrders(orders);
        assertEq(_settleNextBlock(), 3, "all are queued");
        assertEq(_base(signer, ETH), 2e18, "both of the signer");
        assertEq(_base(cosigner, ETH), -2e18, "and the cosigner's");
        assertEq(_base(relayer, ETH), 0, "none is the relayer's");
        assertEq(netted.house.getMarkPrice(ETH), Defaults.PRICE, "they netted: the pool was not touched");
        assertTrue(netted.house.isNonceUsed(signer, 1) && netted.house.isNonceUsed(signer, 2), "nonces are used");
    }

    /// 64 bytes (EIP-2098): r, and s with the parity of v in its highest bit.
    function test_Submit_ACompactSignature() public {
        IPerpClearingHouse.SignedOrder memory order = _order(signer, true, 1);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(signerKey, netted.house.orderDigest(order));
        order.signature = abi.encodePacked(r, uint256(s) | uint256(v - 27) << 255);
        _submit(relayer, order);
        _settleNextBlock();
        assertEq(_base(signer, ETH), 1e18, "taken");
    }

    /// A signed close names the side that it closes; the wrong side closes nothing.
    function test_Submit_ACloseOfASide() public {
        _trade(signer, ETH, true, 3e18);
        IPerpClearingHouse.SignedOrder memory order = _order(signer, true, 1);
        (order.isOpen, order.size) = (false, 2e18);
        _submit(relayer, _signed(netted.house, order, signerKey));
        (order.isLong, order.nonce) = (false, 2);
        _submit(relayer, _signed(netted.house, order, signerKey));
        assertEq(_settleNextBlock(), 2, "both end");
        assertEq(_base(signer, ETH), 1e18, "one of them closed 2 of 3");
    }

    function test_Wallet_ItsOwnersSignatureIsItsWord() public {
        SigningWallet wallet = _wallet();
        _submit(relayer, _signed(netted.house, _order(address(wallet), true, 1), signerKey));
        _settleNextBlock();
        assertEq(_base(address(wallet), ETH), 1e18, "the wallet's position");
        assertEq(_base(signer, ETH), 0, "not its owner's");
    }

    /// Signed by the owner of yesterday; by nobody, with a wallet that answers nonsense; for a contract that is no wallet.
    function test_RevertWhen_AWalletDoesNotAgree() public {
        SigningWallet wallet = _wallet();
        IPerpClearingHouse.SignedOrder memory order = _signed(netted.house, _order(address(wallet), true, 1), signerKey);
        wallet.setOwner(cosigner);
        _expectBadSignature(address(wallet));
        _submit(relayer, order);

        wallet.setOwner(signer);
        wallet.setForced(0xffffffff);
        _expectBadSignature(address(wallet));
        _submit(relayer, order);

        order.trader = address(netted.vault);
        _expectBadSignature(address(netted.vault));
        _submit(relayer, order);
    }

    /* WHAT WAS NOT SIGNED */

    /// Any change of any field, and the signature is not of this order. A trader without a key too: ecrecover answers null.
    function testFuzz_RevertWhen_AnythingIsChanged(uint256 which, uint256 change) public {
        IPerpClearingHouse.SignedOrder memory order = _signedOrder(true, 1);
        change = bound(change, 1, type(uint64).max);
        which = which % 10;
        if (which == 0) order.trader = address(uint160(order.trader) ^ uint160(change));
        if (which == 1) order.market = BTC;
        if (which == 2) order.isOpen = false;
        if (which == 3) order.isLong = false;
        if (which == 4) order.size += change;
        if (which == 5) order.limitPrice = change;
        if (which == 6) order.deadline += change % 1e9 + 1;
        if (which == 7) order.nonce = 1 + change % 1e9 + 1;
        if (which == 8) order.signature[change % 64] ^= 0x01;
        if (which == 9) order.trader = address(0);
        _expectBadSignature(order.trader);
        _submit(relayer, order);
    }

    /// A signature for the baseline, for another chain, by another key, of a wrong length.
    function test_RevertWhen_TheSignatureIsForSomethingElse() public {
        IPerpClearingHouse.SignedOrder memory order = _order(signer, true, 1);
        order = _signed(direct.house, order, signerKey);
        _expectBadSignature(signer);
        _submit(relayer, order);

        uint256 chain = block.chainid;
        vm.chainId(chain + 1);
        order = _signed(netted.house, order, signerKey);
        vm.chainId(chain);
        _expectBadSignature(signer);
        _submit(relayer, order);

        order = _signed(netted.house, order, cosignerKey);
        _expectBadSignature(signer);
        _submit(relayer, order);

        order.signature = "";
        _expectBadSignature(signer);
        _submit(relayer, order);
    }

    /// An operator trades by its own transactions; its signature is nobody else's.
    function test_RevertWhen_AnOperatorSigns() public {
        vm.prank(signer);
        netted.house.setOperator(cosigner, true);
        IPerpClearingHouse.SignedOrder memory order = _signed(netted.house, _order(signer, true, 1), cosignerKey);
        _expectBadSignature(signer);
        _submit(relayer, order);
    }

    /* RANGES */

    function test_RevertWhen_ASignedOrderIsOutOfRange() public {
        IPerpClearingHouse.SignedOrder memory order = _order(signer, true, 1 << 36);
        _expectRefusal(
            order,
            abi.encodeWithSelector(IPerpClearingHouse.ClearingHouse_NonceTooLarge.selector, 1 << 36, (1 << 36) - 1)
        );
        order = _order(signer, true, 1);
        order.deadline = 0;
        uint256 now_ = vm.getBlockTimestamp();
        _expectRefusal(order, abi.encodeWithSelector(IPerpClearingHouse.ClearingHouse_Expired.selector, 0, now_));
        order.deadline = now_ - 1;
        _expectRefusal(order, abi.encodeWithSelector(IPerpClearingHouse.ClearingHouse_Expired.selector, now_ - 1, now_));
        order = _order(signer, true, 1);
        order.size = 0;
        _expectRefusal(order, abi.encodeWithSelector(IPerpClearingHouse.ClearingHouse_ZeroSize.selector));
        // A signed word is no liquidation.
        order.isOpen = false;
        order.size = netted.house.liquidationOf(alice, 1);
        _expectRefusal(
            order,
            abi.encodeWithSelector(IPerpClearingHouse.ClearingHouse_SizeTooLarge.selector, order.size, type(uint96).max)
        );
        order = _order(signer, true, 1);
        order.limitPrice = 1 << 128;
        _expectRefusal(
            order,
            abi.encodeWithSelector(IPerpClearingHouse.ClearingHouse_LimitTooLarge.selector, 1 << 128, type(uint128).max)
        );
    }

    /// All or none: one that is not good keeps out those beside it.
    function test_RevertWhen_OneOfSeveralIsNotGood() public {
        IPerpClearingHouse.SignedOrder[] memory orders = new IPerpClearingHouse.SignedOrder[](2);
        orders[0] = _signedOrder(true, 1);
        orders[1] = _signed(netted.house, _order(cosigner, true, 1), signerKey);
        _expectBadSignature(cosigner);
        netted.house.submitOrders(orders);
        assertEq(_settleNextBlock(), 0, "nothing is queued");
    }

    function test_Submit_NothingDoesNothing() public {
        netted.house.submitOrders(new IPerpClearingHouse.SignedOrder[](0));
        assertEq(_settleNextBlock(), 0, "nothing is queued");
    }

    /* HELPERS */

    function _wallet() private returns (SigningWallet wallet) {
        wallet = new SigningWallet(signer);
        vm.prank(deployer);
        usdc.mint(address(wallet), Defaults.COLLATERAL);
        _nextBlock();
        wallet.deposit(netted.house, usdc, address(netted.vault), Defaults.COLLATERAL);
        _nextBlock();
    }

    function _expectBadSignature(address trader) private {
        vm.expectRevert(abi.encodeWithSelector(IPerpClearingHouse.ClearingHouse_BadSignature.selector, trader));
    }

    function _expectRefusal(IPerpClearingHouse.SignedOrder memory order, bytes memory error_) private {
        order = _signed(netted.house, order, signerKey);
        vm.expectRevert(error_);
        _submit(relayer, order);
    }
}
