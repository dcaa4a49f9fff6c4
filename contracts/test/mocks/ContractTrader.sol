// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpClearingHouse } from "../../interfaces/IPerpClearingHouse.sol";
import { TestUSDC } from "../../tokens/TestUSDC.sol";
import { MarketId } from "../../types/MarketId.sol";

/// @notice A contract wallet: may queue several orders in one transaction.
contract ContractTrader {
    IPerpClearingHouse private immutable _HOUSE;

    constructor(IPerpClearingHouse house) {
        _HOUSE = house;
    }

    function deposit(TestUSDC usdc, address vault, uint256 amount) external {
        usdc.approve(vault, amount);
        _HOUSE.deposit(amount);
    }

    /// @notice Queues the same order `count` times.
    function open(MarketId market, bool isLong, uint256 size, uint256 count) external {
        for (uint256 i; i < count; ++i) {
            _HOUSE.openPosition(market, isLong, size, 0, 0);
        }
    }

    /// @notice Tries the function that is for externally owned accounts alone.
    function change(MarketId market, uint256 size) external {
        _HOUSE.changePosition(market, true, true, size, 0, 0);
    }
}
