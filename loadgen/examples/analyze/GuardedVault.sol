// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice Deposits that share nothing but a reentrancy lock, which is set and reset by every call.
contract GuardedVault {
    /// @notice Thrown when a call is made during another.
    error GuardedVault_Reentrant();

    bool private _isEntered;
    mapping(address account => uint256 amount) public deposited;

    modifier nonReentrant() {
        if (_isEntered) revert GuardedVault_Reentrant();
        _isEntered = true;
        _;
        _isEntered = false;
    }

    function deposit() external payable nonReentrant {
        deposited[msg.sender] += msg.value;
    }
}
