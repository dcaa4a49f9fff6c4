// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpClearingHouse } from "../interfaces/IPerpClearingHouse.sol";
import { TermsLib } from "./TermsLib.sol";
import { EIP712 } from "solady/utils/EIP712.sol";
import { SignatureCheckerLib } from "solady/utils/SignatureCheckerLib.sol";

/// @notice Orders that a trader signs and anyone submits (EIP-712; contract wallets by ERC-1271).
abstract contract SignedOrders is IPerpClearingHouse, EIP712 {
    bytes32 internal constant ORDER_TYPEHASH = keccak256(
        "Order(address trader,uint16 market,bool isOpen,bool isLong,uint256 size,uint256 limitPrice,uint256 deadline,uint256 nonce)"
    );

    /// @inheritdoc IPerpClearingHouse
    function submitOrders(SignedOrder[] calldata orders) external {
        for (uint256 i; i < orders.length; ++i) {
            SignedOrder calldata order = orders[i];
            TermsLib.checkNonce(order.nonce);
            if (order.deadline == 0) revert ClearingHouse_Expired(0, block.timestamp);
            if (!SignatureCheckerLib.isValidSignatureNowCalldata(order.trader, orderDigest(order), order.signature)) {
                revert ClearingHouse_BadSignature(order.trader);
            }
            _submit(order);
        }
    }

    /// @inheritdoc IPerpClearingHouse
    function orderDigest(SignedOrder calldata order) public view returns (bytes32) {
        return _hashTypedData(
            keccak256(
                abi.encode(
                    ORDER_TYPEHASH,
                    order.trader,
                    order.market,
                    order.isOpen,
                    order.isLong,
                    order.size,
                    order.limitPrice,
                    order.deadline,
                    order.nonce
                )
            )
        );
    }

    /// @dev Carries out, or queues, an order whose signature is good.
    function _submit(SignedOrder calldata order) internal virtual;

    function _domainNameAndVersion() internal pure override returns (string memory name, string memory version) {
        return ("netted-perpetuals", "1");
    }
}
