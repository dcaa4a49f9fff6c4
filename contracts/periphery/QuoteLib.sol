// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpLens } from "../interfaces/IPerpLens.sol";
import { IUniswapV3Pool } from "../interfaces/external/IUniswapV3Pool.sol";
import { NettingMath } from "../libraries/NettingMath.sol";
import { PerpMath } from "../libraries/PerpMath.sol";
import { PriceLib } from "../libraries/PriceLib.sol";
import { ResidualLib } from "../netting/ResidualLib.sol";
import { SwapRequestStore } from "../netting/SwapRequestStore.sol";
import { MarginReader } from "../perp/MarginReader.sol";
import { PerpNetting } from "../perp/PerpNetting.sol";
import { PerpNettingEngine } from "../perp/PerpNettingEngine.sol";
import { TermsLib } from "../perp/TermsLib.sol";
import { Batch, Clearing } from "../types/Batch.sol";
import { MarketId } from "../types/MarketId.sol";
import { Order, OrderLib } from "../types/Order.sol";
import { FixedPointMathLib } from "solady/utils/FixedPointMathLib.sol";

/// @notice What an order would get beside all that a market's queues hold: the steps of {Netting} on a batch that is not settled.
library QuoteLib {
    using FixedPointMathLib for uint256;

    /// @notice The order that is asked about.
    struct Ask {
        MarketId market;
        bool buys;
        uint256 size;
        uint256 limitPrice;
    }

    /// @notice The fill of an order; see {IPerpLens-quoteOrder}.
    function quote(PerpNettingEngine engine, PerpNetting netting, MarginReader.MarketView memory market, Ask memory ask)
        internal
        view
        returns (IPerpLens.Quote memory result)
    {
        TermsLib.checkSize(ask.size);
        TermsLib.checkLimit(ask.limitPrice);
        Batch memory batch = _batchWith(engine, ask);
        Order memory order = _asOrder(ask);
        result.cancelled = ask.size;
        if (!order.accepts(market.midPrice)) return result;
        _keepStanding(batch, market.midPrice);
        Clearing memory clearing = netting.findNettableAmountPerp(market.listing, batch, market.midPrice);
        result.netted = _netted(market, clearing, ask);
        uint256 nettedQuote = NettingMath.rounded(result.netted, market.midPrice, PriceLib.WAD, ask.buys);
        uint256 pooledQuote;
        if (clearing.residualPrice == 0 || order.accepts(clearing.residualPrice)) {
            (result.pooled, pooledQuote) = _pooled(market, clearing, ask, ask.size - result.netted);
        }
        uint256 filled = result.netted + result.pooled;
        result.cancelled = ask.size - filled;
        result.quote = nettedQuote + pooledQuote;
        result.averagePrice = filled == 0 ? 0 : result.quote.fullMulDiv(PriceLib.WAD, filled);
        result.fee =
            PerpMath.fee(nettedQuote, market.risk.nettedFeePpm) + PerpMath.fee(pooledQuote, market.risk.pooledFeePpm);
    }

    function _netted(MarginReader.MarketView memory market, Clearing memory clearing, Ask memory ask)
        private
        pure
        returns (uint256)
    {
        (uint256 common,) = NettingMath.split(clearing.longs, clearing.shorts);
        uint256 total = ask.buys ? clearing.longs : clearing.shorts;
        // Under Fifo the others of its side net first.
        clearing.fifoLeft = FixedPointMathLib.zeroFloorSub(common, total - ask.size);
        return ResidualLib.nettedOf(market.listing.allocation, clearing, ask.size, total, common, ask.buys);
    }

    /// @dev What the pool fills of the `rest` of an order, and the quote for it.
    function _pooled(MarginReader.MarketView memory market, Clearing memory clearing, Ask memory ask, uint256 rest)
        private
        view
        returns (uint256 pooled, uint256 pooledQuote)
    {
        if (rest == 0 || clearing.sharers == 0) return (0, 0);
        (, int256 leftover) = NettingMath.split(clearing.longs, clearing.shorts);
        uint256 wanted = FixedPointMathLib.abs(leftover).min(clearing.sharers);
        (uint256 base, uint256 price) = _swap(market, clearing, wanted, ask.buys);
        pooled = NettingMath.rounded(rest, base, clearing.sharers, !ask.buys).min(rest);
        pooledQuote = NettingMath.rounded(pooled, price, PriceLib.WAD, ask.buys);
    }

    /// @dev Base and average price of a swap in one range of liquidity, ended by the batch's price limit.
    function _swap(MarginReader.MarketView memory market, Clearing memory clearing, uint256 wanted, bool buys)
        private
        view
        returns (uint256 base, uint256 price)
    {
        uint128 liquidity = IUniswapV3Pool(market.listing.pool).liquidity();
        if (wanted == 0 || liquidity == 0) return (0, 0);
        uint256 kept = PriceLib.FEE_UNIT - market.listing.fee;
        // A seller of base pays the pool's fee out of the base that it brings.
        uint256 moving = buys ? wanted : wanted * kept / PriceLib.FEE_UNIT;
        uint160 end = PriceLib.sqrtPriceAfter(clearing.sqrtPriceX96, liquidity, moving, buys);
        base = wanted;
        if (buys ? end > clearing.sqrtPriceLimitX96 : end < clearing.sqrtPriceLimitX96) {
            end = clearing.sqrtPriceLimitX96;
            base = _between(clearing.sqrtPriceX96, end, liquidity);
            if (!buys) base = base * PriceLib.FEE_UNIT / kept;
        }
        price = PriceLib.averagePrice(clearing.sqrtPriceX96, end, market.listing.fee, buys);
    }

    /// @dev Base between two root prices: L × |1/√P₀ − 1/√P₁| (Uniswap v3 white paper, 6.2), rounded down.
    function _between(uint160 first, uint160 second, uint128 liquidity) private pure returns (uint256) {
        (uint256 low, uint256 high) = first < second ? (first, second) : (second, first);
        return (uint256(liquidity) << 96).fullMulDiv(high - low, high) / low;
    }

    /// @dev The market's queued orders with one more, last of its side. A batch that is half settled has its prices already.
    function _batchWith(PerpNettingEngine engine, Ask memory ask) private view returns (Batch memory batch) {
        (uint48 cutoff, uint48 upTo,,) = engine.progressOf(ask.market);
        uint256 after_ = FixedPointMathLib.max(cutoff, upTo);
        Order[] memory buyers = _queued(engine.queueOf(ask.market, true), after_);
        Order[] memory sellers = _queued(engine.queueOf(ask.market, false), after_);
        uint256 count = buyers.length + sellers.length + 1;
        batch = Batch(new Order[](count), buyers.length + (ask.buys ? 1 : 0), new uint256[](count));
        for (uint256 i; i < buyers.length; ++i) {
            batch.orders[i] = buyers[i];
        }
        for (uint256 i; i < sellers.length; ++i) {
            batch.orders[batch.buyers + i] = sellers[i];
        }
        batch.orders[ask.buys ? buyers.length : count - 1] = _asOrder(ask);
    }

    /// @dev Admits what neither its limit nor its deadline keeps out.
    function _keepStanding(Batch memory batch, uint256 midPrice) private view {
        for (uint256 i; i < batch.orders.length; ++i) {
            Order memory order = batch.orders[i];
            bool isExpired = order.deadline() != 0 && block.timestamp > order.deadline();
            if (!isExpired && order.accepts(midPrice)) batch.admitted[i] = order.size();
        }
    }

    function _queued(SwapRequestStore queue, uint256 after_) private view returns (Order[] memory orders) {
        (orders,,) = queue.load(after_, type(uint48).max, queue.fullLength());
    }

    function _asOrder(Ask memory ask) private pure returns (Order memory) {
        OrderLib.Terms memory terms;
        (terms.market, terms.isOpen, terms.isLong) = (ask.market, true, ask.buys);
        (terms.size, terms.limitPrice) = (ask.size, ask.limitPrice);
        return OrderLib.pack(terms, 0);
    }
}
