// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { ICollateralVault } from "../interfaces/ICollateralVault.sol";
import { IMarketRegistry } from "../interfaces/IMarketRegistry.sol";
import { IPositionTracker } from "../interfaces/IPositionTracker.sol";
import { IRiskRegistry } from "../interfaces/IRiskRegistry.sol";
import { FundingLib } from "../libraries/FundingLib.sol";
import { PerpMath } from "../libraries/PerpMath.sol";
import { MarketId } from "../types/MarketId.sol";
import { MarketView } from "../types/MarketView.sol";
import { Position } from "../types/Position.sol";
import { CostLib, Drain } from "./CostLib.sol";
import { FixedPointMathLib } from "solady/utils/FixedPointMathLib.sol";

/// @notice Reads accounts over all of their markets. The clearing houses, the admission of orders and the lens share it, so that
///         the pre-check of an order, its admission at settlement and what a trader sees are one rule.
abstract contract MarginReader {
    using CostLib for MarketView;

    /// @notice An account, summed over markets. WAD.
    struct Exposure {
        /// Vault balance and realised profit and loss that has not moved into it.
        int256 collateral;
        /// Funding that is due and not booked yet: positive when the account pays.
        int256 funding;
        /// Σ (base × mark + quote).
        int256 unrealizedPnl;
        /// The same, each position at the mark or the pool's price, whichever is worse for it.
        int256 cautiousPnl;
        /// Σ |base| × mark.
        uint256 openNotional;
        /// Σ |base × mark + quote| × the market's initial ratio, as requested.
        uint256 requiredMargin;
        /// Σ |base| × mark × the market's initial ratio: what new risk needs.
        uint256 initialMargin;
        /// Σ |base| × mark × the market's maintenance ratio: below it the account is liquidated.
        uint256 maintenanceMargin;
    }

    /// @notice What of an account decides over its ways out. WAD.
    struct Footing {
        bool isLiquidatable;
        int256 equity;
        int256 cautiousEquity;
        uint256 initialMargin;
        uint256 maintenanceMargin;
    }

    /// @notice Holds the collateral of the accounts.
    ICollateralVault public immutable VAULT;
    /// @notice Parameters and prices of the markets.
    IRiskRegistry public immutable RISK;

    constructor(ICollateralVault vault, IRiskRegistry risk) {
        VAULT = vault;
        RISK = risk;
    }

    /// @notice Bitmap of the markets in which `trader` has or had a position.
    function marketsOf(address trader) public view virtual returns (uint256);

    /// @dev The markets of the accounts.
    function _registry() internal view virtual returns (IMarketRegistry);

    /// @dev The markets that one call reads, each at most once.
    function _newMarkets() internal view returns (MarketView[] memory markets) {
        markets = new MarketView[](_registry().count());
    }

    /// @dev A market. Reverts for an unknown id.
    function _market(MarketView[] memory markets, MarketId id) internal view returns (MarketView memory market) {
        uint256 index = MarketId.unwrap(id);
        if (index >= markets.length) revert IMarketRegistry.MarketRegistry_UnknownMarket(id);
        market = markets[index];
        if (market.isLoaded) return market;
        market.isLoaded = true;
        market.listing = _registry().get(id);
        market.risk = RISK.riskOf(id);
        market.midPrice = _registry().midPrice(id);
        market.prices = RISK.pricesOf(id);
        market.fundingIndex = IPositionTracker(market.listing.tracker)
            .fundingIndexAt(FundingLib.perSecond(market.prices, market.risk.maxFundingBpsPerDay));
    }

    /// @dev The account of `trader` over the markets of a bitmap.
    function _exposure(MarketView[] memory markets, address trader, uint256 bitmap)
        internal
        view
        returns (Exposure memory exposure)
    {
        exposure.collateral = int256(VAULT.getBalance(trader));
        for (uint256 i; bitmap >> i != 0; ++i) {
            if (bitmap >> i & 1 == 0) continue;
            MarketView memory market = _market(markets, MarketId.wrap(uint16(i)));
            _add(exposure, market, IPositionTracker(market.listing.tracker).positionOf(trader));
        }
    }

    /// @dev Adds a position to an account.
    function _add(Exposure memory exposure, MarketView memory market, Position memory position) internal pure {
        exposure.collateral += int256(position.realizedPnl) - position.settledPnl;
        if (position.base == 0) return;
        uint256 mark = market.prices.mark;
        int256 value = PerpMath.positionValue(position.base, position.quote, mark);
        uint256 notional = PerpMath.notional(position.base, mark);
        exposure.funding += FundingLib.owed(position.base, market.fundingIndex - position.fundingIndex);
        exposure.unrealizedPnl += value;
        exposure.cautiousPnl += market.midPrice == mark
            ? value
            : PerpMath.positionValue(position.base, position.quote, market.cautiousPrice(position.base > 0));
        exposure.openNotional += notional;
        exposure.requiredMargin += PerpMath.ratioOf(uint256(value < 0 ? -value : value), market.risk.initialMarginBps);
        exposure.initialMargin += PerpMath.ratioOf(notional, market.risk.initialMarginBps);
        exposure.maintenanceMargin += PerpMath.ratioOf(notional, market.risk.maintenanceMarginBps);
    }

    /// @dev What the account is worth: collateral, profit and loss of open positions, funding.
    function _equity(Exposure memory exposure) internal pure returns (int256) {
        return exposure.collateral + exposure.unrealizedPnl - exposure.funding;
    }

    /// @dev True when the account may be liquidated. An account without a position never is.
    function _isLiquidatable(Exposure memory exposure) internal pure returns (bool) {
        return exposure.openNotional != 0 && _equity(exposure) < int256(exposure.maintenanceMargin);
    }

    /// @dev What the account is worth at the least: each position at its cautious price, funding that is to come left out.
    function _cautiousEquity(Exposure memory exposure) internal pure returns (int256) {
        return exposure.collateral + exposure.cautiousPnl - FixedPointMathLib.max(exposure.funding, 0);
    }

    /// @dev What carries new risk: open losses and funding that is owed count, open profits do not.
    function _carrying(Exposure memory exposure) internal pure returns (int256) {
        return exposure.collateral + FixedPointMathLib.min(exposure.cautiousPnl, 0)
            - FixedPointMathLib.max(exposure.funding, 0);
    }

    function _footing(Exposure memory exposure) internal pure returns (Footing memory) {
        return Footing({
            isLiquidatable: _isLiquidatable(exposure),
            equity: _equity(exposure),
            cautiousEquity: _cautiousEquity(exposure),
            initialMargin: exposure.initialMargin,
            maintenanceMargin: exposure.maintenanceMargin
        });
    }

    /// @dev Whether an account can reduce its positions by itself: it does not end below zero, and where it is not liquidatable now
    ///      it is not afterwards.
    function _mayReduce(Footing memory footing, Drain memory drain) internal pure returns (bool) {
        if (footing.cautiousEquity < int256(drain.solvency)) return false;
        return footing.isLiquidatable || footing.equity >= int256(footing.maintenanceMargin) + int256(drain.margin);
    }
}
