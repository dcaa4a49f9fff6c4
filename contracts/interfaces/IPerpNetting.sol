// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { MarketId } from "../types/MarketId.sol";

/// @notice What others read of the netting of positions.
interface IPerpNetting {
    /// @notice Fees of a market so far: the protocol's, and the insurance fund's. WAD.
    function accountOf(MarketId market) external view returns (uint128 protocol, uint128 insurance);
}
