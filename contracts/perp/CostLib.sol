// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IUniswapV3Pool } from "../interfaces/external/IUniswapV3Pool.sol";
import { PerpMath } from "../libraries/PerpMath.sol";
import { PriceLib } from "../libraries/PriceLib.sol";
import { MarketView } from "../types/MarketView.sol";
import { FixedPointMathLib } from "solady/utils/FixedPointMathLib.sol";

/// @notice What the ways out of a position can take from its account at the most, over all shares of them that may fill.
struct Drain {
    /// From what it is worth at the least. Above it, the account would end below zero.
    uint256 solvency;
    /// From its distance to the maintenance margin.
    uint256 margin;
}

using { CostLib.add } for Drain global;

/// @notice What orders can cost an account at the worst, before anybody knows how they fill. Prices and amounts in WAD.
library CostLib {
    /// @dev The worse of mark and pool price for a position. Fills are at the pool's price and what is around it, so a profit that the
    ///      mark shows and the pool would not pay is none yet; and a pool that was pushed shows no profit that the mark does not.
    function cautiousPrice(MarketView memory market, bool isLong) internal pure returns (uint256) {
        return isLong
            ? FixedPointMathLib.min(market.midPrice, market.prices.mark)
            : FixedPointMathLib.max(market.midPrice, market.prices.mark);
    }

    /* THE POOL */

    /// @dev The farthest price to which a batch may move the pool: the listing's bound around the mid price, and no farther from the mark
    ///      than {anchorBps}. A pool that stands farther out already stays where it is. A mark that is the pool's own price is no anchor.
    function reach(MarketView memory market, bool upwards) internal pure returns (uint256) {
        (uint256 mid, uint256 mark) = (market.midPrice, market.prices.mark);
        uint256 most = PriceLib.reach(mid, market.listing.maxPriceMoveBps, upwards);
        if (mark == mid) return most;
        uint256 anchored = PriceLib.reach(mark, anchorBps(market), upwards);
        return upwards
            ? FixedPointMathLib.max(FixedPointMathLib.min(most, anchored), mid)
            : FixedPointMathLib.min(FixedPointMathLib.max(most, anchored), mid);
    }

    /// @dev How far from the mark the pool may be moved: what an account at its maintenance margin can lose by its fill, and still pay the
    ///      pool's fee and that of its liquidation. Never more than the listing's bound.
    function anchorBps(MarketView memory market) internal pure returns (uint256) {
        // The pool's fee is in 1e-6; rounded up.
        uint256 fees = (uint256(market.listing.fee) + 99) / 100 + market.risk.liquidationFeeBps;
        uint256 survived = FixedPointMathLib.zeroFloorSub(market.risk.maintenanceMarginBps, fees);
        return FixedPointMathLib.min(survived, market.listing.maxPriceMoveBps);
    }

    /* FILLS */

    /// @dev The highest price that an order which grows a position can be worth, for its notional: a buyer's limit, never beyond the
    ///      market's own bound with the pool's fee on top; a seller's notional is largest at the mid price. Not below the mark.
    function highestPrice(MarketView memory market, bool buys, uint256 limitPrice) internal pure returns (uint256) {
        uint256 price = buys ? worstFill(market, true, limitPrice) : market.midPrice;
        return FixedPointMathLib.max(price, market.prices.mark);
    }

    /// @dev The worst price at which an order can fill: its limit, never beyond the market's bound with the pool's fee.
    function worstFill(MarketView memory market, bool buys, uint256 limitPrice) internal pure returns (uint256) {
        return limited(withFee(market, reach(market, buys), buys), buys, limitPrice);
    }

    /// @dev The worst price at which `base` fills when the pool takes all of it: where its liquidity lets the price end, within the
    ///      market's bound. Exact for the pools of virtual tokens: one range of liquidity over all prices, and nobody else swaps.
    function exitPrice(MarketView memory market, bool buys, uint256 base) internal view returns (uint256) {
        IUniswapV3Pool pool = IUniswapV3Pool(market.listing.pool);
        (uint160 start,,,,,,) = pool.slot0();
        uint256 end = PriceLib.toWad(PriceLib.sqrtPriceAfter(start, pool.liquidity(), base, buys));
        // A price in WAD is rounded to the nearest.
        uint256 most = reach(market, buys);
        end = buys
            ? FixedPointMathLib.min(end + 1, most)
            : FixedPointMathLib.max(FixedPointMathLib.zeroFloorSub(end, 1), most);
        return withFee(market, end, buys);
    }

    /// @dev The best price that the pool gives: an order that does not accept it never gets to the pool.
    function bestOfPool(MarketView memory market, bool buys) internal pure returns (uint256) {
        return withFee(market, market.midPrice, buys);
    }

    /// @dev What an order can cost at once: the worst fill against the mark, and the taker fee. WAD, rounded up.
    function entryCost(MarketView memory market, bool buys, uint256 base, uint256 limitPrice)
        internal
        pure
        returns (uint256)
    {
        return cost(market, buys, base, worstFill(market, buys, limitPrice));
    }

    /// @dev What a fill of `base` at `price` or better costs at once: its loss against the mark, and the taker fee. WAD, rounded up.
    function cost(MarketView memory market, bool buys, uint256 base, uint256 price) internal pure returns (uint256) {
        uint256 mark = market.prices.mark;
        uint256 loss = buys ? FixedPointMathLib.zeroFloorSub(price, mark) : FixedPointMathLib.zeroFloorSub(mark, price);
        // A seller pays its fee on a better price than its worst too: the mid is the best that it gets.
        uint256 feePrice = buys ? price : market.midPrice;
        return PerpMath.notional(int256(base), loss)
            + PerpMath.fee(PerpMath.notional(int256(base), feePrice), market.risk.pooledFeePpm);
    }

    /// @dev A price that fills do not pass, seen from an order with a limit.
    function limited(uint256 price, bool buys, uint256 limitPrice) internal pure returns (uint256) {
        if (limitPrice == 0) return price;
        return buys ? FixedPointMathLib.min(price, limitPrice) : FixedPointMathLib.max(price, limitPrice);
    }

    /// @dev A price of the pool with its fee: a buyer pays it on top, a seller gets less. Rounded against the trader.
    function withFee(MarketView memory market, uint256 price, bool buys) private pure returns (uint256) {
        uint256 kept = PriceLib.FEE_UNIT - market.listing.fee;
        return buys ? price * PriceLib.FEE_UNIT / kept + 1 : price * kept / PriceLib.FEE_UNIT;
    }

    /* WAYS OUT */

    /// @dev Adds up reducing a position by `closed` at a cost (by the mark, fees included). The gap between mark and cautious price of
    ///      what closes is in that cost and in the cautious equity: it counts once.
    /// @param marginCost Σ over the orders of what each costs beyond the maintenance margin that it frees: {beyondFreed}.
    function add(
        Drain memory drain,
        MarketView memory market,
        bool isLong,
        uint256 closed,
        uint256 cost_,
        uint256 marginCost
    ) internal pure {
        uint256 gap = FixedPointMathLib.dist(cautiousPrice(market, isLong), market.prices.mark);
        drain.solvency += FixedPointMathLib.zeroFloorSub(cost_, FixedPointMathLib.fullMulDiv(closed, gap, PriceLib.WAD));
        drain.margin += marginCost;
    }

    /// @dev What reducing a position by `base` at a cost takes from the distance to the maintenance margin: only where it costs more than
    ///      it frees, since what another order frees may not come to pass.
    function beyondFreed(MarketView memory market, uint256 base, uint256 cost_) internal pure returns (uint256) {
        uint256 frees = PerpMath.freedBy(base, market.prices.mark, market.risk.maintenanceMarginBps);
        return FixedPointMathLib.zeroFloorSub(cost_, frees);
    }

    /// @dev What rounding can take from an order beyond its cost. WAD.
    function rounding(MarketView memory market) internal pure returns (uint256) {
        return PerpMath.rounding(FixedPointMathLib.max(market.prices.mark, market.midPrice));
    }
}
