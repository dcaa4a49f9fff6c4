// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice The part of a plain ERC-20 that transfers use.
contract PlainToken {
    event Transfer(address indexed from, address indexed to, uint256 amount);

    mapping(address account => uint256 amount) public balanceOf;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
        emit Transfer(address(0), to, amount);
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
        emit Transfer(msg.sender, to, amount);
        return true;
    }
}
