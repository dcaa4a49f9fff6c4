// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { INetting } from "./INetting.sol";

/// @notice Holds the escrow of a spot engine and what its settlements credited. Amounts in wei of the token.
interface ISpotNetting is INetting {
    /// @notice Thrown when there is nothing to claim.
    error SpotNetting_NothingToClaim(address trader, address token);

    /// @notice Pays out all that `trader` can claim of `token`. Only the engine, on the trader's word.
    function claimFor(address trader, address token) external returns (uint256 amount);

    /// @notice Pays a pool what a swap owes it. Only the router, in the pool's callback.
    function payPool(address token, address pool, uint256 amount) external;

    /// @notice What `trader` can claim of `token`.
    function claimable(address token, address trader) external view returns (uint256);
}
