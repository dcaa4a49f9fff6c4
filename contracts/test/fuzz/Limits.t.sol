// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IUniswapV3Pool } from "../../interfaces/external/IUniswapV3Pool.sol";
import { PriceLib } from "../../libraries/PriceLib.sol";
import { Batch, Clearing } from "../../types/Batch.sol";
import { Allocation, Market } from "../../types/Market.sol";
import { Order, OrderLib } from "../../types/Order.sol";
import { BaseTest } from "../Base.t.sol";
import { Defaults } from "../utils/Defaults.sol";

/// @notice Who shares the residual swap: as many as their limits allow, asked of the netting contract directly.
contract LimitsFuzzTest is BaseTest {
    uint256 internal constant MAX_ORDERS = 40;
    /// @dev The search halves the batch's price move 24 times; the move is at most 5 % of 2000, with the fee.
    uint256 internal constant RESOLUTION = 101e18 >> 24;

    Market internal market;

    function setUp() public override {
        super.setUp();
        market = _market(netted, ETH);
    }

    /// Every sharer accepts the price that all sharers together reach.
    function testFuzz_SharersAcceptTheirPrice(uint256 seed, uint256 count, bool buys, bool fifo) public {
        Batch memory batch = _batch(seed, count, buys);
        Clearing memory clearing = _find(batch, fifo);
        (uint256 sum, uint256 price) = _reached(batch, clearing, fifo, clearing.residualPrice);
        assertEq(clearing.sharers, sum, "the sharers are those who accept the price");
        if (clearing.residualPrice == 0) return;
        if (buys) assertLe(price, clearing.residualPrice, "a swap of theirs costs no more than that price");
        else assertGe(price, clearing.residualPrice, "a swap of theirs brings no less than that price");
    }

    /// Nobody is left out without need: with any excluded order (and whoever has no tighter limit) the swap would have
    /// gone beyond that order's limit.
    function testFuzz_NobodyIsLeftOutWithoutNeed(uint256 seed, uint256 count, bool buys, bool fifo) public {
        Batch memory batch = _batch(seed, count, buys);
        Clearing memory clearing = _find(batch, fifo);
        for (uint256 i; i < batch.orders.length; ++i) {
            uint256 limit = batch.orders[i].limitPrice();
            bool isLarger = buys == i < batch.buyers;
            if (!isLarger || limit == 0 || batch.orders[i].accepts(clearing.residualPrice)) continue;
            (, uint256 price) = _reached(batch, clearing, fifo, limit);
            if (buys) assertGt(price + RESOLUTION, limit, "an excluded buyer would have paid beyond its limit");
            else assertLt(price, limit + RESOLUTION, "an excluded seller would have got less than its limit");
        }
    }

    /// Hand-made: mid 2000, reserve 10,000 vETH. Buying x costs 2000 × 10,000 / (10,000 − x) / 0.9995 on average:
    /// 30 cost 2007.02…, 20 cost 2005.01…, 10 cost 2003.00…
    function test_TheTightestLimitsLeave() public view {
        uint256[3] memory limits = [uint256(2004e18), 2006e18, 2006e18];
        Batch memory batch = Batch(new Order[](3), 3, new uint256[](3));
        for (uint256 i; i < 3; ++i) {
            _put(batch, i, true, 10e18, limits[i]);
        }
        Clearing memory clearing = netted.netting.findNettableAmountPerp(market, batch, 2000e18);
        assertEq(clearing.sharers, 20e18, "all three would pay 2007: the limit of 2004 leaves, the others pay 2005");

        _put(batch, 1, true, 10e18, 2004e18);
        clearing = netted.netting.findNettableAmountPerp(market, batch, 2000e18);
        assertEq(clearing.sharers, 10e18, "two at 2004 would pay 2005: both leave, the last pays 2003");

        _put(batch, 2, true, 10e18, 2001e18);
        clearing = netted.netting.findNettableAmountPerp(market, batch, 2000e18);
        assertEq(clearing.sharers, 0, "the two at 2004 are 20 and cost 2005, 2001 does not even pay the fee");
    }

    /* HELPERS */

    /// @dev A batch whose larger side is `buys`, all of it admitted; limits from the mid to 1 % beyond it.
    function _batch(uint256 seed, uint256 count, bool buys) private pure returns (Batch memory batch) {
        count = bound(count, 2, MAX_ORDERS);
        uint256 smaller = seed % (count / 2 + 1);
        batch = Batch(new Order[](count), buys ? count - smaller : smaller, new uint256[](count));
        for (uint256 i; i < count; ++i) {
            bool isBuyer = i < batch.buyers;
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            // The smaller side has orders of at most 1e15, fewer of them, so it is the smaller one.
            uint256 size = isBuyer == buys ? 1e15 + random % 10e18 : 1 + random % 1e15;
            uint256 offset = (random >> 128) % 100e14;
            uint256 limit = random >> 255 == 1 ? 0 : Defaults.PRICE / 1e18 * (isBuyer ? 1e18 + offset : 1e18 - offset);
            _put(batch, i, isBuyer, size, limit);
        }
    }

    function _put(Batch memory batch, uint256 i, bool buys, uint256 size, uint256 limit) private pure {
        batch.admitted[i] = size;
        batch.orders[i] = OrderLib.pack(OrderLib.Terms(address(1), ETH, true, buys, size, limit, 0, 1, i), 0);
    }

    function _find(Batch memory batch, bool fifo) private returns (Clearing memory) {
        market.allocation = fifo ? Allocation.Fifo : Allocation.Uniform;
        return netted.netting.findNettableAmountPerp(market, batch, Defaults.PRICE);
    }

    /// @dev What those who accept `price` leave after netting, and the average price of a swap of that, by the formula itself.
    function _reached(Batch memory batch, Clearing memory clearing, bool fifo, uint256 price)
        private
        view
        returns (uint256 sum, uint256 average)
    {
        bool buys = clearing.longs > clearing.shorts;
        (uint256 netted_, uint256 total) = buys ? (clearing.shorts, clearing.longs) : (clearing.longs, clearing.shorts);
        uint256 left = netted_;
        for (uint256 i; i < batch.orders.length; ++i) {
            if (buys != i < batch.buyers) continue;
            uint256 amount = batch.admitted[i];
            uint256 nets = fifo ? (amount < left ? amount : left) : (amount * netted_ + (buys ? 0 : total - 1)) / total;
            left -= fifo ? nets : 0;
            if (price == 0 || batch.orders[i].accepts(price)) sum += amount - nets;
        }
        uint256 swapped = sum < total - netted_ ? sum : total - netted_;
        (uint160 start,,,,,,) = IUniswapV3Pool(market.pool).slot0();
        uint160 end = PriceLib.sqrtPriceAfter(start, Defaults.LIQUIDITY, buys ? swapped : swapped * 9995 / 1e4, buys);
        uint160 stop = PriceLib.bound(Defaults.PRICE, Defaults.MAX_PRICE_MOVE_BPS, buys);
        if (buys ? end > stop : end < stop) end = stop;
        average = PriceLib.averagePrice(start, end, Defaults.FEE, buys);
    }
}
