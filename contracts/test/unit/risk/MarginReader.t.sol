// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { ICollateralVault } from "../../../interfaces/ICollateralVault.sol";
import { IMarketRegistry } from "../../../interfaces/IMarketRegistry.sol";
import { IRiskRegistry } from "../../../interfaces/IRiskRegistry.sol";
import { CostLib } from "../../../perp/CostLib.sol";
import { MarginReader } from "../../../perp/MarginReader.sol";
import { PositionTracker } from "../../../perp/PositionTracker.sol";
import { TestPriceFeed } from "../../../tokens/TestPriceFeed.sol";
import { MarketId } from "../../../types/MarketId.sol";
import { MarketRisk } from "../../../types/MarketRisk.sol";
import { MarketView } from "../../../types/MarketView.sol";
import { Defaults } from "../../utils/Defaults.sol";
import { RiskTest } from "../../utils/RiskTest.sol";

/// @notice The reader's sums, open to a test.
contract OpenReader is MarginReader {
    using CostLib for MarketView;

    IMarketRegistry private immutable _REGISTRY;
    mapping(address trader => uint256 bitmap) private _bitmaps;

    constructor(IMarketRegistry registry, ICollateralVault vault, IRiskRegistry risk) MarginReader(vault, risk) {
        _REGISTRY = registry;
    }

    function setMarkets(address trader, uint256 bitmap) external {
        _bitmaps[trader] = bitmap;
    }

    function marketsOf(address trader) public view override returns (uint256) {
        return _bitmaps[trader];
    }

    function exposure(address trader) public view returns (Exposure memory) {
        return _exposure(_newMarkets(), trader, marketsOf(trader));
    }

    function equity(address trader) external view returns (int256) {
        return _equity(exposure(trader));
    }

    function carrying(address trader) external view returns (int256) {
        return _carrying(exposure(trader));
    }

    function isLiquidatable(address trader) external view returns (bool) {
        return _isLiquidatable(exposure(trader));
    }

    function worstFill(MarketId id, bool buys, uint256 limitPrice) external view returns (uint256) {
        return _market(_newMarkets(), id).worstFill(buys, limitPrice);
    }

    function highestPrice(MarketId id, bool buys, uint256 limitPrice) external view returns (uint256) {
        return _market(_newMarkets(), id).highestPrice(buys, limitPrice);
    }

    function entryCost(MarketId id, bool buys, uint256 base, uint256 limitPrice) external view returns (uint256) {
        return _market(_newMarkets(), id).entryCost(buys, base, limitPrice);
    }

    function _registry() internal view override returns (IMarketRegistry) {
        return _REGISTRY;
    }
}

/// @notice An account over two markets with different parameters. Both pools stand at 2000, their history is too short to average.
contract MarginReaderTest is RiskTest {
    MarketId internal constant OTHER = MarketId.wrap(1);

    OpenReader internal reader;
    PositionTracker internal otherTracker;
    TestPriceFeed internal feed;
    address internal alice = makeAddr("alice");
    address internal vault = makeAddr("vault");

    /// Market 0: the defaults, 10 % and 5 %. Market 1: 20 % and 8 %, a fee of 500 ppm, a feed at 2100 with a band of 2 %: its mark
    /// is 2058.
    function setUp() public override {
        super.setUp();
        otherTracker = new PositionTracker(address(this), address(this), address(this));
        pool = _createPool();
        pool.initialize(Defaults.SQRT_PRICE);
        (market.pool, market.tracker) = (address(pool), address(otherTracker));
        (market.baseToken, market.quoteToken) = (pool.token0(), pool.token1());
        feed = new TestPriceFeed(owner, 8, 2100e8);
        MarketRisk memory parameters = _withFeed(address(feed));
        (parameters.initialMarginBps, parameters.maintenanceMarginBps) = (2000, 800);
        (parameters.nettedFeePpm, parameters.pooledFeePpm) = (100, 500);
        vm.startPrank(owner);
        registry.list(market);
        risk.initialize(OTHER, parameters);
        vm.stopPrank();
        reader = new OpenReader(IMarketRegistry(registry), ICollateralVault(vault), IRiskRegistry(risk));
        _collateral(1000e18);
    }

    /* ACCOUNTS */

    /// Market 0: +2 from 1900, mark 2000: profit 200, notional 4000, 10 % 400, 5 % 200, as requested 10 % of 200 = 20.
    /// Market 1: -1 from 2000, mark 2058: loss 58, notional 2058, 20 % 411.6, 8 % 164.64, as requested 20 % of 58 = 11.6.
    /// It had a profit of 30 of which 10 moved into the vault: 20 belong to the collateral.
    function test_Exposure_SumsMarketsWithTheirOwnRatios() public {
        _openBoth();
        MarginReader.Exposure memory exposure = reader.exposure(alice);
        assertEq(exposure.collateral, 1020e18, "1000 + 30 - 10");
        assertEq(exposure.funding, 0, "no time");
        assertEq(exposure.unrealizedPnl, 142e18, "200 - 58");
        assertEq(exposure.openNotional, 6058e18, "4000 + 2058");
        assertEq(exposure.requiredMargin, 31.6e18, "20 + 11.6");
        assertEq(exposure.initialMargin, 811.6e18, "400 + 411.6");
        assertEq(exposure.maintenanceMargin, 364.64e18, "200 + 164.64");
        assertEq(reader.equity(alice), 1162e18, "1020 + 142");
        assertEq(reader.carrying(alice), 1020e18, "open profits carry nothing");
    }

    function test_Exposure_OfNobodyIsItsCollateral() public view {
        MarginReader.Exposure memory expected;
        expected.collateral = 1000e18;
        assertEq(abi.encode(reader.exposure(alice)), abi.encode(expected), "nothing else");
    }

    /// A market whose bit is not set is not read: the bitmap bounds the work.
    function test_Exposure_ReadsTheMarketsOfTheBitmapAlone() public {
        _openBoth();
        reader.setMarkets(alice, 2);
        assertEq(reader.exposure(alice).openNotional, 2058e18, "market 1 alone");
        reader.setMarkets(alice, 4);
        vm.expectRevert(abi.encodeWithSelector(IMarketRegistry.MarketRegistry_UnknownMarket.selector, MarketId.wrap(2)));
        reader.exposure(alice);
    }

    /// Mark 2058, index 2100: shorts pay 42 a base and day, 42e18 ÷ 86,400 = 486,111,111,111,111 a second. After 600 s the short
    /// of 1 owes 0.29166…; of the collateral it counts at once, and what is booked is that.
    function test_Exposure_CountsFundingThatIsDue() public {
        _openBoth();
        _after(600);
        MarginReader.Exposure memory exposure = reader.exposure(alice);
        assertEq(exposure.funding, 291_666_666_666_666_600, "600 x 486,111,111,111,111");
        assertEq(reader.equity(alice), 1162e18 - 291_666_666_666_666_600, "it is owed");
        assertEq(reader.carrying(alice), 1020e18 - 291_666_666_666_666_600, "and carries nothing");

        otherTracker.accrueFunding(-486_111_111_111_111);
        assertEq(reader.exposure(alice).funding, exposure.funding, "accruing changes nothing");
        assertEq(otherTracker.updatePosition(alice, 0, 0, 0).funding, exposure.funding, "the view is what is booked");
        assertEq(reader.equity(alice), 1162e18 - 291_666_666_666_666_600, "booking changes nothing");
        assertEq(reader.exposure(alice).funding, 0, "nothing is due any more");
    }

    /// A long gets what the short pays, and it carries nothing until it is booked.
    function test_Carrying_FundingToComeCountsInEquityAlone() public {
        otherTracker.updatePosition(alice, 1e18, -2000e18, 0);
        reader.setMarkets(alice, 2);
        _after(600);
        assertEq(reader.equity(alice), 1058e18 + 291_666_666_666_666_600, "equity");
        assertEq(reader.carrying(alice), 1000e18, "not what carries");
    }

    function test_Carrying_LossesCount() public {
        otherTracker.updatePosition(alice, -1e18, 2000e18, 0);
        reader.setMarkets(alice, 2);
        assertEq(reader.carrying(alice), 942e18, "1000 - 58");
    }

    /// +2 from 2000 at a mark of 2000 needs 5 % of 4000 = 200.
    function test_IsLiquidatable_BelowMaintenanceAlone() public {
        tracker.updatePosition(alice, 2e18, -4000e18, 0);
        reader.setMarkets(alice, 1);
        _collateral(200e18);
        assertFalse(reader.isLiquidatable(alice), "at the threshold it may stay");
        _collateral(200e18 - 1);
        assertTrue(reader.isLiquidatable(alice), "a wei below it may not");
    }

    /// An account without a position has nothing to close, however deep its debt.
    function test_IsLiquidatable_NotWithoutAPosition() public {
        tracker.updatePosition(alice, 2e18, -4000e18, 0);
        tracker.updatePosition(alice, -2e18, 2000e18, 0);
        reader.setMarkets(alice, 1);
        assertEq(reader.equity(alice), -1000e18, "1000 - 2000");
        assertFalse(reader.isLiquidatable(alice), "nothing to close");
    }

    /// Maintenance is less than initial margin in every market, so it is in every account; whoever is below the first is below the
    /// second.
    function testFuzz_Exposure_MaintenanceIsNotMoreThanInitial(int128 base, int128 otherBase) public {
        base = int128(bound(base, -1e30, 1e30));
        otherBase = int128(bound(otherBase, -1e30, 1e30));
        tracker.updatePosition(alice, base, -base, 0);
        otherTracker.updatePosition(alice, otherBase, -otherBase, 0);
        reader.setMarkets(alice, 3);
        MarginReader.Exposure memory exposure = reader.exposure(alice);
        assertLe(exposure.maintenanceMargin, exposure.initialMargin, "maintenance <= initial");
        assertLe(exposure.initialMargin, exposure.openNotional, "initial <= notional");
    }

    /* ORDERS */

    /// The bound of a batch is 5 %: 2100 for a buyer, with the pool's fee of 500 ppm 2101.05…; 1900 for a seller, 1899.05 with it.
    function test_WorstFill_IsTheLimitWithinTheBound() public view {
        uint256 most = uint256(2100e18) * 1e6 / 999_500 + 1;
        assertEq(reader.worstFill(ETH, true, 0), most, "no limit: the bound");
        assertEq(reader.worstFill(ETH, true, most + 1), most, "a limit beyond it");
        assertEq(reader.worstFill(ETH, true, 2010e18), 2010e18, "a limit within it");
        assertEq(reader.worstFill(ETH, false, 0), 1899.05e18, "no limit: the bound");
        assertEq(reader.worstFill(ETH, false, 1), 1899.05e18, "a limit beyond it");
        assertEq(reader.worstFill(ETH, false, 1990e18), 1990e18, "a limit within it");
    }

    /// In market 1 the mark is 2058 and the mid price 2000.
    function test_HighestPrice_IsNotBelowTheMark() public view {
        assertEq(reader.highestPrice(OTHER, true, 2010e18), 2058e18, "a buyer's limit below the mark");
        assertEq(reader.highestPrice(OTHER, true, 2060e18), 2060e18, "above it");
        assertEq(reader.highestPrice(OTHER, false, 1990e18), 2058e18, "a seller");
        assertEq(reader.highestPrice(ETH, false, 1990e18), 2000e18, "a seller's is the mid price");
    }

    /// Market 1: buying 3 at 2060 loses 2 a base against the mark of 2058, and pays 500 ppm of 6180: 6 + 3.09.
    /// Selling 3 at 1990 loses 68 a base: 204; its fee is at most 500 ppm of 3 × 2000: 3.
    function test_EntryCost_LossAgainstTheMarkAndFee() public view {
        assertEq(reader.entryCost(OTHER, true, 3e18, 2060e18), 9.09e18, "6 + 3.09");
        assertEq(reader.entryCost(OTHER, true, 3e18, 2010e18), 3.015e18, "no loss below the mark: the fee of 6030");
        assertEq(reader.entryCost(OTHER, false, 3e18, 1990e18), 207e18, "204 + 3");
        // No fee in market 0: a limit at the mark costs nothing.
        assertEq(reader.entryCost(ETH, true, 3e18, 2000e18), 0, "no fee, no loss");
        assertEq(reader.entryCost(ETH, false, 1, 1999.5e18), 1, "half a wei is a wei");
    }

    /* HELPERS */

    function _openBoth() private {
        tracker.updatePosition(alice, 2e18, -3800e18, 0);
        otherTracker.updatePosition(alice, 0, 0, -30e18);
        otherTracker.realizePnl(alice, 10e18);
        otherTracker.updatePosition(alice, -1e18, 2000e18, 0);
        reader.setMarkets(alice, 3);
    }

    /// @dev All that the reader asks of a vault.
    function _collateral(uint256 amount) private {
        vm.mockCall(vault, abi.encodeCall(ICollateralVault.getBalance, (alice)), abi.encode(amount));
    }
}
