// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpClearingHouse } from "../interfaces/IPerpClearingHouse.sol";

/// @notice Who may trade for whom. Nothing here moves collateral.
abstract contract Operators is IPerpClearingHouse {
    /// @inheritdoc IPerpClearingHouse
    mapping(address trader => mapping(address operator => bool isAllowed)) public isOperator;

    /// @inheritdoc IPerpClearingHouse
    function setOperator(address operator, bool isAllowed) external {
        isOperator[msg.sender][operator] = isAllowed;
        emit OperatorSet(msg.sender, operator, isAllowed);
    }

    /// @dev Reverts unless the caller is the trader or one of its operators.
    function _requireMayTrade(address trader) internal view {
        if (msg.sender != trader && !isOperator[trader][msg.sender]) {
            revert ClearingHouse_NotOperator(trader, msg.sender);
        }
    }
}
