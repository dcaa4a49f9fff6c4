// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { PriceLib } from "../../../libraries/PriceLib.sol";
import { PoolPrice } from "../../../risk/PoolPrice.sol";
import { PriceStatus, Prices } from "../../../types/MarketRisk.sol";
import { RiskTest } from "../../utils/RiskTest.sol";

/// @notice The average price of a real pool. The pool is initialised at START, in tick 76,012.
contract PoolPriceTest is RiskTest {
    uint32 internal constant PERIOD = 900;

    /* AVERAGES */

    /// 100 s at 76,012, 200 s at 76,020, 700 s at 75,000. Of the last 900 s, 200 are at 76,020 and 700 at 75,000:
    /// mean 75,226.67, rounded down 75,226.
    function test_Average_WeighsTicksBySeconds() public {
        _after(100);
        _moveTo(76_020);
        _after(200);
        _moveTo(75_000);
        _after(700);
        assertEq(_average(PERIOD), _priceOf(75_226), "(200 x 76,020 + 700 x 75,000) / 900");
        // 1.0001^75226 × 10^18.
        assertApproxEqRel(_average(PERIOD), 1_848_673_982_901_191_924_675, 1, "1,848.67");
        // Of the last 1,000 s, all: (100 × 76,012 + 200 × 76,020 + 700 × 75,000) ÷ 1,000 = 75,305.2.
        assertEq(_average(1000), _priceOf(75_305), "the whole history");
    }

    /// 450 s at 76,012 and 450 s at -1000: mean 37,506.
    function test_Average_MayCrossTickZero() public {
        _after(PERIOD);
        _moveTo(-1000);
        _after(450);
        assertEq(_average(PERIOD), _priceOf(37_506), "(450 x 76,012 - 450 x 1,000) / 900");
    }

    /// A pool below 1: 300 s at -5, 600 s at -8. Mean -7, exactly; at 301 s it is -6.99, rounded down -7.
    function test_Average_OfNegativeTicksRoundsDown() public {
        _moveTo(-5);
        _after(10_000);
        _moveTo(-8);
        _after(600);
        assertEq(_average(900), _priceOf(-7), "exact");
        assertEq(_average(901), _priceOf(-7), "-6.998 rounds down");
        assertEq(_average(899), _priceOf(-8), "-7.002 rounds down");
    }

    function test_Average_OfAQuietPoolIsItsTick() public {
        _after(30 days);
        assertEq(_average(PERIOD), _priceOf(TICK), "nobody touched it for a month");
    }

    /// What happens in the running block has a weight of zero seconds.
    function test_Average_TheRunningBlockDoesNotMoveIt() public {
        _after(1000);
        _moveTo(TICK - 50);
        _after(PERIOD);
        uint256 before = _average(PERIOD);
        _moveTo(TICK - 5000);
        assertEq(_average(PERIOD), before, "40 % down in this block");
        _moveTo(TICK + 5000);
        assertEq(_average(PERIOD), before, "60 % up in this block");
        _after(1);
        // 899 s at TICK - 50 and 1 s at TICK + 5000: 5.6 ticks higher.
        assertEq(_average(PERIOD), _priceOf(TICK - 50 + 5), "a second later it weighs one second");
    }

    /* SPOT */

    function test_Spot_WhileTheHistoryIsTooShort() public {
        _after(PERIOD - 1);
        _moveTo(TICK + 100);
        (uint160 root,,,,,,) = pool.slot0();
        assertEq(_average(PERIOD), PriceLib.toWad(root), "899 s: the spot price");
        _after(1);
        // 899 s at TICK and 1 s at TICK + 100: 0.1 ticks.
        assertEq(_average(PERIOD), _priceOf(TICK), "900 s: the average");
    }

    function test_Spot_IsExactToTheWei() public view {
        assertEq(_average(PERIOD), 2000e18, "in the second of its initialisation");
    }

    function test_Spot_WhenNoPeriodIsAsked() public {
        _after(10_000);
        _moveTo(TICK + 100);
        (uint160 root,,,,,,) = pool.slot0();
        assertEq(_average(0), PriceLib.toWad(root), "0 seconds: the spot price");
    }

    /* THE EDGES */

    /// The pool keeps 32 bits of the time, which end on 7 February 2106. 500 s before and 400 s after at different ticks.
    function test_Average_AcrossTheEndOf32Bits() public {
        vm.warp((1 << 32) - 1500);
        _startPool(10);
        _after(1000);
        _moveTo(TICK - 90);
        _after(500);
        _moveTo(TICK + 90);
        _after(400);
        // (500 × -90 + 400 × 90) ÷ 900 = -10.
        assertEq(_average(PERIOD), _priceOf(TICK - 10), "the mean over the end");
    }

    /// 2^-128 quote a base is less than a wei: a price is never 0, so nothing is ever divided by it.
    function test_Average_IsAtLeastAWei() public {
        pool = _createPool();
        pool.initialize(PriceLib.MIN_SQRT_PRICE);
        assertEq(_average(0), 1, "spot");
        _after(PERIOD);
        assertEq(_average(PERIOD), 1, "average");
    }

    /* THE REGISTRY */

    function test_PricesOf_AMarketWithoutAFeedSaysSo() public {
        _after(1000);
        _moveTo(TICK + 100);
        Prices memory prices = risk.pricesOf(ETH);
        assertEq(prices.mark, _priceOf(TICK), "the average over the default 900 s");
        assertEq(prices.index, 0, "no index");
        assertTrue(prices.status == PriceStatus.PoolOnly, "the pool alone");
    }

    function _average(uint32 period) private view returns (uint256) {
        return PoolPrice.average(pool, period);
    }
}
