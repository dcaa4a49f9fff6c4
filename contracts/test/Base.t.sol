// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { PoolClearingHouse } from "../baseline/PoolClearingHouse.sol";
import { ICollateralVault } from "../interfaces/ICollateralVault.sol";
import { IMarketRegistry } from "../interfaces/IMarketRegistry.sol";
import { INetting } from "../interfaces/INetting.sol";
import { IPerpAdmission } from "../interfaces/IPerpAdmission.sol";
import { IPerpClearingHouse } from "../interfaces/IPerpClearingHouse.sol";
import { IPerpNettingEngine } from "../interfaces/IPerpNettingEngine.sol";
import { IPositionTracker } from "../interfaces/IPositionTracker.sol";
import { IQueueFactory } from "../interfaces/IQueueFactory.sol";
import { IRiskRegistry } from "../interfaces/IRiskRegistry.sol";
import { ISwapRouter } from "../interfaces/ISwapRouter.sol";
import { IUniswapV3Factory } from "../interfaces/external/IUniswapV3Factory.sol";
import { IUniswapV3Pool } from "../interfaces/external/IUniswapV3Pool.sol";
import { SwapRequestStore } from "../netting/SwapRequestStore.sol";
import { MarketRegistry } from "../perp/MarketRegistry.sol";
import { PerpAdmission } from "../perp/PerpAdmission.sol";
import { PerpClearingHouse } from "../perp/PerpClearingHouse.sol";
import { PerpNetting } from "../perp/PerpNetting.sol";
import { PerpNettingEngine } from "../perp/PerpNettingEngine.sol";
import { PerpQueueFactory } from "../perp/PerpQueueFactory.sol";
import { PositionTracker } from "../perp/PositionTracker.sol";
import { SwapRouter } from "../perp/SwapRouter.sol";
import { RiskRegistry } from "../risk/RiskRegistry.sol";
import { TestUSDC } from "../tokens/TestUSDC.sol";
import { VirtualToken } from "../tokens/VirtualToken.sol";
import { Allocation, Market } from "../types/Market.sol";
import { MarketId } from "../types/MarketId.sol";
import { CollateralVault } from "../vault/CollateralVault.sol";
import { Defaults } from "./utils/Defaults.sol";
import { Emulation } from "./utils/Emulation.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice Deploys both clearing houses with a real Uniswap V3 pool each, and acts for traders.
abstract contract BaseTest is Emulation {
    /// @dev One deployment. Engine, netting and admission are null for the baseline.
    struct System {
        IPerpClearingHouse house;
        CollateralVault vault;
        MarketRegistry registry;
        SwapRouter router;
        PerpNettingEngine engine;
        PerpNetting netting;
        RiskRegistry risk;
        PerpAdmission admission;
        address trader; // who fills: netting contract or baseline
    }

    MarketId internal constant ETH = MarketId.wrap(0);

    address internal deployer = makeAddr("deployer");
    address internal alice = makeAddr("alice");
    address internal bob = makeAddr("bob");
    address internal carol = makeAddr("carol");
    address internal keeper = makeAddr("keeper");

    TestUSDC internal usdc;
    IUniswapV3Factory internal factory;
    System internal netted;
    System internal direct;

    function setUp() public virtual {
        _installEmulation();
        vm.roll(100);
        vm.warp(1_700_000_000);
        vm.startPrank(deployer);
        usdc = new TestUSDC(deployer);
        factory = IUniswapV3Factory(
            deployCode("node_modules/@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json")
        );
        vm.stopPrank();
        netted = _deployNetted(Defaults.THREADS, Defaults.CHUNK);
        direct = _deployDirect();
        _list(netted, Allocation.Uniform);
        _list(direct, Allocation.Uniform);
    }

    /* DEPLOYMENT */

    function _deployNetted(uint256 threads, uint256 chunk) internal returns (System memory system) {
        vm.startPrank(deployer);
        uint256 nonce = vm.getNonce(deployer);
        address netting = vm.computeCreateAddress(deployer, nonce + 6);
        address engine = vm.computeCreateAddress(deployer, nonce + 7);
        address house = vm.computeCreateAddress(deployer, nonce + 8);
        system.registry = new MarketRegistry(deployer);
        system.risk = new RiskRegistry(deployer, IMarketRegistry(system.registry));
        system.vault = new CollateralVault(house, address(usdc));
        system.router = new SwapRouter(address(factory), netting, deployer);
        PerpQueueFactory queues = new PerpQueueFactory(engine);
        system.admission = new PerpAdmission(
            engine, house, IMarketRegistry(system.registry), ICollateralVault(system.vault), IRiskRegistry(system.risk)
        );
        system.netting = new PerpNetting(engine, ISwapRouter(system.router), IRiskRegistry(system.risk));
        system.engine = new PerpNettingEngine(
            house,
            IMarketRegistry(system.registry),
            INetting(system.netting),
            IQueueFactory(queues),
            IPerpAdmission(system.admission),
            Defaults.config(threads, chunk)
        );
        system.house = new PerpClearingHouse(
            IMarketRegistry(system.registry),
            ICollateralVault(system.vault),
            IRiskRegistry(system.risk),
            IPerpNettingEngine(system.engine)
        );
        vm.stopPrank();
        assertEq(address(system.house), house, "the house is where the others look for it");
        system.trader = netting;
    }

    function _deployDirect() internal returns (System memory system) {
        vm.startPrank(deployer);
        address house = vm.computeCreateAddress(deployer, vm.getNonce(deployer) + 4);
        system.registry = new MarketRegistry(deployer);
        system.risk = new RiskRegistry(deployer, IMarketRegistry(system.registry));
        system.vault = new CollateralVault(house, address(usdc));
        system.router = new SwapRouter(address(factory), house, deployer);
        system.house = new PoolClearingHouse(
            IMarketRegistry(system.registry),
            ICollateralVault(system.vault),
            IRiskRegistry(system.risk),
            ISwapRouter(system.router)
        );
        vm.stopPrank();
        assertEq(address(system.house), house, "the house is where the others look for it");
        system.trader = house;
    }

    /// @dev Lists a market at 2000 with a pool of its own.
    function _list(System memory system, Allocation allocation) internal returns (MarketId id) {
        vm.startPrank(deployer);
        Market memory market = _createMarket(system, allocation);
        id = system.registry.list(market);
        system.router.addLiquidity(system.registry.get(id), Defaults.LIQUIDITY);
        if (address(system.engine) != address(0)) system.engine.createQueues();
        vm.stopPrank();
    }

    function _createMarket(System memory system, Allocation allocation) private returns (Market memory market) {
        market.tracker = address(new PositionTracker(system.trader, address(system.house), _admissionOf(system)));
        // The base token must sort before the quote token, as Uniswap's token0.
        uint256 nonce = vm.getNonce(deployer);
        bool baseFirst = vm.computeCreateAddress(deployer, nonce) < vm.computeCreateAddress(deployer, nonce + 1);
        address first = _createToken(system, market.tracker, baseFirst);
        address second = _createToken(system, market.tracker, !baseFirst);
        (market.baseToken, market.quoteToken) = baseFirst ? (first, second) : (second, first);
        market.pool = factory.createPool(first, second, Defaults.FEE);
        IUniswapV3Pool(market.pool).initialize(Defaults.SQRT_PRICE);
        market.maxPriceMoveBps = Defaults.MAX_PRICE_MOVE_BPS;
        market.allocation = allocation;
    }

    /// @dev Who accrues funding: the baseline admits its orders itself.
    function _admissionOf(System memory system) private pure returns (address) {
        return address(system.admission) == address(0) ? address(system.house) : address(system.admission);
    }

    function _createToken(System memory system, address tracker, bool isBase) private returns (address) {
        return address(
            new VirtualToken(
                isBase ? "Virtual ETH" : "Virtual USDC",
                isBase ? "vETH" : "vUSDC",
                isBase,
                address(system.router),
                system.trader,
                IPositionTracker(tracker)
            )
        );
    }

    /* TRADERS */

    /// @dev Mints, approves and deposits `amount` token units; in two blocks, because what a generation adds cannot be
    ///      spent in it.
    function _deposit(System memory system, address trader, uint256 amount) internal {
        vm.prank(deployer);
        usdc.mint(trader, amount);
        _nextBlock();
        vm.prank(trader);
        usdc.approve(address(system.vault), type(uint256).max);
        vm.prank(trader);
        system.house.deposit(amount);
    }

    /// @dev Queues an order as an externally owned account does.
    function _change(address trader, MarketId market, bool isOpen, bool isLong, uint256 size, uint256 limit) internal {
        vm.prank(trader, trader);
        netted.house.changePosition{ gas: Defaults.SETTLE_GAS }(market, isOpen, isLong, size, limit, 0);
    }

    function _open(address trader, bool isLong, uint256 size) internal {
        _change(trader, ETH, true, isLong, size, 0);
    }

    /// @dev Queues an order as the block's deferred transaction, which settles the block.
    function _openDeferred(address trader, bool isLong, uint256 size) internal {
        _changeDeferred(trader, ETH, true, isLong, size, 0);
    }

    function _changeDeferred(address trader, MarketId market, bool isOpen, bool isLong, uint256 size, uint256 limit)
        internal
    {
        _beginDeferred();
        _change(trader, market, isOpen, isLong, size, limit);
        _endDeferred();
    }

    /// @dev One settle() by a keeper, in the next block.
    function _settleNextBlock() internal returns (uint256) {
        _nextBlock();
        vm.prank(keeper);
        return netted.house.settle{ gas: Defaults.SETTLE_GAS }();
    }

    /* READS */

    function _market(System memory system, MarketId id) internal view returns (Market memory) {
        return system.registry.get(id);
    }

    function _token(address token) internal pure returns (VirtualToken) {
        return VirtualToken(token);
    }

    function _queue(MarketId id, bool buys) internal view returns (SwapRequestStore) {
        return netted.engine.queueOf(id, buys);
    }

    /// @dev Swap events of a market's pool among recorded logs.
    function _countSwaps(Vm.Log[] memory logs, System memory system, MarketId id)
        internal
        view
        returns (uint256 count)
    {
        address pool = _market(system, id).pool;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].emitter == pool && logs[i].topics[0] == IUniswapV3Pool.Swap.selector) ++count;
        }
    }
}
