// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IMarketRegistry } from "../../interfaces/IMarketRegistry.sol";
import { IQueueFactory } from "../../interfaces/IQueueFactory.sol";
import { ISpotEvents } from "../../interfaces/ISpotEvents.sol";
import { ISpotNetting } from "../../interfaces/ISpotNetting.sol";
import { ISwapRouter } from "../../interfaces/ISwapRouter.sol";
import { IUniswapV3Factory } from "../../interfaces/external/IUniswapV3Factory.sol";
import { IUniswapV3Pool } from "../../interfaces/external/IUniswapV3Pool.sol";
import { MarketRegistry } from "../../perp/MarketRegistry.sol";
import { SpotNetting } from "../../spot/SpotNetting.sol";
import { SpotNettingEngine } from "../../spot/SpotNettingEngine.sol";
import { SpotQueueFactory } from "../../spot/SpotQueueFactory.sol";
import { SpotRouter } from "../../spot/SpotRouter.sol";
import { Allocation, Market } from "../../types/Market.sol";
import { MarketId } from "../../types/MarketId.sol";
import { AccessRecorder } from "../utils/AccessRecorder.sol";
import { Defaults } from "../utils/Defaults.sol";
import { ITestToken, ParallelToken, PlainToken, PoolUser } from "./Fixtures.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice Deploys a spot engine with one market: a base of 18 decimals at 2000 of a quote of 6, in a real Uniswap V3 pool.
abstract contract SpotBaseTest is AccessRecorder, ISpotEvents {
    /// @dev One deployment and its first market.
    struct Spot {
        MarketRegistry registry;
        SpotRouter router;
        SpotNetting netting;
        SpotNettingEngine engine;
        ITestToken base;
        ITestToken quote;
        IUniswapV3Pool pool;
    }

    MarketId internal constant ETH = MarketId.wrap(0);
    /// @dev 2000 units of 6 decimals for one of 18: 2000e6 × 1e18 / 1e18.
    uint256 internal constant MID = 2000e6;
    /// @dev Roots and liquidity of the perpetual market's pool, scaled by √(10^6 / 10^18).
    uint160 internal constant SQRT_PRICE = Defaults.SQRT_PRICE / 1e6;
    uint128 internal constant LIQUIDITY = Defaults.LIQUIDITY / 1e6;
    uint256 internal constant ONE = 1e18;
    /// @dev A limit that no batch here reaches.
    uint256 internal constant LOOSE = 2 * MID;
    uint256 internal constant RICH = 1e30;

    address internal deployer = makeAddr("deployer");
    address internal alice = makeAddr("alice");
    address internal bob = makeAddr("bob");
    address internal carol = makeAddr("carol");
    address internal keeper = makeAddr("keeper");

    IUniswapV3Factory internal factory;
    PoolUser internal lp;
    Spot internal spot;
    /// @dev What the next deployment's pair is.
    uint8 internal baseDecimals = 18;
    uint8 internal quoteDecimals = 6;
    uint160 internal sqrtPrice = SQRT_PRICE;

    function setUp() public virtual {
        _installEmulation();
        vm.roll(100);
        vm.warp(1_700_000_000);
        vm.prank(deployer);
        factory = IUniswapV3Factory(
            deployCode("node_modules/@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json")
        );
        lp = new PoolUser();
        spot = _deploySpot(false, Defaults.CHUNK, Allocation.Uniform);
        _provide(spot, Defaults.MIN_TICK, Defaults.MAX_TICK, LIQUIDITY);
    }

    /* DEPLOYMENT */

    function _deploySpot(bool parallel, uint256 chunk, Allocation allocation) internal returns (Spot memory s) {
        (s.base, s.quote) = _deployTokens(parallel);
        vm.startPrank(deployer, deployer);
        uint256 nonce = vm.getNonce(deployer);
        address netting = vm.computeCreateAddress(deployer, nonce + 3);
        address engine = vm.computeCreateAddress(deployer, nonce + 4);
        s.registry = new MarketRegistry(deployer);
        s.router = new SpotRouter(address(factory), netting);
        SpotQueueFactory queues = new SpotQueueFactory(engine);
        s.netting = new SpotNetting(engine, ISwapRouter(s.router));
        s.engine = new SpotNettingEngine(
            IMarketRegistry(s.registry), ISpotNetting(s.netting), IQueueFactory(queues), Defaults.config(0, chunk)
        );
        vm.stopPrank();
        assertEq(address(s.engine), engine, "the engine is where the others look for it");
        s.pool = _createPool(s);
        _list(s, allocation);
    }

    /// @dev The base token must sort before the quote token, as Uniswap's token0.
    function _deployTokens(bool parallel) private returns (ITestToken base, ITestToken quote) {
        vm.startPrank(deployer, deployer);
        uint256 nonce = vm.getNonce(deployer);
        bool baseFirst = vm.computeCreateAddress(deployer, nonce) < vm.computeCreateAddress(deployer, nonce + 1);
        address first = _deployToken(parallel, baseFirst ? baseDecimals : quoteDecimals);
        address second = _deployToken(parallel, baseFirst ? quoteDecimals : baseDecimals);
        vm.stopPrank();
        (base, quote) = baseFirst ? (ITestToken(first), ITestToken(second)) : (ITestToken(second), ITestToken(first));
    }

    function _deployToken(bool parallel, uint8 decimals) private returns (address) {
        return parallel ? address(new ParallelToken(decimals)) : address(new PlainToken(decimals));
    }

    function _createPool(Spot memory s) private returns (IUniswapV3Pool pool) {
        pool = IUniswapV3Pool(factory.createPool(address(s.base), address(s.quote), Defaults.FEE));
        pool.initialize(sqrtPrice);
        s.base.mint(address(lp), RICH);
        s.quote.mint(address(lp), RICH);
    }

    function _list(Spot memory s, Allocation allocation) private {
        Market memory market;
        (market.pool, market.baseToken, market.quoteToken) = (address(s.pool), address(s.base), address(s.quote));
        (market.maxPriceMoveBps, market.allocation) = (Defaults.MAX_PRICE_MOVE_BPS, allocation);
        vm.prank(deployer);
        s.registry.list(market);
        s.engine.createQueues();
    }

    /// @dev Lists another base against the quote of a deployment that there is.
    function _addMarket(Spot memory s) internal returns (Spot memory other) {
        other = Spot(s.registry, s.router, s.netting, s.engine, s.base, s.quote, s.pool);
        PlainToken base = new PlainToken(baseDecimals);
        while (address(base) > address(s.quote)) base = new PlainToken(baseDecimals);
        other.base = ITestToken(address(base));
        other.pool = _createPool(other);
        _list(other, Allocation.Uniform);
    }

    function _provide(Spot memory s, int24 lower, int24 upper, uint128 liquidity) internal {
        // What a generation adds to a commutative balance cannot be spent in it.
        _nextBlock();
        lp.addLiquidity(s.pool, lower, upper, liquidity);
    }

    /* TRADERS */

    /// @dev Gives a trader what a request puts up, and the engine's allowance for both tokens.
    function _fund(address trader, bool buys, uint256 size, uint256 limit) internal {
        if (buys) spot.quote.mint(trader, spot.engine.escrowOf(true, size, limit));
        else spot.base.mint(trader, size);
        vm.startPrank(trader);
        spot.base.approve(address(spot.engine), type(uint256).max);
        spot.quote.approve(address(spot.engine), type(uint256).max);
        vm.stopPrank();
    }

    /// @dev Queues a request whose escrow the trader holds.
    function _request(address trader, bool buys, uint256 size, uint256 limit, uint256 deadline) internal {
        vm.prank(trader, trader);
        spot.engine.queueSwapRequest{ gas: Defaults.SETTLE_GAS }(ETH, buys, size, limit, deadline);
    }

    /// @dev Funds and queues.
    function _queue(address trader, bool buys, uint256 size, uint256 limit) internal {
        _fund(trader, buys, size, limit);
        _request(trader, buys, size, limit, 0);
    }

    /// @dev Funds and queues as the block's deferred transaction, which settles the block.
    function _queueDeferred(address trader, bool buys, uint256 size, uint256 limit) internal {
        _fund(trader, buys, size, limit);
        _beginDeferred();
        _request(trader, buys, size, limit, 0);
        _endDeferred();
    }

    function _buy(address trader, uint256 size) internal {
        _queue(trader, true, size, LOOSE);
    }

    function _sell(address trader, uint256 size) internal {
        _queue(trader, false, size, 0);
    }

    /// @dev One settlement by a keeper, in the next block.
    function _settleNextBlock() internal returns (uint256) {
        _nextBlock();
        vm.prank(keeper, keeper);
        return spot.engine.netAndExecuteSwaps{ gas: Defaults.SETTLE_GAS }();
    }

    /* READS */

    function _baseOf(address trader) internal view returns (uint256) {
        return spot.netting.claimable(address(spot.base), trader);
    }

    function _quoteOf(address trader) internal view returns (uint256) {
        return spot.netting.claimable(address(spot.quote), trader);
    }

    /// @dev Escrow of a buyer at the loose limit.
    function _loose(uint256 size) internal view returns (uint256) {
        return spot.engine.escrowOf(true, size, LOOSE);
    }

    /// @dev Events of a signature among recorded logs.
    function _count(Vm.Log[] memory logs, bytes32 signature) internal pure returns (uint256 count) {
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == signature) ++count;
        }
    }

    /// @dev With no request pending, what the netting contract holds is claimable or dust; dust is never negative.
    function _assertConserved(address[] memory traders) internal view {
        uint256 base;
        uint256 quote;
        for (uint256 i; i < traders.length; ++i) {
            base += _baseOf(traders[i]);
            quote += _quoteOf(traders[i]);
        }
        (int128 dustBase, int128 dustQuote) = spot.netting.dustOf(ETH);
        assertGe(dustBase, 0, "dust of the base");
        assertGe(dustQuote, 0, "dust of the quote");
        assertEq(spot.base.balanceOf(address(spot.netting)), base + uint128(dustBase), "base held");
        assertEq(spot.quote.balanceOf(address(spot.netting)), quote + uint128(dustQuote), "quote held");
        assertEq(spot.base.balanceOf(address(spot.router)), 0, "the router keeps no base");
        assertEq(spot.quote.balanceOf(address(spot.router)), 0, "the router keeps no quote");
    }

    function _traders() internal view returns (address[] memory traders) {
        traders = new address[](3);
        (traders[0], traders[1], traders[2]) = (alice, bob, carol);
    }
}
