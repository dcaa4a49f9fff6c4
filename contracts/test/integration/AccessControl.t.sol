// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Multiprocess } from "../../arcology/Multiprocess.sol";
import { ICollateralVault } from "../../interfaces/ICollateralVault.sol";
import { INetting } from "../../interfaces/INetting.sol";
import { IPerpAdmission } from "../../interfaces/IPerpAdmission.sol";
import { IPerpNettingEngine } from "../../interfaces/IPerpNettingEngine.sol";
import { IPositionTracker } from "../../interfaces/IPositionTracker.sol";
import { IQueueFactory } from "../../interfaces/IQueueFactory.sol";
import { ISwapRouter } from "../../interfaces/ISwapRouter.sol";
import { NettingEngine } from "../../netting/NettingEngine.sol";
import { SwapRequestStore } from "../../netting/SwapRequestStore.sol";
import { Batch, Clearing } from "../../types/Batch.sol";
import { Market } from "../../types/Market.sol";
import { Order } from "../../types/Order.sol";
import { BaseTest } from "../Base.t.sol";
import { Defaults } from "../utils/Defaults.sol";
import { Ownable } from "solady/auth/Ownable.sol";

/// @notice Functions that are for one caller alone, with their named errors.
contract AccessControlTest is BaseTest {
    Market internal market;

    function setUp() public override {
        super.setUp();
        market = _market(netted, ETH);
        vm.startPrank(alice);
    }

    function _unauthorized(bytes4 selector) private view returns (bytes memory) {
        return abi.encodeWithSelector(selector, alice);
    }

    /// @dev All calls from here on are of this account.
    function _as(address account) private {
        vm.stopPrank();
        vm.startPrank(account);
    }

    /* CALLERS */

    function test_RevertWhen_AnyoneCallsTheEngine() public {
        IPerpNettingEngine.PositionChange memory change;
        vm.expectRevert(_unauthorized(NettingEngine.NettingEngine_Unauthorized.selector));
        netted.engine.queuePositionChange(change, true);
        vm.expectRevert(_unauthorized(NettingEngine.NettingEngine_Unauthorized.selector));
        netted.engine.netAndExecutePerpSwaps(true);
    }

    function test_RevertWhen_AnyoneCallsTheNetting() public {
        Batch memory batch;
        Clearing memory clearing;
        bytes memory error_ = _unauthorized(INetting.Netting_Unauthorized.selector);
        vm.expectRevert(error_);
        netted.netting.swap(ETH, market, batch, 1, false);
        vm.expectRevert(error_);
        netted.netting.clear(ETH, market, batch, 1);
        vm.expectRevert(error_);
        netted.netting.fill(ETH, market, batch, clearing, 0, 0, false);
    }

    function test_RevertWhen_AnyoneWritesAQueue() public {
        SwapRequestStore queue = _queue(ETH, true);
        Order memory order;
        bytes memory error_ = _unauthorized(SwapRequestStore.SwapRequestStore_Unauthorized.selector);
        vm.expectRevert(error_);
        queue.pushRequest(order);
        vm.expectRevert(error_);
        queue.update(0, 1);
        vm.expectRevert(error_);
        queue.clear();
    }

    function test_RevertWhen_AnyoneCreatesQueues() public {
        IQueueFactory queues = netted.engine.QUEUES();
        vm.expectRevert(_unauthorized(IQueueFactory.QueueFactory_Unauthorized.selector));
        queues.createQueues(ETH, market);
    }

    function test_RevertWhen_AnyoneWritesPositions() public {
        bytes memory error_ = _unauthorized(IPositionTracker.PositionTracker_Unauthorized.selector);
        vm.expectRevert(error_);
        IPositionTracker(market.tracker).updatePosition(alice, 1, -1, 0);
        vm.expectRevert(error_);
        IPositionTracker(market.tracker).realizePnl(alice, 1);
        vm.expectRevert(error_);
        IPositionTracker(market.tracker).accrueFunding(1);
    }

    function test_RevertWhen_AnyoneAdmitsOrdersOrUsesNonces() public {
        bytes memory error_ = _unauthorized(IPerpAdmission.PerpAdmission_Unauthorized.selector);
        vm.expectRevert(error_);
        netted.admission.admit(new IPerpAdmission.Candidates[](0));
        vm.expectRevert(error_);
        netted.admission.cancelNonce(alice, 1);
        _as(address(netted.house));
        vm.expectRevert(
            abi.encodeWithSelector(IPerpAdmission.PerpAdmission_Unauthorized.selector, address(netted.house))
        );
        netted.admission.admit(new IPerpAdmission.Candidates[](0));
    }

    function test_RevertWhen_AnyoneMovesCollateral() public {
        bytes memory error_ = _unauthorized(ICollateralVault.CollateralVault_Unauthorized.selector);
        vm.expectRevert(error_);
        netted.vault.deposit(alice, 1);
        vm.expectRevert(error_);
        netted.vault.withdraw(alice, 1);
        vm.expectRevert(error_);
        netted.vault.settlePnl(alice, 1);
        vm.expectRevert(error_);
        netted.vault.collect(alice, 1);
    }

    /// Not even the owner of the router swaps; it only adds liquidity.
    function test_RevertWhen_AnyoneSwapsByTheRouter() public {
        bytes memory error_ = _unauthorized(ISwapRouter.SwapRouter_Unauthorized.selector);
        vm.expectRevert(error_);
        netted.router.exactInputExternal(market, 1e18, Defaults.SQRT_PRICE - 1);
        vm.expectRevert(error_);
        netted.router.exactOutputExternal(market, 1e18, Defaults.SQRT_PRICE + 1);
        vm.expectRevert(Ownable.Unauthorized.selector);
        netted.router.addLiquidity(market, 1);
        _as(deployer);
        vm.expectRevert(abi.encodeWithSelector(ISwapRouter.SwapRouter_Unauthorized.selector, deployer));
        netted.router.exactInputExternal(market, 1e18, Defaults.SQRT_PRICE - 1);
    }

    /// A callback that names the real pool, and one that names a pool of the caller's own.
    function test_RevertWhen_ACallbackIsNotFromThePool() public {
        bytes memory error_ = _unauthorized(ISwapRouter.SwapRouter_NotThePool.selector);
        bytes memory key = abi.encode(market.baseToken, market.quoteToken, market.fee, alice);
        vm.expectRevert(error_);
        netted.router.uniswapV3SwapCallback(1e18, 0, key);
        vm.expectRevert(error_);
        netted.router.uniswapV3MintCallback(1e18, 0, key);
        bytes memory foreign = abi.encode(alice, bob, market.fee, alice);
        vm.expectRevert(error_);
        netted.router.uniswapV3SwapCallback(1e18, 0, foreign);
    }

    /// The pool of another fee tier is a pool of the factory, but not the one of the key.
    function test_RevertWhen_ACallbackIsFromAnotherPool() public {
        address other = factory.createPool(market.baseToken, market.quoteToken, 3000);
        _as(other);
        vm.expectRevert(abi.encodeWithSelector(ISwapRouter.SwapRouter_NotThePool.selector, other));
        netted.router
            .uniswapV3SwapCallback(
                1e18, 0, abi.encode(market.baseToken, market.quoteToken, market.fee, address(netted.router))
            );
    }

    function test_RevertWhen_AnyoneMintsCollateralOrRunsJobs() public {
        vm.expectRevert(Ownable.Unauthorized.selector);
        usdc.mint(alice, 1);
        Multiprocess jobs = new Multiprocess();
        _as(bob);
        vm.expectRevert(abi.encodeWithSelector(Multiprocess.Multiprocess_OnlyOwner.selector, bob, alice));
        jobs.run(1);
    }
}
