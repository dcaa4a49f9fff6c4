// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IMarketRegistry } from "../../interfaces/IMarketRegistry.sol";
import { IUniswapV3Factory } from "../../interfaces/external/IUniswapV3Factory.sol";
import { IUniswapV3Pool } from "../../interfaces/external/IUniswapV3Pool.sol";
import { TickLib } from "../../libraries/TickLib.sol";
import { MarketRegistry } from "../../perp/MarketRegistry.sol";
import { PositionTracker } from "../../perp/PositionTracker.sol";
import { RiskRegistry } from "../../risk/RiskRegistry.sol";
import { Market } from "../../types/Market.sol";
import { MarketId } from "../../types/MarketId.sol";
import { MarketRisk } from "../../types/MarketRisk.sol";
import { OpenToken, PoolTrader } from "../mocks/PoolTrader.sol";
import { Defaults } from "./Defaults.sol";
import { Emulation } from "./Emulation.sol";

/// @notice A market with a real Uniswap V3 pool and a risk registry, without a clearing house: the test plays its contracts.
abstract contract RiskTest is Emulation {
    uint256 internal constant START = 1_700_000_000;
    /// @dev The tick of 2000: 1.0001^76012 = 1999.835018391808649836.
    int24 internal constant TICK = 76_012;
    MarketId internal constant ETH = MarketId.wrap(0);

    address internal owner = makeAddr("owner");
    address internal guardian = makeAddr("guardian");

    IUniswapV3Factory internal factory;
    MarketRegistry internal registry;
    RiskRegistry internal risk;
    Market internal market;
    IUniswapV3Pool internal pool;
    PoolTrader internal poolTrader;
    PositionTracker internal tracker;

    function setUp() public virtual {
        _installEmulation();
        vm.warp(START);
        factory = IUniswapV3Factory(
            deployCode("node_modules/@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json")
        );
        registry = new MarketRegistry(owner);
        risk = new RiskRegistry(owner, IMarketRegistry(registry));
        tracker = new PositionTracker(address(this), address(this), address(this));
        pool = _createPool();
        pool.initialize(Defaults.SQRT_PRICE);
        poolTrader = new PoolTrader(pool);
        poolTrader.provide(Defaults.MIN_TICK, Defaults.MAX_TICK, Defaults.LIQUIDITY);
        (market.pool, market.tracker) = (address(pool), address(tracker));
        (market.baseToken, market.quoteToken) = (pool.token0(), pool.token1());
        market.maxPriceMoveBps = Defaults.MAX_PRICE_MOVE_BPS;
        vm.startPrank(owner);
        registry.list(market);
        risk.grantRoles(guardian, risk.GUARDIAN());
        vm.stopPrank();
    }

    /// @dev A pool of two new tokens, without a price.
    function _createPool() internal returns (IUniswapV3Pool) {
        address a = address(new OpenToken());
        address b = address(new OpenToken());
        return IUniswapV3Pool(factory.createPool(a, b, Defaults.FEE));
    }

    /// @dev A pool at 2000 with liquidity, that no registry lists, with room for so many observations.
    function _startPool(uint16 cardinality) internal {
        pool = _createPool();
        pool.initialize(Defaults.SQRT_PRICE);
        pool.increaseObservationCardinalityNext(cardinality);
        poolTrader = new PoolTrader(pool);
        poolTrader.provide(Defaults.MIN_TICK, Defaults.MAX_TICK, Defaults.LIQUIDITY);
    }

    /// @dev Moves the pool into the middle of a tick, far from what rounds to its neighbours.
    function _moveTo(int24 tick) internal {
        uint160 root = TickLib.toSqrtPriceX96(tick);
        poolTrader.moveTo(root + root / 40_000);
        assertEq(_tick(), tick, "the pool is in the tick");
    }

    function _tick() internal view returns (int24 tick) {
        (, tick,,,,,) = pool.slot0();
    }

    function _after(uint256 elapsed) internal {
        vm.warp(vm.getBlockTimestamp() + elapsed);
    }

    /// @dev Parameters with a feed: 8 decimals are usual, so `feed` has them.
    function _withFeed(address feed) internal view returns (MarketRisk memory parameters) {
        parameters = risk.riskOf(ETH);
        parameters.feed = feed;
        parameters.feedMaxAge = 3600;
        parameters.priceBandBps = 200;
        parameters.maxDeviationBps = 1000;
    }

    function _initialize(MarketRisk memory parameters) internal {
        vm.prank(owner);
        risk.initialize(ETH, parameters);
    }

    /// @dev Price of a tick, by the pool's own definition; `TickLib.t.sol` holds it against numbers and the pool.
    function _priceOf(int24 tick) internal pure returns (uint256) {
        return TickLib.toWad(tick);
    }
}
