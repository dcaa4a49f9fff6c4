// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Market } from "../types/Market.sol";
import { MarketId } from "../types/MarketId.sol";

/// @notice The listed markets. A listing never changes.
interface IMarketRegistry {
    /// @notice A market was listed.
    event MarketListed(MarketId indexed market, address indexed pool, address baseToken, address quoteToken);

    /// @notice Thrown for a market that was never listed.
    error MarketRegistry_UnknownMarket(MarketId market);
    /// @notice Thrown when no more markets can be listed.
    error MarketRegistry_Full(uint256 max);
    /// @notice Thrown when the pool and the tokens of a listing do not belong together.
    error MarketRegistry_WrongPool(address pool);
    /// @notice Thrown when the pool has no price yet.
    error MarketRegistry_PoolNotInitialized(address pool);
    /// @notice Thrown when the bound of the price move is not within 1 to 5,000 bps.
    error MarketRegistry_PriceMoveOutOfRange(uint256 bps);

    /// @notice Number of markets; ids run from 0.
    function count() external view returns (uint256);

    /// @notice A market's listing. Reverts for an unknown id.
    function get(MarketId market) external view returns (Market memory);

    /// @notice The pool's mid price, quote per base, WAD.
    function midPrice(MarketId market) external view returns (uint256);
}
