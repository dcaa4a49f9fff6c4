// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpClearingHouse } from "../interfaces/IPerpClearingHouse.sol";
import { OrderLib } from "../types/Order.sol";

/// @notice Ranges of what an order says. Reads no state.
library TermsLib {
    /// @notice Reverts unless a queue can carry `size`: 1 to 2^96 − 1.
    function checkSize(uint256 size) internal pure {
        if (size == 0) revert IPerpClearingHouse.ClearingHouse_ZeroSize();
        if (size > OrderLib.MAX_SIZE) revert IPerpClearingHouse.ClearingHouse_SizeTooLarge(size, OrderLib.MAX_SIZE);
    }

    /// @notice Reverts unless a queue can carry `limitPrice`: up to 2^128 − 1.
    function checkLimit(uint256 limitPrice) internal pure {
        if (limitPrice > OrderLib.MAX_LIMIT_PRICE) {
            revert IPerpClearingHouse.ClearingHouse_LimitTooLarge(limitPrice, OrderLib.MAX_LIMIT_PRICE);
        }
    }

    /// @notice Reverts unless `deadline` is 0, or lies ahead and a queue can carry it.
    function checkDeadline(uint256 deadline) internal view {
        if (deadline != 0 && (deadline < block.timestamp || deadline > OrderLib.MAX_DEADLINE)) {
            revert IPerpClearingHouse.ClearingHouse_Expired(deadline, block.timestamp);
        }
    }

    /// @notice Reverts unless a signed order can carry `nonce`: up to 2^36 − 1.
    function checkNonce(uint256 nonce) internal pure {
        if (nonce > OrderLib.MAX_NONCE) {
            revert IPerpClearingHouse.ClearingHouse_NonceTooLarge(nonce, OrderLib.MAX_NONCE);
        }
    }
}
