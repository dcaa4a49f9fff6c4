// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { HashU256Map } from "../arcology/HashU256Map.sol";

/// @notice An ERC-20 whose balances are commutative: thousands of transfers to one address in one generation do not conflict,
///         where a plain ERC-20's run one after the other.
/// @dev A transfer reads no balance: the lower bound of a cumulative refuses what is not there, counted from the balance
///      before the generation.
contract ParallelERC20 is HashU256Map {
    event Transfer(address indexed from, address indexed to, uint256 amount);
    event Approval(address indexed owner, address indexed spender, uint256 amount);

    /// @notice Thrown when the allowance does not cover a transfer.
    error ParallelERC20_InsufficientAllowance(address owner, address spender, uint256 allowance, uint256 amount);
    /// @notice Thrown when tokens would go to nobody.
    error ParallelERC20_ZeroRecipient();

    /// @dev Largest balance: deltas are signed.
    uint256 private constant MAX_BALANCE = uint256(type(int256).max);

    string public name;
    string public symbol;
    uint8 public immutable decimals;

    mapping(address owner => mapping(address spender => uint256 amount)) public allowance;

    /// @dev Whether an account's cumulative was created.
    mapping(address account => bool isKnown) internal _isKnown;

    constructor(string memory name_, string memory symbol_, uint8 decimals_) {
        name = name_;
        symbol = symbol_;
        decimals = decimals_;
    }

    /// @notice The balance of `account`, token units.
    function balanceOf(address account) public view returns (uint256) {
        return _get(_key(account));
    }

    /// @notice Lets `spender` move up to `amount`; the maximum is never used up.
    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        emit Approval(msg.sender, spender, amount);
        return true;
    }

    /// @notice Moves `amount` to `to`.
    function transfer(address to, uint256 amount) external returns (bool) {
        _transfer(msg.sender, to, amount);
        return true;
    }

    /// @notice Moves `amount` from `from` to `to` by the caller's allowance.
    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        uint256 allowed = allowance[from][msg.sender];
        if (allowed != type(uint256).max) {
            if (allowed < amount) revert ParallelERC20_InsufficientAllowance(from, msg.sender, allowed, amount);
            allowance[from][msg.sender] = allowed - amount;
        }
        _transfer(from, to, amount);
        return true;
    }

    function _transfer(address from, address to, uint256 amount) internal {
        if (to == address(0)) revert ParallelERC20_ZeroRecipient();
        _touch(from);
        _touch(to);
        _sub(_key(from), amount);
        _add(_key(to), amount);
        emit Transfer(from, to, amount);
    }

    function _mint(address to, uint256 amount) internal {
        _touch(to);
        _add(_key(to), amount);
        emit Transfer(address(0), to, amount);
    }

    /// @dev An account's cumulative exists from its first transfer on. Asking the container whether it does would read the
    ///      balance, which conflicts with every other transfer; this slot is written once.
    function _touch(address account) private {
        if (_isKnown[account]) return;
        _isKnown[account] = true;
        _init(_key(account), 0, MAX_BALANCE);
    }

    function _key(address account) private pure returns (bytes32) {
        return bytes32(uint256(uint160(account)));
    }
}
