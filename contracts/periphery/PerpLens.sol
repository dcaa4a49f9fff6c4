// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IMarketRegistry } from "../interfaces/IMarketRegistry.sol";
import { IPerpLens } from "../interfaces/IPerpLens.sol";
import { IPositionTracker } from "../interfaces/IPositionTracker.sol";
import { FundingLib } from "../libraries/FundingLib.sol";
import { PerpMath } from "../libraries/PerpMath.sol";
import { PriceLib } from "../libraries/PriceLib.sol";
import { MarginReader } from "../perp/MarginReader.sol";
import { PerpClearingHouse } from "../perp/PerpClearingHouse.sol";
import { PerpNetting } from "../perp/PerpNetting.sol";
import { PerpNettingEngine } from "../perp/PerpNettingEngine.sol";
import { MarketId } from "../types/MarketId.sol";
import { MarketView } from "../types/MarketView.sol";
import { Position } from "../types/Position.sol";
import { QuoteLib } from "./QuoteLib.sol";
import { FixedPointMathLib } from "solady/utils/FixedPointMathLib.sol";

/// @notice Views for a user interface. Holds nothing and may be deployed again at any time.
contract PerpLens is MarginReader, IPerpLens {
    using FixedPointMathLib for uint256;

    /// @notice The clearing house that is looked at.
    PerpClearingHouse public immutable HOUSE;
    /// @notice Its engine.
    PerpNettingEngine public immutable ENGINE;
    /// @notice Its netting contract.
    PerpNetting public immutable NETTING;
    /// @notice Its markets.
    IMarketRegistry public immutable REGISTRY;

    constructor(PerpClearingHouse house) MarginReader(house.VAULT(), house.RISK()) {
        HOUSE = house;
        ENGINE = PerpNettingEngine(address(house.ENGINE()));
        NETTING = PerpNetting(address(house.ENGINE().NETTING()));
        REGISTRY = house.REGISTRY();
    }

    /* ACCOUNTS */

    /// @inheritdoc IPerpLens
    function accountOf(address trader) external view returns (AccountView memory account) {
        MarketView[] memory markets = _newMarkets();
        uint256 bitmap = marketsOf(trader);
        Exposure memory exposure = _exposure(markets, trader, bitmap);
        account.collateral = exposure.collateral;
        account.unrealizedPnl = exposure.unrealizedPnl;
        account.funding = exposure.funding;
        account.equity = _equity(exposure);
        account.openNotional = exposure.openNotional;
        account.initialMargin = exposure.initialMargin;
        account.maintenanceMargin = exposure.maintenanceMargin;
        account.freeCollateral = exposure.collateral - int256(exposure.requiredMargin);
        account.withdrawable = HOUSE.getAccount(trader).withdrawable;
        account.leverage = _leverage(exposure.openNotional, account.equity);
        account.isLiquidatable = _isLiquidatable(exposure);
        account.badDebt = VAULT.badDebtOf(trader);
        account.positions = _positions(markets, trader, bitmap, exposure);
    }

    function _positions(MarketView[] memory markets, address trader, uint256 bitmap, Exposure memory exposure)
        private
        view
        returns (PositionView[] memory positions)
    {
        positions = new PositionView[](markets.length);
        uint256 count;
        for (uint256 i; bitmap >> i != 0; ++i) {
            if (bitmap >> i & 1 == 0) continue;
            MarketView memory market = _market(markets, MarketId.wrap(uint16(i)));
            Position memory position = IPositionTracker(market.listing.tracker).positionOf(trader);
            PositionView memory shown = positions[count++];
            shown.market = MarketId.wrap(uint16(i));
            (shown.base, shown.quote) = (position.base, position.quote);
            shown.markPrice = market.prices.mark;
            shown.realizedPnl = int256(position.realizedPnl) - position.settledPnl;
            if (position.base == 0) continue;
            shown.entryPrice =
                FixedPointMathLib.abs(position.quote).fullMulDiv(PriceLib.WAD, FixedPointMathLib.abs(position.base));
            shown.unrealizedPnl = PerpMath.positionValue(position.base, position.quote, market.prices.mark);
            shown.funding = FundingLib.owed(position.base, market.fundingIndex - position.fundingIndex);
            shown.liquidationPrice = _liquidationPrice(exposure, market, position);
        }
        assembly ("memory-safe") {
            mstore(positions, count)
        }
    }

    /// @dev The price P of one market at which equity = maintenance margin, the others unchanged: with the account's equity E and
    ///      maintenance M at the mark m, E + base × (P − m) = M + mm × |base| × (P − m), so
    ///      P = m − (E − M) ÷ (base − mm × |base|). Towards the mark.
    function _liquidationPrice(Exposure memory exposure, MarketView memory market, Position memory position)
        private
        pure
        returns (uint256)
    {
        int256 spare = _equity(exposure) - int256(exposure.maintenanceMargin);
        uint256 size = FixedPointMathLib.abs(position.base);
        uint256 bps = position.base > 0
            ? PriceLib.BPS - market.risk.maintenanceMarginBps
            : PriceLib.BPS + market.risk.maintenanceMarginBps;
        uint256 distance = FixedPointMathLib.abs(spare).fullMulDiv(PriceLib.WAD * PriceLib.BPS, size * bps);
        // A long falls into liquidation below the mark, a short above it; one that may be liquidated now the other way round.
        bool below = (position.base > 0) == (spare >= 0);
        uint256 mark = market.prices.mark;
        if (!below) return mark + distance;
        return distance < mark ? mark - distance : 0;
    }

    function _leverage(uint256 notional, int256 equity) private pure returns (uint256) {
        if (notional == 0) return 0;
        return equity <= 0 ? type(uint256).max : notional.fullMulDiv(PriceLib.WAD, uint256(equity));
    }

    /* MARKETS */

    /// @inheritdoc IPerpLens
    function marketOf(MarketId id) external view returns (MarketSummary memory summary) {
        MarketView memory market = _queuedMarket(id);
        summary.prices = market.prices;
        summary.midPrice = market.midPrice;
        summary.state = RISK.stateOf(id);
        summary.risk = market.risk;
        summary.fundingPerDay =
            FundingLib.perSecond(market.prices, market.risk.maxFundingBpsPerDay) * int256(FundingLib.DAY);
        (summary.longs, summary.shorts) = IPositionTracker(market.listing.tracker).openInterest();
        summary.skew = int256(summary.longs) - int256(summary.shorts);
        (summary.queuedOrders, summary.queuedLongs, summary.queuedShorts) = ENGINE.pendingOf(id);
        (summary.protocolFees, summary.insuranceFees) = NETTING.accountOf(id);
    }

    /// @inheritdoc IPerpLens
    function quoteOrder(MarketId id, bool buys, uint256 size, uint256 limitPrice) external view returns (Quote memory) {
        return QuoteLib.quote(ENGINE, NETTING, _queuedMarket(id), QuoteLib.Ask(id, buys, size, limitPrice));
    }

    /// @dev A market with queues. One that is listed and has none yet takes no orders.
    function _queuedMarket(MarketId id) private view returns (MarketView memory) {
        if (MarketId.unwrap(id) >= ENGINE.queuedMarkets()) revert IMarketRegistry.MarketRegistry_UnknownMarket(id);
        return _market(_newMarkets(), id);
    }

    /* SEVERAL */

    /// @inheritdoc IPerpLens
    function multicall(bytes[] calldata calls) external view returns (bytes[] memory answers) {
        answers = new bytes[](calls.length);
        for (uint256 i; i < calls.length; ++i) {
            (bool ok, bytes memory answer) = address(this).staticcall(calls[i]);
            if (!ok) {
                assembly ("memory-safe") {
                    revert(add(answer, 32), mload(answer))
                }
            }
            answers[i] = answer;
        }
    }

    /// @inheritdoc MarginReader
    function marketsOf(address trader) public view override returns (uint256) {
        return HOUSE.marketsOf(trader);
    }

    /// @inheritdoc MarginReader
    function _registry() internal view override returns (IMarketRegistry) {
        return REGISTRY;
    }
}
