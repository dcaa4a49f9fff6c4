// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { MarketId } from "../types/MarketId.sol";
import { Order } from "../types/Order.sol";
import { RejectReason } from "../types/RejectReason.sol";

/// @notice Decides what of each order may fill.
interface IPerpAdmission {
    /// @notice The orders of one market.
    struct Candidates {
        MarketId market;
        /// Buyers first, then sellers.
        Order[] orders;
        /// How many of them buy.
        uint256 buyers;
    }

    /// @notice What was decided of the orders of one market, in their order.
    struct Decisions {
        /// Base that may fill, WAD; 0 when rejected.
        uint256[] admitted;
        RejectReason[] reasons;
        /// How far their residual may move the pool. WAD.
        uint256 lowestPrice;
        uint256 highestPrice;
    }

    /// @notice Thrown when anyone but the engine asks for a decision, or but the clearing house cancels a nonce.
    error PerpAdmission_Unauthorized(address caller);

    /// @notice A trader took back the signed orders of a nonce.
    event NonceCancelled(address indexed trader, uint256 nonce);

    /// @notice Decides over all markets of a settlement at once, and accrues their funding. Only the engine.
    function admit(Candidates[] calldata candidates) external returns (Decisions[] memory);

    /// @notice What {admit} reads to judge orders, for the gas of it: each market and each position of an account once.
    /// @return markets Markets that each of the candidates adds to those before it, its own included.
    /// @return positions Positions that it adds: those of traders without orders before it, in all of their markets.
    function readsOf(Candidates[] calldata candidates)
        external
        view
        returns (uint256[] memory markets, uint256[] memory positions);

    /// @notice Uses up a nonce of a trader's signed orders. Only the clearing house.
    function cancelNonce(address trader, uint256 nonce) external;

    /// @notice True when a nonce of a trader's signed orders is used or cancelled.
    function isNonceUsed(address trader, uint256 nonce) external view returns (bool);

    /// @notice Bitmap of the markets in which `trader` has or had a position, or earned a reward.
    function marketsOf(address trader) external view returns (uint256);
}
