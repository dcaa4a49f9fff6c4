// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { INetting } from "../../interfaces/INetting.sol";
import { IQueueFactory } from "../../interfaces/IQueueFactory.sol";
import { ISpotNetting } from "../../interfaces/ISpotNetting.sol";
import { ISwapRouter } from "../../interfaces/ISwapRouter.sol";
import { BatchSettler } from "../../netting/BatchSettler.sol";
import { SwapRequestStore } from "../../netting/SwapRequestStore.sol";
import { Batch, Clearing } from "../../types/Batch.sol";
import { Market } from "../../types/Market.sol";
import { Order } from "../../types/Order.sol";
import { PlainToken } from "./Fixtures.sol";
import { SpotBaseTest } from "./SpotBase.t.sol";
import { SafeTransferLib } from "solady/utils/SafeTransferLib.sol";

contract SpotPaymentsTest is SpotBaseTest {
    /* CLAIM */

    function test_ClaimPaysAllOnce() public {
        _buy(alice, ONE);
        _queueDeferred(bob, false, ONE, 0);
        vm.expectEmit(address(spot.netting));
        emit Claimed(alice, address(spot.base), ONE);
        vm.prank(alice);
        assertEq(spot.engine.claim(address(spot.base)), ONE, "answered");
        assertEq(spot.base.balanceOf(alice), ONE, "paid");
        assertEq(spot.engine.claimable(address(spot.base), alice), 0, "nothing is left");
        assertEq(spot.engine.claimable(address(spot.quote), alice), _loose(ONE) - 2000e6, "the other token stays");
        _assertConserved(_traders());

        vm.expectRevert(
            abi.encodeWithSelector(ISpotNetting.SpotNetting_NothingToClaim.selector, alice, address(spot.base))
        );
        vm.prank(alice);
        spot.engine.claim(address(spot.base));
    }

    function test_ATokenThatRefusesOneTraderHoldsUpNobody() public {
        _buy(alice, ONE);
        PlainToken(address(spot.base)).setBlocked(alice, true);
        PlainToken(address(spot.quote)).setBlocked(alice, true);
        _queueDeferred(bob, false, ONE, 0);
        assertEq(_baseOf(alice), ONE, "the refused one is filled");
        vm.prank(bob);
        assertEq(spot.engine.claim(address(spot.quote)), 2000e6, "the other is paid");

        vm.expectRevert(SafeTransferLib.TransferFailed.selector);
        vm.prank(alice);
        spot.engine.claim(address(spot.base));
        assertEq(_baseOf(alice), ONE, "it can claim once it is no longer refused");
        PlainToken(address(spot.base)).setBlocked(alice, false);
        vm.prank(alice);
        assertEq(spot.engine.claim(address(spot.base)), ONE, "and does");
    }

    function test_SettlementsAddUp() public {
        for (uint256 i; i < 3; ++i) {
            _buy(alice, ONE);
            _queueDeferred(bob, false, ONE, 0);
            _nextBlock();
        }
        assertEq(_baseOf(alice), 3 * ONE, "base of three fills");
        vm.prank(bob);
        assertEq(spot.engine.claim(address(spot.quote)), 6000e6, "quote of three fills");
    }

    /* WHO MAY CALL */

    function test_RevertWhen_OthersCallTheNetting() public {
        Market memory market = spot.registry.get(ETH);
        Batch memory batch = Batch(new Order[](0), 0, new uint256[](0), 0, 0);
        Clearing memory clearing;
        bytes memory error = abi.encodeWithSelector(INetting.Netting_Unauthorized.selector, alice);
        vm.startPrank(alice);
        vm.expectRevert(error);
        spot.netting.swap(ETH, market, batch, MID, true);
        vm.expectRevert(error);
        spot.netting.clear(ETH, market, batch, MID);
        vm.expectRevert(error);
        spot.netting.fill(ETH, market, batch, clearing, 0, 0, true);
        vm.expectRevert(error);
        spot.netting.claimFor(alice, address(spot.base));
        vm.expectRevert(error);
        spot.netting.payPool(address(spot.base), alice, 1);
        vm.stopPrank();
    }

    function test_RevertWhen_OthersCallTheRouter() public {
        Market memory market = spot.registry.get(ETH);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(ISwapRouter.SwapRouter_Unauthorized.selector, alice));
        spot.router.exactInputExternal(market, 1, SQRT_PRICE / 2);
        vm.expectRevert(abi.encodeWithSelector(ISwapRouter.SwapRouter_Unauthorized.selector, alice));
        spot.router.exactOutputExternal(market, 1, SQRT_PRICE * 2);
        vm.expectRevert(abi.encodeWithSelector(ISwapRouter.SwapRouter_NotThePool.selector, alice));
        spot.router
            .uniswapV3SwapCallback(
                1, 0, abi.encode(address(spot.base), address(spot.quote), market.fee, address(spot.netting))
            );
        vm.stopPrank();
    }

    function test_RevertWhen_OthersCallQueuesAndJobs() public {
        Market memory market = spot.registry.get(ETH);
        Batch memory batch = Batch(new Order[](0), 0, new uint256[](0), 0, 0);
        SwapRequestStore queue = spot.engine.queueOf(ETH, true);
        IQueueFactory queues = spot.engine.QUEUES();
        Order memory order;
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(BatchSettler.NettingEngine_NotAJob.selector, alice));
        spot.engine.runJob(ETH, abi.encodeCall(INetting.swap, (ETH, market, batch, MID, true)));
        vm.expectRevert(abi.encodeWithSelector(SwapRequestStore.SwapRequestStore_Unauthorized.selector, alice));
        queue.pushRequest(order);
        vm.expectRevert(abi.encodeWithSelector(SwapRequestStore.SwapRequestStore_Unauthorized.selector, alice));
        queue.clear();
        vm.expectRevert(abi.encodeWithSelector(IQueueFactory.QueueFactory_Unauthorized.selector, alice));
        queues.createQueues(ETH, market);
        vm.stopPrank();
    }
}
