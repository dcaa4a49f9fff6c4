// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpAdmission } from "../interfaces/IPerpAdmission.sol";
import { Order } from "../types/Order.sol";
import { RejectReason } from "../types/RejectReason.sol";
import { NonceTable, NonceTableLib } from "./NonceTable.sol";

/// @notice Nonces of signed orders: one order each.
abstract contract Nonces is IPerpAdmission {
    /// @dev Used or cancelled nonces: bit nonce % 256 of word nonce / 256.
    mapping(address trader => mapping(uint256 word => uint256 bits)) internal _usedNonces;

    /// @inheritdoc IPerpAdmission
    function isNonceUsed(address trader, uint256 nonce) public view returns (bool) {
        return _usedNonces[trader][nonce >> 8] >> (nonce & 255) & 1 != 0;
    }

    /// @dev A nonce is good for one order. It is used up whatever becomes of that order: what was rejected never fills later.
    function _checkNonces(Candidates[] memory candidates, Decisions[] memory decisions, bytes32 seed) internal {
        uint256 count;
        for (uint256 w; w < candidates.length; ++w) {
            for (uint256 i; i < candidates[w].orders.length; ++i) {
                if (candidates[w].orders[i].isSigned()) ++count;
            }
        }
        if (count == 0) return;
        NonceTable memory nonces = NonceTableLib.create(count, seed);
        for (uint256 w; w < candidates.length; ++w) {
            for (uint256 i; i < candidates[w].orders.length; ++i) {
                if (candidates[w].orders[i].isSigned()) nonces.enter(candidates[w].orders[i]);
            }
        }
        for (uint256 w; w < candidates.length; ++w) {
            for (uint256 i; i < candidates[w].orders.length; ++i) {
                Order memory order = candidates[w].orders[i];
                if (!order.isSigned()) continue;
                bool isGood = nonces.counts(order) && !isNonceUsed(order.trader(), order.nonce());
                if (isGood) _useNonce(order.trader(), order.nonce());
                else decisions[w].reasons[i] = RejectReason.NonceUsed;
            }
        }
    }

    function _useNonce(address trader, uint256 nonce) internal {
        _usedNonces[trader][nonce >> 8] |= 1 << (nonce & 255);
    }
}
