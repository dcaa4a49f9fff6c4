// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IMarketRegistry } from "../../../interfaces/IMarketRegistry.sol";
import { IPerpClearingHouse } from "../../../interfaces/IPerpClearingHouse.sol";
import { IPerpLens } from "../../../interfaces/IPerpLens.sol";
import { IRiskRegistry } from "../../../interfaces/IRiskRegistry.sol";
import { PerpLens } from "../../../periphery/PerpLens.sol";
import { PerpClearingHouse } from "../../../perp/PerpClearingHouse.sol";
import { MarketId } from "../../../types/MarketId.sol";
import { MarketRisk, MarketState, PriceStatus, Prices } from "../../../types/MarketRisk.sol";
import { LiquidationTest } from "../../utils/LiquidationTest.sol";

/// @notice Accounts and markets as a user interface sees them. alice has 1,000 USDC; maintenance is 5 %. Quotes: Quote.t.sol.
contract LensTest is LiquidationTest {
    PerpLens private lens;

    function setUp() public override {
        super.setUp();
        lens = new PerpLens(PerpClearingHouse(address(netted.house)));
    }

    function _position(address trader, uint256 at) private view returns (IPerpLens.PositionView memory) {
        return lens.accountOf(trader).positions[at];
    }

    /* ACCOUNTS */

    /// Long 1 from 2000 with 1000: 1000 − (2000 − P) = 5 % of P at P = 1000 / 0.95.
    function test_Account_OfALong() public {
        _trade(alice, ETH, true, 1e18);
        _setPrice(ETH, 2500e18);
        IPerpLens.AccountView memory account = lens.accountOf(alice);
        assertEq(account.collateral, 1000e18, "paid in");
        assertEq(account.unrealizedPnl, 500e18, "2500 - 2000");
        assertEq(account.equity, 1500e18, "together");
        assertEq(account.openNotional, 2500e18, "1 at 2500");
        assertEq(account.initialMargin, 250e18, "10 %");
        assertEq(account.maintenanceMargin, 125e18, "5 %");
        assertEq(account.freeCollateral, 950e18, "1000 - 10 % of 500, as requested");
        assertEq(account.withdrawable, 950e18, "less than 1500 - 250");
        assertEq(account.leverage, 1_666_666_666_666_666_666, "2500 / 1500");
        assertFalse(account.isLiquidatable, "healthy");
        assertEq(account.positions.length, 1, "one market");

        IPerpLens.PositionView memory position = account.positions[0];
        assertEq(MarketId.unwrap(position.market), 0, "the first");
        assertEq(position.base, 1e18, "long");
        assertEq(position.quote, -2000e18, "for 2000");
        assertEq(position.entryPrice, 2000e18, "its price");
        assertEq(position.markPrice, 2500e18, "now");
        assertEq(position.unrealizedPnl, 500e18, "its profit");
        assertEq(position.realizedPnl, 0, "none yet");
        assertEq(position.liquidationPrice, 1_052_631_578_947_368_421_053, "1000 / 0.95, up: towards the mark");
    }

    /// Short 1 from 2000 with 1000: 1000 − (P − 2000) = 5 % of P at P = 3000 / 1.05.
    function test_LiquidationPrice_OfAShort() public {
        _trade(alice, ETH, false, 1e18);
        assertEq(
            _position(alice, 0).liquidationPrice, 2_857_142_857_142_857_142_857, "3000 / 1.05, down: towards the mark"
        );
    }

    /// Long 3 ETH and short 1.5 BTC: E = 1000, M = 300 + 150. ETH: 2000 − 550 / (3 × 0.95); BTC: 2000 + 550 / (1.5 × 1.05).
    function test_LiquidationPrice_CountsTheOtherMarkets() public {
        _trade(alice, ETH, true, 3e18);
        _trade(alice, BTC, false, 1.5e18);
        assertEq(_position(alice, 0).liquidationPrice, 1_807_017_543_859_649_122_808, "2000 - 192.98");
        assertEq(_position(alice, 1).liquidationPrice, 2_349_206_349_206_349_206_349, "2000 + 349.21");
    }

    /// Long 0.25 from 2000 with 1000 loses no more than 500.
    function test_LiquidationPrice_IsNoneForAPositionThatCannotLoseTheCollateral() public {
        _trade(alice, ETH, true, 0.25e18);
        assertEq(_position(alice, 0).liquidationPrice, 0, "none");
    }

    /// Long 4.2 at 1849: 365.8 against 388.29. It would take 22.49 / (4.2 × 0.95) more of the price.
    function test_LiquidationPrice_OfOneThatMayBeLiquidatedNow() public {
        _trade(alice, ETH, true, 4.2e18);
        _setPrice(ETH, 1849e18);
        IPerpLens.AccountView memory account = lens.accountOf(alice);
        assertTrue(account.isLiquidatable, "below");
        assertEq(account.positions[0].liquidationPrice, 1_854_636_591_478_696_741_854, "1849 + 5.64, above the mark");
    }

    /// At the price that the lens tells, equity is the maintenance margin, up to a wei for each of its roundings (at most 2 for the
    /// two terms, and one base's worth for the price's own). A little further, and the account may be liquidated; a little nearer, and
    /// not.
    function testFuzz_LiquidationPrice_IsWhereEquityMeetsMaintenance(
        bool isLong,
        uint256 size,
        int256 other,
        uint256 mark,
        uint256 otherMark
    ) public {
        size = bound(size, 0.01e18, 3e18);
        other = bound(other, -1e18, 1e18);
        _trade(alice, ETH, isLong, size);
        if (other != 0) _trade(alice, BTC, other > 0, uint256(other > 0 ? other : -other));
        _setMark(ETH, bound(mark, 1900e18, 2100e18), PriceStatus.PoolOnly);
        _setMark(BTC, bound(otherMark, 1900e18, 2100e18), PriceStatus.PoolOnly);
        uint256 price = _position(alice, 0).liquidationPrice;
        if (price == 0) {
            _setMark(ETH, 1, PriceStatus.PoolOnly);
            assertFalse(lens.accountOf(alice).isLiquidatable, "no price does it");
            return;
        }
        _setMark(ETH, price, PriceStatus.PoolOnly);
        IPerpLens.AccountView memory account = lens.accountOf(alice);
        uint256 off = size / 1e18 + 6;
        assertApproxEqAbs(account.equity, int256(account.maintenanceMargin), off, "equity = maintenance");
        uint256 step = 1000 + 1e22 / size;
        if (price <= step) return;
        _setMark(ETH, isLong ? price - step : price + step, PriceStatus.PoolOnly);
        assertTrue(lens.accountOf(alice).isLiquidatable, "beyond it");
        _setMark(ETH, isLong ? price + step : price - step, PriceStatus.PoolOnly);
        assertFalse(lens.accountOf(alice).isLiquidatable, "before it");
    }

    /// The lens and the house say the same of an account, whatever it holds.
    function testFuzz_Account_IsTheHouses(uint256 long, uint256 short, uint256 mark, uint256 elapsed) public {
        _trade(alice, ETH, true, bound(long, 1, 2e18));
        _trade(alice, BTC, false, bound(short, 1, 2e18));
        vm.warp(vm.getBlockTimestamp() + bound(elapsed, 0, 1 days));
        vm.mockCall(
            address(netted.risk),
            abi.encodeCall(IRiskRegistry.pricesOf, (ETH)),
            abi.encode(Prices(bound(mark, 1000e18, 3000e18), 2000e18, PriceStatus.Ok))
        );
        IPerpLens.AccountView memory seen = lens.accountOf(alice);
        IPerpClearingHouse.Account memory account = netted.house.getAccount(alice);
        assertEq(seen.collateral, account.collateral, "collateral");
        assertEq(seen.unrealizedPnl, account.unrealizedPnl, "profit and loss");
        assertEq(seen.funding, account.funding, "funding");
        assertEq(seen.equity, account.equity, "equity");
        assertEq(seen.openNotional, account.openNotional, "notional");
        assertEq(seen.initialMargin, account.initialMargin, "initial margin");
        assertEq(seen.maintenanceMargin, account.maintenanceMargin, "maintenance margin");
        assertEq(seen.freeCollateral, account.freeCollateral, "free collateral");
        assertEq(seen.withdrawable, account.withdrawable, "withdrawable");
        assertEq(seen.unrealizedPnl, seen.positions[0].unrealizedPnl + seen.positions[1].unrealizedPnl, "the sum");
        assertEq(seen.funding, seen.positions[0].funding + seen.positions[1].funding, "the sum");
    }

    /// Liquidated at 1600, bought at 2000: the market stays, with what it has realised.
    function test_Account_ShowsWhatIsRealisedAndNoBadDebtBeforeItIsRecorded() public {
        _trade(alice, ETH, true, 4e18);
        _setPrice(ETH, 1600e18);
        assertEq(lens.accountOf(alice).leverage, type(uint256).max, "6400 on less than nothing");
        _liquidateAll(ETH, true, 4e18, true);
        IPerpLens.AccountView memory account = lens.accountOf(alice);
        assertEq(account.positions.length, 1, "the market stays");
        assertEq(account.positions[0].realizedPnl, -1696e18, "with its loss, and 1.5 % of 6400");
        assertEq(account.positions[0].entryPrice, 0, "no position");
        assertEq(account.positions[0].liquidationPrice, 0, "no price");
        assertEq(account.leverage, 0, "no leverage");
        assertFalse(account.isLiquidatable, "nothing to liquidate");
        assertEq(account.badDebt, 0, "not recorded yet");
        netted.house.settleBadDebt(alice);
        assertEq(lens.accountOf(alice).badDebt, 696e18, "recorded");
        assertEq(lens.accountOf(makeAddr("nobody")).positions.length, 0, "an account that nobody has");
    }

    /* MARKETS */

    function test_Market_Summary() public {
        MarketRisk memory parameters = netted.risk.riskOf(BTC);
        (parameters.nettedFeePpm, parameters.pooledFeePpm, parameters.protocolShareBps) = (1000, 1000, 2500);
        _initialize(BTC, parameters);
        _trade(alice, BTC, true, 1e18);
        _change(carol, BTC, true, true, 0.5e18, 0);
        _change(carol, BTC, true, false, 0.25e18, 0);
        _change(carol, BTC, true, false, 0.125e18, 0);
        _nextBlock();
        vm.prank(deployer);
        netted.risk.setState(BTC, MarketState.CloseOnly);
        vm.mockCall(
            address(netted.risk),
            abi.encodeCall(IRiskRegistry.pricesOf, (BTC)),
            abi.encode(Prices(2040e18, 2000e18, PriceStatus.Ok))
        );
        IPerpLens.MarketSummary memory market = lens.marketOf(BTC);
        assertEq(market.prices.mark, 2040e18, "mark");
        assertEq(market.prices.index, 2000e18, "index");
        assertEq(market.midPrice, 2000e18, "the pool's price");
        assertEq(uint256(market.state), uint256(MarketState.CloseOnly), "state");
        assertEq(market.risk.pooledFeePpm, 1000, "parameters");
        // 40 / 86400 a second, rounded down, times 86400.
        assertEq(market.fundingPerDay, 39_999_999_999_999_916_800, "40 a base and day");
        assertEq(market.longs, 1e18, "alice");
        assertEq(market.shorts, 1e18, "bob");
        assertEq(market.skew, 0, "even");
        assertEq(market.queuedOrders, 3, "carol's");
        assertEq(market.queuedLongs, 0.5e18, "one buys");
        assertEq(market.queuedShorts, 0.375e18, "two sell");
        assertEq(market.protocolFees, 1e18, "a quarter of 2 + 2");
        assertEq(market.insuranceFees, 3e18, "the rest");
    }

    /// Two more long than short: the pool holds them.
    function test_Market_Skew() public {
        _change(carol, ETH, true, false, 2e18, 0);
        _settleNextBlock();
        assertEq(lens.marketOf(ETH).skew, -2e18, "more short");
    }

    /// Unknown, and listed without queues.
    function test_RevertWhen_AMarketTakesNoOrders() public {
        bytes memory error_ = abi.encodeWithSelector(IMarketRegistry.MarketRegistry_UnknownMarket.selector, 2);
        vm.expectRevert(error_);
        lens.marketOf(MarketId.wrap(2));
        vm.expectRevert(error_);
        lens.quoteOrder(MarketId.wrap(2), true, 1e18, 0);
        vm.startPrank(deployer);
        netted.registry.list(_market(netted, ETH));
        vm.stopPrank();
        vm.expectRevert(error_);
        lens.marketOf(MarketId.wrap(2));
    }

    /* SEVERAL */

    function test_Multicall_AnswersAllAtOnce() public {
        _trade(alice, ETH, true, 1e18);
        bytes[] memory calls = new bytes[](3);
        calls[0] = abi.encodeCall(IPerpLens.accountOf, (alice));
        calls[1] = abi.encodeCall(IPerpLens.marketOf, (ETH));
        calls[2] = abi.encodeCall(IPerpLens.quoteOrder, (ETH, true, 1e18, 0));
        bytes[] memory answers = lens.multicall(calls);
        assertEq(answers[0], abi.encode(lens.accountOf(alice)), "the account");
        assertEq(answers[1], abi.encode(lens.marketOf(ETH)), "the market");
        assertEq(answers[2], abi.encode(lens.quoteOrder(ETH, true, 1e18, 0)), "the quote");
        assertEq(lens.multicall(new bytes[](0)).length, 0, "nothing asked, nothing said");
    }

    function test_RevertWhen_OneOfSeveralCallsReverts() public {
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(IPerpLens.marketOf, (ETH));
        calls[1] = abi.encodeCall(IPerpLens.marketOf, (MarketId.wrap(2)));
        vm.expectRevert(abi.encodeWithSelector(IMarketRegistry.MarketRegistry_UnknownMarket.selector, 2));
        lens.multicall(calls);
    }
}
