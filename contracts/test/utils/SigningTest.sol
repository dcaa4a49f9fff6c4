// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpClearingHouse } from "../../interfaces/IPerpClearingHouse.sol";
import { Defaults } from "./Defaults.sol";
import { LiquidationTest } from "./LiquidationTest.sol";

/// @notice Two traders whose keys the test has, with 10,000 USDC each, and orders that they sign.
abstract contract SigningTest is LiquidationTest {
    address internal signer;
    uint256 internal signerKey;
    address internal cosigner;
    uint256 internal cosignerKey;
    address internal relayer = makeAddr("relayer");

    function setUp() public virtual override {
        super.setUp();
        (signer, signerKey) = makeAddrAndKey("signer");
        (cosigner, cosignerKey) = makeAddrAndKey("cosigner");
        _deposit(netted, signer, 10 * Defaults.COLLATERAL);
        _deposit(netted, cosigner, 10 * Defaults.COLLATERAL);
        _nextBlock();
    }

    /// @dev An unsigned order to open 1 in the first market without a limit, good for an hour.
    function _order(address trader, bool isLong, uint256 nonce)
        internal
        view
        returns (IPerpClearingHouse.SignedOrder memory)
    {
        uint256 deadline = vm.getBlockTimestamp() + 1 hours;
        return IPerpClearingHouse.SignedOrder(trader, ETH, true, isLong, 1e18, 0, deadline, nonce, "");
    }

    function _signed(IPerpClearingHouse house, IPerpClearingHouse.SignedOrder memory order, uint256 key)
        internal
        view
        returns (IPerpClearingHouse.SignedOrder memory)
    {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, house.orderDigest(order));
        order.signature = abi.encodePacked(r, s, v);
        return order;
    }

    /// @dev The signer's order to open 1 on the netting house.
    function _signedOrder(bool isLong, uint256 nonce) internal view returns (IPerpClearingHouse.SignedOrder memory) {
        return _signed(netted.house, _order(signer, isLong, nonce), signerKey);
    }

    function _list1(IPerpClearingHouse.SignedOrder memory order)
        internal
        pure
        returns (IPerpClearingHouse.SignedOrder[] memory orders)
    {
        orders = new IPerpClearingHouse.SignedOrder[](1);
        orders[0] = order;
    }

    function _submit(address by, IPerpClearingHouse.SignedOrder memory order) internal {
        vm.prank(by, by);
        netted.house.submitOrders(_list1(order));
    }
}
