// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IUniswapV3Pool } from "../interfaces/external/IUniswapV3Pool.sol";
import { NettingMath } from "../libraries/NettingMath.sol";
import { PriceLib } from "../libraries/PriceLib.sol";
import { Batch, Clearing } from "../types/Batch.sol";
import { Allocation, Market } from "../types/Market.sol";
import { Order } from "../types/Order.sol";

/// @notice Finds who of the larger side shares the residual swap, and where that swap must stop.
/// @dev The price of a swap is computed for the liquidity of the current tick range, and the price limit that goes with it stops
///      the swap where the computed one would have ended. In a pool of one range that bounds its average price too. In a
///      public pool liquidity may be anywhere on the way, all of it at the end say, so that only the end's price bounds the average:
///      there an order shares the swap when it accepts that one. Thus no order fills beyond its limit; what stays unfilled is
///      cancelled.
library ResidualLib {
    /// @dev Halvings of the search for the price: 2^-24 of the batch's price move.
    uint256 private constant STEPS = 24;

    /// @dev What one search works on.
    struct Search {
        bool buys;
        uint256 from;
        uint256 to;
        /// What each order of the larger side leaves after netting.
        uint256[] weights;
        /// |longs − shorts|.
        uint256 residual;
        uint160 sqrtStart;
        uint160 sqrtBound;
        uint128 liquidity;
        uint24 fee;
        /// Judges orders by the price at the end of the swap, not by its average.
        bool isPublic;
    }

    /// @notice Fills in residualPrice, sharers and sqrtPriceLimitX96 of `clearing`.
    /// @param isPublic True when anyone may have given the pool its liquidity.
    function find(Market memory market, Batch memory batch, Clearing memory clearing, bool isPublic) internal view {
        (uint256 netted, int256 leftover) = NettingMath.split(clearing.longs, clearing.shorts);
        (clearing.sqrtPriceX96,,,,,,) = IUniswapV3Pool(market.pool).slot0();
        clearing.fifoLeft = netted;
        uint128 liquidity = IUniswapV3Pool(market.pool).liquidity();
        // Without liquidity a swap would move the price and give nothing.
        if (leftover == 0 || liquidity == 0) return;

        Search memory search;
        search.buys = leftover > 0;
        (search.from, search.to) = search.buys ? (0, batch.buyers) : (batch.buyers, batch.orders.length);
        search.residual = uint256(search.buys ? leftover : -leftover);
        search.sqrtStart = clearing.sqrtPriceX96;
        uint256 most = search.buys ? batch.highestPrice : batch.lowestPrice;
        search.sqrtBound = most == 0
            ? PriceLib.bound(clearing.midPrice, market.maxPriceMoveBps, search.buys)
            : PriceLib.toSqrtPriceX96(most);
        search.liquidity = liquidity;
        search.fee = market.fee;
        search.isPublic = isPublic;
        bool limited = _weigh(search, market.allocation, batch, netted, search.buys ? clearing.longs : clearing.shorts);

        uint256 everyone = _sum(search, batch, 0);
        (uint256 price, uint160 sqrtEnd) = _quote(search, everyone);
        if (limited && _sum(search, batch, price) != everyone) (price, sqrtEnd) = _search(search, batch, price);
        clearing.residualPrice = limited ? price : 0;
        clearing.sharers = _sum(search, batch, clearing.residualPrice);
        clearing.sqrtPriceLimitX96 = limited ? sqrtEnd : search.sqrtBound;
    }

    /// @notice Base of an order that nets: a buyer's rounded down, a seller's up, so that what sellers give covers what buyers get.
    /// @param amount Base that may fill.
    /// @param total Base of its side.
    function nettedOf(
        Allocation allocation,
        Clearing memory clearing,
        uint256 amount,
        uint256 total,
        uint256 netted,
        bool buys
    ) internal pure returns (uint256 part) {
        if (total == netted) return amount;
        if (allocation == Allocation.Uniform) return NettingMath.rounded(amount, netted, total, !buys);
        part = amount < clearing.fifoLeft ? amount : clearing.fifoLeft;
        clearing.fifoLeft -= part;
    }

    /// @dev What netting leaves of each order. Returns true when one of them has a limit.
    function _weigh(Search memory search, Allocation allocation, Batch memory batch, uint256 netted, uint256 total)
        private
        pure
        returns (bool limited)
    {
        Clearing memory running;
        running.fifoLeft = netted;
        search.weights = new uint256[](search.to - search.from);
        for (uint256 i = search.from; i < search.to; ++i) {
            uint256 amount = batch.admitted[i];
            search.weights[i - search.from] = amount - nettedOf(allocation, running, amount, total, netted, search.buys);
            if (amount != 0 && batch.orders[i].limitPrice() != 0) limited = true;
        }
    }

    /// @dev Leftover of all orders that accept `price`; 0 asks nobody's limit.
    function _sum(Search memory search, Batch memory batch, uint256 price) private pure returns (uint256 sum) {
        for (uint256 i = search.from; i < search.to; ++i) {
            if (price == 0 || batch.orders[i].accepts(price)) sum += search.weights[i - search.from];
        }
    }

    /// @dev The price nearest to the mid at which the orders that accept it do not push the swap beyond it. Everyone's price
    ///      is such a price; the set of sharers shrinks as the price nears the mid, so bisection finds the border.
    function _search(Search memory search, Batch memory batch, uint256 everyonesPrice)
        private
        pure
        returns (uint256 price, uint160 sqrtEnd)
    {
        price = everyonesPrice;
        uint256 near = PriceLib.toWad(search.sqrtStart);
        for (uint256 step; step < STEPS; ++step) {
            uint256 middle = (near + price) / 2;
            (uint256 reached,) = _quote(search, _sum(search, batch, middle));
            if (search.buys ? reached <= middle : reached >= middle) price = middle;
            else near = middle;
        }
        // The sharers' own price may be better still than the border.
        uint256 sharers = _sum(search, batch, price);
        (, sqrtEnd) = _quote(search, sharers);
    }

    /// @dev Price that orders are judged by, and end, of a swap of `sum`, at most the residual, inside the market's bound.
    function _quote(Search memory search, uint256 sum) private pure returns (uint256 price, uint160 sqrtEnd) {
        uint256 base = sum < search.residual ? sum : search.residual;
        if (!search.buys) base = base * (PriceLib.FEE_UNIT - search.fee) / PriceLib.FEE_UNIT;
        sqrtEnd = PriceLib.sqrtPriceAfter(search.sqrtStart, search.liquidity, base, search.buys);
        if (search.buys ? sqrtEnd > search.sqrtBound : sqrtEnd < search.sqrtBound) sqrtEnd = search.sqrtBound;
        uint160 sqrtFrom = search.isPublic ? sqrtEnd : search.sqrtStart;
        price = PriceLib.averagePrice(sqrtFrom, sqrtEnd, search.fee, search.buys);
    }
}
