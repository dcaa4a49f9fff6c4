// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { ICollateralVault } from "../interfaces/ICollateralVault.sol";
import { IMarketRegistry } from "../interfaces/IMarketRegistry.sol";
import { IPositionTracker } from "../interfaces/IPositionTracker.sol";
import { PerpMath } from "../libraries/PerpMath.sol";
import { PriceLib } from "../libraries/PriceLib.sol";
import { Market } from "../types/Market.sol";
import { MarketId } from "../types/MarketId.sol";
import { Position } from "../types/Position.sol";

/// @notice Reads accounts over all of their markets. The clearing houses and the perp engine share it, so that the pre-check
///         of an order and its admission at settlement are one rule.
abstract contract MarginReader {
    /// @notice An account, summed over markets. WAD.
    struct Exposure {
        /// Vault balance and realised profit and loss that has not moved into it.
        int256 collateral;
        /// Σ (base × mark + quote).
        int256 unrealizedPnl;
        /// Σ |base| × mark.
        uint256 openNotional;
        /// Σ |base × mark + quote| × MARGIN_RATIO.
        uint256 requiredMargin;
    }

    /// @dev Markets read in one call, each once.
    struct Markets {
        bool[] isLoaded;
        Market[] listing;
        uint256[] price;
    }

    /// @notice Holds the collateral of the accounts.
    ICollateralVault public immutable VAULT;

    constructor(ICollateralVault vault) {
        VAULT = vault;
    }

    /// @notice Bitmap of the markets in which `trader` has or had a position.
    function marketsOf(address trader) public view virtual returns (uint256);

    /// @dev The markets of the accounts.
    function _registry() internal view virtual returns (IMarketRegistry);

    function _newMarkets() internal view returns (Markets memory markets) {
        uint256 count = _registry().count();
        markets.isLoaded = new bool[](count);
        markets.listing = new Market[](count);
        markets.price = new uint256[](count);
    }

    /// @dev Listing and mid price of a market. Reverts for an unknown id.
    function _market(Markets memory markets, MarketId id) internal view returns (Market memory, uint256 price) {
        uint256 index = MarketId.unwrap(id);
        if (index >= markets.isLoaded.length) revert IMarketRegistry.MarketRegistry_UnknownMarket(id);
        if (!markets.isLoaded[index]) {
            markets.isLoaded[index] = true;
            markets.listing[index] = _registry().get(id);
            markets.price[index] = _registry().midPrice(id);
        }
        return (markets.listing[index], markets.price[index]);
    }

    /// @dev The account of `trader` over the markets of a bitmap.
    function _exposure(Markets memory markets, address trader, uint256 bitmap)
        internal
        view
        returns (Exposure memory exposure)
    {
        exposure.collateral = int256(VAULT.getBalance(trader));
        for (uint256 i; bitmap >> i != 0; ++i) {
            if (bitmap >> i & 1 == 0) continue;
            (Market memory market, uint256 price) = _market(markets, MarketId.wrap(uint16(i)));
            _add(exposure, IPositionTracker(market.tracker).positionOf(trader), price);
        }
    }

    /// @dev Adds a position to an account.
    function _add(Exposure memory exposure, Position memory position, uint256 price) internal pure {
        int256 value = PerpMath.positionValue(position.base, position.quote, price);
        exposure.collateral += int256(position.realizedPnl) - position.settledPnl;
        exposure.unrealizedPnl += value;
        exposure.openNotional += PerpMath.notional(position.base, price);
        exposure.requiredMargin += PerpMath.margin(uint256(value < 0 ? -value : value));
    }

    /// @dev What carries new risk: open losses count, open profits do not.
    function _carrying(Exposure memory exposure) internal pure returns (int256) {
        return exposure.unrealizedPnl < 0 ? exposure.collateral + exposure.unrealizedPnl : exposure.collateral;
    }

    /// @dev The worst price at which an order can fill, for its notional: a buyer's limit, never beyond the market's own
    ///      bound with the pool's fee on top. A seller's notional is largest at the mid price.
    function _worstPrice(Market memory market, uint256 price, bool buys, uint256 limitPrice)
        internal
        pure
        returns (uint256)
    {
        if (!buys) return price;
        uint256 bound = price * (PriceLib.BPS + market.maxPriceMoveBps) / PriceLib.BPS;
        bound = bound * PriceLib.FEE_UNIT / (PriceLib.FEE_UNIT - market.fee) + 1;
        return limitPrice == 0 || limitPrice > bound ? bound : limitPrice;
    }
}
