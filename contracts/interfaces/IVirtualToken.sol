// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice One leg of a market (vETH or vUSDC).
/// @dev What the pool holds is minted and burned for real. A trader's balance is the positive leg of its position, read from
///      the tracker: a fill announces its change with a Transfer event and writes nothing.
interface IVirtualToken {
    /// @notice Thrown when anyone but the protocol moves, mints, burns or announces.
    error VirtualToken_Unauthorized(address caller);

    /// @notice Mints to the pool or the router. Only the router.
    function mint(address to, uint256 amount) external;

    /// @notice Burns what the router holds. Only the router.
    function burn(uint256 amount) external;

    /// @notice Announces a change of a trader's leg as a mint (positive) or a burn (negative). Only the netting contract.
    function announce(address trader, int256 delta) external;
}
