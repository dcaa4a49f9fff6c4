// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IUniswapV3Pool } from "../../interfaces/external/IUniswapV3Pool.sol";
import { PriceLib } from "../../libraries/PriceLib.sol";
import { Batch, Clearing } from "../../types/Batch.sol";
import { Allocation } from "../../types/Market.sol";
import { Order, OrderLib } from "../../types/Order.sol";
import { RejectReason } from "../../types/RejectReason.sol";
import { Defaults } from "../utils/Defaults.sol";
import { SpotBaseTest } from "./SpotBase.t.sol";

/// @notice The pool belongs to everyone: liquidity may be anywhere or nowhere, the price anything. No request pays more than its
///         limit, escrows always suffice, and settlement never reverts.
contract SpotPublicPoolTest is SpotBaseTest {
    int24 internal constant SPACING = 10;

    /// @dev A tick of the pool's spacing at the price of the pool.
    int24 internal center;
    mapping(address trader => bool buys) internal isBuyer;

    function setUp() public override {
        super.setUp();
        // A market without liquidity: each test gives its own.
        spot = _deploySpot(false, Defaults.CHUNK, Allocation.Uniform);
        (, int24 tick,,,,,) = spot.pool.slot0();
        center = tick / SPACING * SPACING;
    }

    /* LIQUIDITY */

    /// An average that is computed for steady liquidity is worth nothing when all of it stands at the end.
    function test_LiquidityAtTheEndTakesNobodyBeyondItsLimit() public {
        _provide(spot, center - 100, center + 20, LIQUIDITY);
        _provide(spot, center + 280, center + 300, 100 * LIQUIDITY);
        // 145 base would move steady liquidity by 3 %, at 1.5 % on average; here nearly all of it costs 3 %.
        uint256 limit = MID * 1017 / 1000;
        _queue(alice, true, 145 * ONE, limit);
        _settleNextBlock();
        _assertWithinLimit(alice, 145 * ONE, limit);
        assertEq(_baseOf(alice), 0, "the end is beyond the limit");
        _assertConserved(_traders());

        _queue(bob, true, 145 * ONE, MID * 104 / 100);
        _settleNextBlock();
        _assertWithinLimit(bob, 145 * ONE, MID * 104 / 100);
        assertEq(_baseOf(bob), 145 * ONE, "a limit beyond the end fills");
        assertGt(
            (spot.engine.escrowOf(true, 145 * ONE, MID * 104 / 100) - _quoteOf(bob)) * 1e18,
            limit * 145 * ONE,
            "for more than the first one's limit"
        );
        _assertConserved(_traders());
    }

    function test_NoLiquidityAtThePriceIsNoReasonToRevert() public {
        _provide(spot, center + 200, center + 400, LIQUIDITY);
        _buy(alice, ONE);
        _queue(bob, false, 3 * ONE, 1);
        vm.expectEmit(false, true, false, true, address(spot.netting));
        emit SwapSettled(0, alice, ETH, int256(ONE), -2000e6, ONE, 0, 0);
        assertEq(_settleNextBlock(), 2, "both end");
        assertEq(_quoteOf(bob), 2000e6, "what nets is paid");
        assertEq(_baseOf(bob), 2 * ONE, "what does not comes back");
        _assertConserved(_traders());
    }

    /// Any liquidity, any limits, tiny amounts included.
    function testFuzz_EscrowsSufficeWhateverTheLiquidity(uint256 seed) public {
        _anyBatchInAnyLiquidity(seed, MID, 1000 * ONE, LIQUIDITY);
    }

    /// The same where one wei of base is worth 500,000,000 of quote: a base of 6 decimals, a quote of 18.
    function testFuzz_EscrowsSufficeWhereBaseIsPrecious(uint256 seed) public {
        (baseDecimals, quoteDecimals) = (6, 18);
        // √(5 × 10^8) × 2^96.
        sqrtPrice = 1_771_595_571_142_957_102_961_017_161_607_260;
        spot = _deploySpot(false, Defaults.CHUNK, Allocation.Uniform);
        (, int24 tick,,,,,) = spot.pool.slot0();
        center = tick / SPACING * SPACING;
        _anyBatchInAnyLiquidity(seed, spot.registry.midPrice(ETH), 1_000_000e6, LIQUIDITY);
    }

    function _anyBatchInAnyLiquidity(uint256 seed, uint256 mid, uint256 maxSize, uint256 maxLiquidity) private {
        uint256 positions = 1 + seed % 5;
        for (uint256 i; i < positions; ++i) {
            seed = _next(seed);
            int24 lower = center + SPACING * (int24(int256(seed % 120)) - 60);
            int24 upper = lower + SPACING * int24(int256(1 + (seed >> 32) % 40));
            _provide(spot, lower, upper, uint128(1 + (seed >> 64) % (maxLiquidity * 100 >> (seed >> 128) % 60)));
        }
        address[] memory traders = new address[](8);
        uint256[] memory sizes = new uint256[](8);
        uint256[] memory limits = new uint256[](8);
        for (uint256 i; i < traders.length; ++i) {
            seed = _next(seed);
            traders[i] = address(uint160(0xBEEF00 + i));
            sizes[i] = 1 + (seed >> 16) % (1 + (maxSize >> (seed >> 128) % 70));
            // Limits from the mid to 6 % beyond it.
            bool buys = _isBuyer(traders[i], seed);
            uint256 away = (seed >> 80) % (mid * 6 / 100);
            limits[i] = buys ? mid + away : mid - away;
            _queue(traders[i], buys, sizes[i], limits[i]);
        }
        assertEq(_settleNextBlock(), 8, "all end");
        for (uint256 i; i < traders.length; ++i) {
            if (isBuyer[traders[i]]) _assertWithinLimit(traders[i], sizes[i], limits[i]);
            else _assertWithinSellersLimit(traders[i], sizes[i], limits[i]);
        }
        _assertConserved(traders);
    }

    function _isBuyer(address trader, uint256 seed) private returns (bool) {
        isBuyer[trader] = seed >> 255 == 1;
        return isBuyer[trader];
    }

    /* PRICE */

    /// Where there is no liquidity the price can be pushed to either end for nothing.
    function test_AnExtremePriceRejectsAll() public {
        _provide(spot, center - 20, center + 20, LIQUIDITY);
        uint160[2] memory ends = [PriceLib.MIN_SQRT_PRICE + 1, PriceLib.MAX_SQRT_PRICE - 1];
        for (uint256 i; i < ends.length; ++i) {
            lp.swap(spot.pool, i == 0, RICH / 4, ends[i]);
            (uint160 sqrtPriceX96,,,,,,) = spot.pool.slot0();
            assertEq(sqrtPriceX96, ends[i], "the price is at the end");
            _queue(alice, true, ONE, type(uint128).max);
            _sell(bob, 2 * ONE);
            vm.expectEmit(false, true, false, true, address(spot.netting));
            emit SwapRejected(0, alice, ETH, RejectReason.NoLiquidity);
            vm.expectEmit(false, true, false, true, address(spot.netting));
            emit SwapRejected(0, bob, ETH, RejectReason.NoLiquidity);
            assertEq(_settleNextBlock(), 2, "both end");
        }
        assertEq(_baseOf(bob), 4 * ONE, "paid back");
        _assertConserved(_traders());
    }

    /// Should a pool ever take more than an escrow covers, the dust carries it and settlement goes on.
    function test_AShortageIsTheDustsNotTheQueues() public {
        Batch memory batch = Batch(new Order[](1), 1, new uint256[](1));
        OrderLib.Terms memory terms = OrderLib.Terms(alice, ETH, true, true, ONE, MID, 0, 0, 0);
        (batch.orders[0], batch.admitted[0]) = (OrderLib.pack(terms, 0), ONE);
        Clearing memory clearing;
        (clearing.midPrice, clearing.longs, clearing.sharers) = (MID, ONE, ONE);
        (clearing.pooled, clearing.poolQuote, clearing.whole) = (ONE, 5000e6, true);
        vm.startPrank(address(spot.engine));
        spot.netting.fill(ETH, spot.registry.get(ETH), batch, clearing, 0, batch.orders.length, false);
        vm.stopPrank();

        uint256 escrow = spot.engine.escrowOf(true, ONE, MID);
        (int128 base, int128 quote) = spot.netting.dustOf(ETH);
        assertEq(_baseOf(alice), ONE, "the base is bought");
        assertEq(_quoteOf(alice), 0, "all of the escrow is spent");
        assertEq(quote, int256(escrow), "as much comes in from the buyer");
        assertEq(base, -1e18, "as much goes out");
    }

    /* INTERNAL */

    /// @dev A buyer pays its limit at most, but for what the pool rounds.
    function _assertWithinLimit(address trader, uint256 size, uint256 limit) private view {
        uint256 escrow = spot.engine.escrowOf(true, size, limit);
        assertLe(_quoteOf(trader), escrow, "no more comes back than was put up");
        uint256 paid = escrow - _quoteOf(trader);
        uint256 rounding = spot.engine.escrowOf(true, 1, limit);
        assertLe(paid, _baseOf(trader) * limit / 1e18 + rounding, "not beyond the limit");
    }

    function _assertWithinSellersLimit(address trader, uint256 size, uint256 limit) private view {
        uint256 sold = size - _baseOf(trader);
        uint256 rounding = spot.engine.escrowOf(true, 1, limit);
        assertGe(_quoteOf(trader) + rounding, sold * limit / 1e18, "not below the limit");
    }

    function _next(uint256 seed) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed)));
    }
}
