// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { ISpotNetting } from "../interfaces/ISpotNetting.sol";
import { PoolSwapper } from "../netting/PoolSwapper.sol";
import { SafeTransferLib } from "solady/utils/SafeTransferLib.sol";

/// @notice Swaps the residual of spot batches: pools are paid out of the netting contract's escrow, and their output goes there.
/// @dev Holds no tokens and no allowance between calls: the netting contract itself pays, when the pool asks.
contract SpotRouter is PoolSwapper {
    using SafeTransferLib for address;

    /// @notice The only contract that may swap.
    address public immutable NETTING;

    constructor(address factory, address netting) PoolSwapper(factory) {
        NETTING = netting;
    }

    /// @inheritdoc PoolSwapper
    function _authorize(address caller) internal view override {
        if (caller != NETTING) revert SwapRouter_Unauthorized(caller);
    }

    /// @inheritdoc PoolSwapper
    function _pay(address token, address pool, address payer, uint256 amount) internal override {
        ISpotNetting(payer).payPool(token, pool, amount);
    }

    /// @inheritdoc PoolSwapper
    function _receive(address token, address recipient, uint256 amount) internal override {
        token.safeTransfer(recipient, amount);
    }
}
