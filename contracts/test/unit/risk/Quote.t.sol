// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpClearingHouse } from "../../../interfaces/IPerpClearingHouse.sol";
import { IPerpEvents } from "../../../interfaces/IPerpEvents.sol";
import { IPerpLens } from "../../../interfaces/IPerpLens.sol";
import { PerpLens } from "../../../periphery/PerpLens.sol";
import { PerpClearingHouse } from "../../../perp/PerpClearingHouse.sol";
import { Allocation } from "../../../types/Market.sol";
import { MarketId } from "../../../types/MarketId.sol";
import { MarketRisk } from "../../../types/MarketRisk.sol";
import { Defaults } from "../../utils/Defaults.sol";
import { LiquidationTest } from "../../utils/LiquidationTest.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice A quote against what settlement then does. bob and carol have a million each, alice too. ETH takes 100 ppm of what nets and 500
///         of what the pool fills; the third market nets first come, first served.
contract QuoteTest is LiquidationTest {
    MarketId private constant FIFO = MarketId.wrap(2);

    PerpLens private lens;

    function setUp() public override {
        super.setUp();
        _list(netted, Allocation.Fifo);
        lens = new PerpLens(PerpClearingHouse(address(netted.house)));
        _deposit(netted, alice, 1_000_000 * Defaults.USDC);
        _nextBlock();
    }

    function _initializeRisk() internal override {
        MarketRisk memory parameters = netted.risk.riskOf(ETH);
        (parameters.nettedFeePpm, parameters.pooledFeePpm) = (100, 500);
        _initialize(ETH, parameters);
    }

    function _queue(address trader, MarketId id, bool buys, uint256 size, uint256 limit) private {
        vm.prank(trader);
        netted.house.openPosition(id, buys, size, limit, 0);
    }

    /* WORKED */

    /// 2 of 5 net at 2000, the pool has 3: its 10,000 become 9,997 for 20,000,000 × 3 / 9,997 and 0.05 % on top.
    function test_Quote_NetsFirst() public {
        _queue(bob, ETH, false, 2e18, 0);
        IPerpLens.Quote memory quote = lens.quoteOrder(ETH, true, 5e18, 0);
        assertEq(quote.netted, 2e18, "bob's");
        assertEq(quote.pooled, 3e18, "the rest");
        assertEq(quote.cancelled, 0, "nothing");
        uint256 pooled = quote.quote - 4000e18;
        // 20,000,000 x 3 / 9997 = 6001.800540162048614584, / 0.9995. 1e3 is 10^-15: the tolerance of the docs.
        assertApproxEqRel(pooled, 6_004_802_941_632_865_047_107, 1e3, "L x move of the root, and the fee");
        assertEq(quote.averagePrice, quote.quote / 5, "of 5");
        assertEq(quote.fee, 0.4e18 + (pooled * 500 + 999_999) / 1e6, "100 ppm of 4000, 500 ppm of the rest");
        _settleAndCompare(ETH, true, 5e18, 0);
    }

    /// All of it nets: the smaller side is not touched by the pool.
    function test_Quote_OfTheSmallerSide() public {
        _queue(bob, ETH, true, 7e18, 0);
        IPerpLens.Quote memory quote = lens.quoteOrder(ETH, false, 5e18, 0);
        assertEq(quote.netted, 5e18, "all");
        assertEq(quote.quote, 10_000e18, "at the mid");
        assertEq(quote.averagePrice, 2000e18, "of 2000");
        _settleAndCompare(ETH, false, 5e18, 0);
    }

    /// 1000 would move the pool's price by more than 5 %: about 240 fit in.
    function test_Quote_EndsAtTheMarketsBound() public {
        IPerpLens.Quote memory quote = lens.quoteOrder(ETH, true, 1000e18, 0);
        assertEq(quote.netted, 0, "nobody sells");
        assertGt(quote.cancelled, 750e18, "most of it");
        assertGt(quote.pooled, 230e18, "what 5 % allow");
        _settleAndCompare(ETH, true, 1000e18, 0);
    }

    /// A limit that the mid misses gets nothing, one at the mid only what nets.
    function test_Quote_KeepsTheLimit() public {
        _queue(bob, ETH, false, 2e18, 0);
        IPerpLens.Quote memory quote = lens.quoteOrder(ETH, true, 5e18, 2000e18 - 1);
        assertEq(quote.cancelled, 5e18, "nothing fills");
        assertEq(quote.averagePrice, 0, "at no price");
        quote = lens.quoteOrder(ETH, true, 5e18, 2000e18);
        assertEq(quote.netted, 2e18, "nets");
        assertEq(quote.pooled, 0, "the pool is dearer");
        _settleAndCompare(ETH, true, 5e18, 2000e18);
    }

    /// Orders of the queue that their limit or deadline keeps out do not count.
    function test_Quote_LeavesOutWhatWillNotStand() public {
        uint256 deadline = vm.getBlockTimestamp();
        vm.startPrank(bob);
        netted.house.openPosition(ETH, false, 1e18, 2000e18 + 1, 0);
        netted.house.openPosition(ETH, false, 1e18, 0, deadline);
        vm.stopPrank();
        _nextBlock();
        assertEq(lens.quoteOrder(ETH, true, 5e18, 0).netted, 0, "neither nets");
        _settleAndCompare(ETH, true, 5e18, 0);
    }

    /// First come, first served: those who wait have taken what nets.
    function test_Quote_UnderFifoComesLast() public {
        _queue(bob, FIFO, true, 3e18, 0);
        _queue(carol, FIFO, false, 4e18, 0);
        IPerpLens.Quote memory quote = lens.quoteOrder(FIFO, true, 5e18, 0);
        assertEq(quote.netted, 1e18, "what bob leaves");
        assertEq(quote.pooled, 4e18, "the rest");
        quote = lens.quoteOrder(FIFO, true, 1e18, 0);
        assertEq(quote.netted, 1e18, "as many buy as sell");
    }

    /// In chunks of two: four sellers whose batch is half settled have their price and net with nobody who comes now.
    function test_Quote_LeavesAHalfSettledBatchAlone() public {
        netted = _deployNetted(0, 2);
        _list(netted, Allocation.Uniform);
        _deposit(netted, bob, 1000 * Defaults.COLLATERAL);
        _deposit(netted, alice, 1000 * Defaults.COLLATERAL);
        lens = new PerpLens(PerpClearingHouse(address(netted.house)));
        for (uint256 i; i < 4; ++i) {
            _queue(bob, ETH, false, 1e18, 0);
        }
        _settleNextBlock();
        assertEq(netted.engine.batchesInProgress(), 1, "half settled");
        IPerpLens.Quote memory quote = lens.quoteOrder(ETH, true, 1e18, 0);
        assertEq(quote.netted, 0, "they are spoken for");
        assertEq(quote.pooled, 1e18, "the pool fills it");
        _queue(bob, ETH, false, 0.5e18, 0);
        assertEq(lens.quoteOrder(ETH, true, 1e18, 0).netted, 0.5e18, "who comes later counts");
        _settleNextBlock();
        assertEq(netted.engine.batchesInProgress(), 0, "settled");
        _settleAndCompare(ETH, true, 1e18, 0);
    }

    function test_RevertWhen_TheAskIsOutOfRange() public {
        vm.expectRevert(IPerpClearingHouse.ClearingHouse_ZeroSize.selector);
        lens.quoteOrder(ETH, true, 0, 0);
        vm.expectPartialRevert(IPerpClearingHouse.ClearingHouse_SizeTooLarge.selector);
        lens.quoteOrder(ETH, true, 1 << 96, 0);
        vm.expectPartialRevert(IPerpClearingHouse.ClearingHouse_LimitTooLarge.selector);
        lens.quoteOrder(ETH, true, 1, 1 << 128);
    }

    /// The largest ask is answered, with what the bound allows.
    function test_Quote_OfTheLargestAsk() public view {
        IPerpLens.Quote memory quote = lens.quoteOrder(ETH, false, ALL, 0);
        assertEq(quote.pooled + quote.cancelled, ALL, "it adds up");
        assertGt(quote.pooled, 200e18, "the pool fills what it can");
    }

    /* ANY QUEUE */

    /// Up to six orders of both sides, with and without limits, and then the one that was asked about.
    function testFuzz_Quote_IsWhatSettlementDoes(uint256 seed, uint256 size, uint256 limit, bool buys) public {
        uint256 count = seed % 7;
        for (uint256 i; i < count; ++i) {
            uint256 word = uint256(keccak256(abi.encode(seed, i)));
            bool itBuys = word & 1 == 0;
            uint256 itsLimit =
                word & 6 != 0 ? 0 : itBuys ? 2000e18 + (word >> 8) % 100e18 : 2000e18 - (word >> 8) % 100e18;
            _queue(word & 8 == 0 ? bob : carol, ETH, itBuys, (word >> 32) % 200e18 + 1, itsLimit);
        }
        size = bound(size, 1e6, 400e18);
        limit = limit % 2 == 0 ? 0 : buys ? bound(limit, 1990e18, 2110e18) : bound(limit, 1890e18, 2010e18);
        _settleAndCompare(ETH, buys, size, limit);
    }

    /* HELPERS */

    /// @dev Queues what is asked about, settles, and holds the fill against the quote: to 10 wei of base an order of the queue, and
    ///      10^-15 of the quote and the worth of these.
    function _settleAndCompare(MarketId id, bool buys, uint256 size, uint256 limit) private {
        IPerpLens.Quote memory quote = lens.quoteOrder(id, buys, size, limit);
        (uint256 waiting,,) = netted.engine.pendingOf(id);
        uint256 wei_ = 10 * (waiting + 1);
        _queue(alice, id, buys, size, limit);
        vm.recordLogs();
        _settleNextBlock();
        (IPerpLens.Quote memory filled) = _fillOf(vm.getRecordedLogs());
        if (filled.netted + filled.pooled == 0) filled.cancelled = size;
        assertApproxEqAbs(quote.netted, filled.netted, wei_, "netted");
        assertApproxEqAbs(quote.pooled, filled.pooled, wei_, "pooled");
        assertApproxEqAbs(quote.cancelled, filled.cancelled, 2 * wei_, "cancelled");
        uint256 tolerance = 3000 * wei_ + filled.quote / 1e15;
        assertApproxEqAbs(quote.quote, filled.quote, tolerance, "quote");
        assertApproxEqAbs(quote.fee, filled.fee, tolerance / 2000 + 2, "fee");
    }

    /// @dev alice's fill as events tell it.
    function _fillOf(Vm.Log[] memory logs) private view returns (IPerpLens.Quote memory filled) {
        for (uint256 i; i < logs.length; ++i) {
            bool isHers = logs[i].topics.length > 2 && logs[i].topics[2] == bytes32(uint256(uint160(alice)));
            if (!isHers) continue;
            if (logs[i].topics[0] == IPerpEvents.FeePaid.selector) {
                (uint256 netted_, uint256 pooled) = abi.decode(logs[i].data, (uint256, uint256));
                filled.fee = netted_ + pooled;
            }
            if (logs[i].topics[0] == IPerpEvents.OrderSettled.selector) {
                int256 quoteDelta;
                (,, quoteDelta, filled.netted, filled.pooled, filled.cancelled,) =
                    abi.decode(logs[i].data, (MarketId, int256, int256, uint256, uint256, uint256, int256));
                filled.quote = uint256(quoteDelta < 0 ? -quoteDelta : quoteDelta);
            }
        }
    }
}
