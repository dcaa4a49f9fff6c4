// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Runtime } from "../arcology/Runtime.sol";
import { ICollateralVault } from "../interfaces/ICollateralVault.sol";
import { IMarketRegistry } from "../interfaces/IMarketRegistry.sol";
import { IPerpNetting } from "../interfaces/IPerpNetting.sol";
import { IPositionTracker } from "../interfaces/IPositionTracker.sol";
import { IRiskRegistry } from "../interfaces/IRiskRegistry.sol";
import { ISwapRouter } from "../interfaces/ISwapRouter.sol";
import { FundingLib } from "../libraries/FundingLib.sol";
import { LiquidationLib } from "../libraries/LiquidationLib.sol";
import { NettingMath } from "../libraries/NettingMath.sol";
import { PerpMath } from "../libraries/PerpMath.sol";
import { PriceLib } from "../libraries/PriceLib.sol";
import { ClearingHouseBase } from "../perp/ClearingHouseBase.sol";
import { CostLib } from "../perp/CostLib.sol";
import { FillLib } from "../perp/FillLib.sol";
import { Fund } from "../perp/Fund.sol";
import { MarginReader } from "../perp/MarginReader.sol";
import { MarketId } from "../types/MarketId.sol";
import { MarketRisk } from "../types/MarketRisk.sol";
import { MarketView } from "../types/MarketView.sol";

/// @notice Fills of the baseline: one swap with the pool an order, its funding and its fees.
abstract contract PoolFills is ClearingHouseBase, IPerpNetting {
    using CostLib for MarketView;

    /// @dev One order on its way through the pool.
    struct Trade {
        address trader;
        MarketId market;
        bool buys;
        uint256 base;
        uint256 limitPrice;
        /// Who liquidates; null for an order of the trader's own.
        address keeper;
    }

    /// @dev Fees of a market. WAD.
    struct Fees {
        uint128 protocol;
        uint128 insurance;
    }

    /// @notice Thrown when the pool does not fill the order within its limit and the market's bound. WAD.
    error PoolClearingHouse_BeyondLimit(uint256 base, uint256 filled, uint256 quote, uint256 limitPrice);
    /// @notice Where orders are swapped.
    ISwapRouter public immutable ROUTER;

    mapping(address trader => uint256 bitmap) internal _marketsOf;
    mapping(MarketId market => Fees fees) internal _feesByMarket;

    constructor(IMarketRegistry registry, ICollateralVault vault, IRiskRegistry risk, ISwapRouter router)
        ClearingHouseBase(registry, vault, risk)
    {
        ROUTER = router;
    }

    /// @inheritdoc IPerpNetting
    function accountOf(MarketId market) public view returns (uint128 protocol, uint128 insurance) {
        return (_feesByMarket[market].protocol, _feesByMarket[market].insurance);
    }

    /// @inheritdoc MarginReader
    function marketsOf(address trader) public view override returns (uint256) {
        return _marketsOf[trader];
    }

    /// @dev Swaps an order with the pool and books it: funding first, then the fill and its fee.
    function _trade(Trade memory trade, MarketView memory market) internal {
        bytes32 id = keccak256(Runtime.uuid());
        _touch(trade.trader, trade.market);
        IPositionTracker(market.listing.tracker)
            .accrueFunding(FundingLib.perSecond(market.prices, market.risk.maxFundingBpsPerDay));
        uint256 quote = _swapWithPool(trade, market);
        bool isLiquidation = trade.keeper != address(0);
        uint256 charge =
            isLiquidation ? _liquidationFee(id, trade, market, quote) : _takerFee(id, trade, market.risk, quote);
        (int256 baseDelta, int256 quoteDelta) = FillLib.deltas(trade.buys, trade.base, quote);
        int256 realizedPnl =
            FillLib.apply_(trade.market, market.listing, trade.trader, baseDelta, quoteDelta, int256(charge));
        emit OrderSettled(id, trade.trader, trade.market, baseDelta, quoteDelta, 0, trade.base, 0, realizedPnl);
    }

    function _takerFee(bytes32 id, Trade memory trade, MarketRisk memory risk, uint256 quote)
        private
        returns (uint256 fee)
    {
        fee = PerpMath.fee(quote, risk.pooledFeePpm);
        if (fee == 0) return 0;
        uint256 protocol = fee * risk.protocolShareBps / PriceLib.BPS;
        _addFees(trade.market, protocol, fee - protocol);
        emit FeePaid(id, trade.trader, trade.market, 0, fee);
    }

    function _liquidationFee(bytes32 id, Trade memory trade, MarketView memory market, uint256 quote)
        private
        returns (uint256 fee)
    {
        uint256 reward;
        (fee, reward) = LiquidationLib.fee(quote, market.risk);
        _addFees(trade.market, 0, fee - reward);
        if (reward != 0) {
            _touch(trade.keeper, trade.market);
            FillLib.apply_(trade.market, market.listing, trade.keeper, 0, 0, -int256(reward));
        }
        emit Liquidated(id, trade.trader, trade.market, trade.keeper, fee, reward);
    }

    function _addFees(MarketId market, uint256 protocol, uint256 insurance) private {
        Fees storage fees = _feesByMarket[market];
        fees.protocol += uint128(protocol);
        fees.insurance += uint128(insurance);
    }

    /// @dev From now on the account is summed over this market too.
    function _touch(address trader, MarketId market) private {
        uint256 bit = 1 << MarketId.unwrap(market);
        if (_marketsOf[trader] & bit == 0) _marketsOf[trader] |= bit;
    }

    function _swapWithPool(Trade memory trade, MarketView memory market) private returns (uint256 quote) {
        uint160 bound = PriceLib.toSqrtPriceX96(market.reach(trade.buys));
        ISwapRouter.Swapped memory swapped = trade.buys
            ? ROUTER.exactOutputExternal(market.listing, trade.base, bound)
            : ROUTER.exactInputExternal(market.listing, trade.base, bound);
        quote = swapped.quote;
        // The pool's amounts are exact: a limit holds when the quote is no worse than base × limit.
        uint256 limit = trade.limitPrice;
        bool isWithin = limit == 0
            || (trade.buys
                    ? quote <= NettingMath.shareUp(trade.base, limit, PriceLib.WAD)
                    : quote >= NettingMath.share(trade.base, limit, PriceLib.WAD));
        if (swapped.base != trade.base || !isWithin) {
            revert PoolClearingHouse_BeyondLimit(trade.base, swapped.base, quote, limit);
        }
    }

    /// @inheritdoc Fund
    function _feesOf(MarketId market) internal view override returns (uint256 protocol, uint256 insurance) {
        return accountOf(market);
    }

    /// @inheritdoc ClearingHouseBase
    /// @dev Nothing is ever half settled here.
    function _requireSettled() internal pure override { }
}
