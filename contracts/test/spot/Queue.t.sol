// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { RUNTIME } from "../../arcology/Addresses.sol";
import { IRuntime } from "../../arcology/IRuntime.sol";
import { IRuntimeEmulation } from "../../emulation/IEmulation.sol";
import { IMarketRegistry } from "../../interfaces/IMarketRegistry.sol";
import { IQueueFactory } from "../../interfaces/IQueueFactory.sol";
import { ISpotNetting } from "../../interfaces/ISpotNetting.sol";
import { ISpotNettingEngine } from "../../interfaces/ISpotNettingEngine.sol";
import { SwapRequestStore } from "../../netting/SwapRequestStore.sol";
import { SpotNettingEngine } from "../../spot/SpotNettingEngine.sol";
import { Allocation } from "../../types/Market.sol";
import { MarketId } from "../../types/MarketId.sol";
import { Order } from "../../types/Order.sol";
import { Access, Accesses } from "../utils/Accesses.sol";
import { Defaults } from "../utils/Defaults.sol";
import { SpotBaseTest } from "./SpotBase.t.sol";
import { VmSafe } from "forge-std/Vm.sol";
import { SafeTransferLib } from "solady/utils/SafeTransferLib.sol";

contract SpotQueueTest is SpotBaseTest {
    /* DEPLOYMENT */

    function test_TheEngineDefersOneFunction() public view {
        IRuntimeEmulation.Deferral[] memory deferrals = IRuntimeEmulation(RUNTIME).deferrals();
        assertEq(deferrals.length, 1, "one registration");
        assertEq(deferrals[0].target, address(spot.engine), "by the engine");
        assertEq(deferrals[0].selector, ISpotNettingEngine.queueSwapRequest.selector, "of the queueing function");
        assertEq(deferrals[0].prepaidGas, 500_000, "prepaid gas");
    }

    /// The runtime refuses a registration after any other external call of the constructor.
    function test_TheRegistrationIsTheFirstCallOfTheDeployment() public {
        vm.startStateDiffRecording();
        vm.prank(deployer, deployer);
        SpotNettingEngine engine = new SpotNettingEngine(
            IMarketRegistry(spot.registry), ISpotNetting(spot.netting), IQueueFactory(address(1)), Defaults.config(0, 1)
        );
        VmSafe.AccountAccess[] memory calls = vm.stopAndReturnStateDiff();
        uint256 seen;
        for (uint256 i; i < calls.length; ++i) {
            bool isOwn = calls[i].accessor == address(engine) && calls[i].account != address(engine);
            bool isCall = calls[i].kind == VmSafe.AccountAccessKind.Call
                || calls[i].kind == VmSafe.AccountAccessKind.StaticCall
                || calls[i].kind == VmSafe.AccountAccessKind.Create;
            if (!isOwn || !isCall) continue;
            if (seen++ != 0) continue;
            assertEq(calls[i].account, RUNTIME, "the runtime is called first");
            assertEq(bytes4(calls[i].data), IRuntime.defer.selector, "to register");
        }
        assertGt(seen, 2, "the container and the jobs come after it");
    }

    function test_ContractsFitOtherChains() public view {
        assertLt(address(spot.engine).code.length, 24_576, "engine");
        assertLt(address(spot.netting).code.length, 24_576, "netting");
        assertLt(address(spot.router).code.length, 24_576, "router");
    }

    /* ESCROW */

    function test_ASellerPutsUpItsBase() public {
        _sell(alice, 3 * ONE);
        assertEq(spot.base.balanceOf(address(spot.netting)), 3 * ONE, "held");
        assertEq(spot.base.balanceOf(alice), 0, "taken");
        assertEq(spot.quote.balanceOf(address(spot.netting)), 0, "no quote");
    }

    function test_ABuyerPutsUpItsLimit() public {
        _queue(alice, true, 3 * ONE, MID);
        uint256 escrow = spot.quote.balanceOf(address(spot.netting));
        // 3 at 2000, and for rounding 4096 × (2000e6 / 1e18) rounded up, and 3 × 4096.
        assertEq(escrow, 6000e6 + 1 + 12_288, "held");
        assertEq(spot.quote.balanceOf(alice), 0, "taken");
    }

    function test_TheRequestIsInTheQueueAndInTheEvent() public {
        uint256 deadline = vm.getBlockTimestamp() + 60;
        _fund(alice, true, ONE, MID);
        vm.expectEmit(false, true, true, false, address(spot.engine));
        emit SwapQueued(0, alice, ETH, true, ONE, MID, deadline, 0);
        _request(alice, true, ONE, MID, deadline);

        SwapRequestStore queue = spot.engine.queueOf(ETH, true);
        Order memory order = queue.getOrder(0);
        assertEq(order.trader(), alice, "trader");
        assertTrue(order.isBuy(), "side");
        assertEq(order.size(), ONE, "size");
        assertEq(order.limitPrice(), MID, "limit");
        assertEq(order.deadline(), deadline, "deadline");
        assertEq(queue.TOKEN_IN(), address(spot.quote), "a buyer brings quote");
        assertEq(spot.engine.queueOf(ETH, false).TOKEN_IN(), address(spot.base), "a seller brings base");
        assertEq(spot.engine.swapTotals(queue.KEY()), ONE, "swapTotals");
    }

    function testFuzz_TheEscrowCoversSizeAtLimit(uint96 size, uint128 limit) public view {
        size = uint96(bound(size, 1, type(uint96).max));
        limit = uint128(bound(limit, 1, type(uint128).max));
        uint256 escrow = spot.engine.escrowOf(true, size, limit);
        assertGt(escrow * 1e18, uint256(size) * limit, "more than the limit");
        // limit / 1e18 quote for each wei of base that rounding can cost.
        assertLe(escrow, uint256(size) * limit / 1e18 + 4096 * (uint256(limit) / 1e18 + 5), "and not much more");
        assertEq(spot.engine.escrowOf(false, size, limit), size, "a seller's size");
    }

    /* BAD INPUT */

    function test_RevertWhen_SizeIsZero() public {
        _refuse(abi.encodeWithSelector(ISpotNettingEngine.SpotNettingEngine_ZeroSize.selector), true, 0, MID, 0);
    }

    function test_RevertWhen_SizeIsTooLarge() public {
        uint256 max = type(uint96).max;
        bytes memory error =
            abi.encodeWithSelector(ISpotNettingEngine.SpotNettingEngine_SizeTooLarge.selector, max + 1, max);
        _refuse(error, false, max + 1, MID, 0);
    }

    function test_RevertWhen_ABuyerHasNoLimit() public {
        _refuse(abi.encodeWithSelector(ISpotNettingEngine.SpotNettingEngine_LimitMissing.selector), true, ONE, 0, 0);
    }

    function test_RevertWhen_TheLimitIsTooLarge() public {
        uint256 max = type(uint128).max;
        bytes memory error =
            abi.encodeWithSelector(ISpotNettingEngine.SpotNettingEngine_LimitTooLarge.selector, max + 1, max);
        _refuse(error, true, ONE, max + 1, 0);
    }

    function test_RevertWhen_TheDeadlineHasPassed() public {
        uint256 time = vm.getBlockTimestamp();
        bytes memory error =
            abi.encodeWithSelector(ISpotNettingEngine.SpotNettingEngine_Expired.selector, time - 1, time);
        _refuse(error, true, ONE, MID, time - 1);
    }

    function test_RevertWhen_TheMarketIsUnknown() public {
        _fund(alice, false, ONE, 0);
        vm.expectRevert(abi.encodeWithSelector(IMarketRegistry.MarketRegistry_UnknownMarket.selector, MarketId.wrap(7)));
        vm.prank(alice, alice);
        spot.engine.queueSwapRequest(MarketId.wrap(7), false, ONE, 0, 0);
    }

    function test_RevertWhen_AContractCalls() public {
        bytes memory error =
            abi.encodeWithSelector(ISpotNettingEngine.SpotNettingEngine_OnlyOrigin.selector, address(lp));
        vm.prank(address(lp), alice);
        vm.expectRevert(error);
        spot.engine.queueSwapRequest(ETH, false, ONE, 0, 0);
        vm.prank(address(lp), alice);
        vm.expectRevert(error);
        spot.engine.netAndExecuteSwaps();
    }

    function test_RevertGiven_TooLittleToPutUp() public {
        _fund(alice, false, ONE, 0);
        vm.expectRevert(SafeTransferLib.TransferFromFailed.selector);
        _request(alice, false, ONE + 1, 0, 0);
        (uint256 orders,,) = spot.engine.pendingOf(ETH);
        assertEq(orders, 0, "nothing is queued");
    }

    /* CONFLICTS */

    /// With commutative balances and an unlimited allowance no two requests conflict, those of one sender included.
    function test_RequestsOfParallelTokensConflictNowhere() public {
        spot = _deploySpot(true, Defaults.CHUNK, Allocation.Uniform);
        _warmUp();
        Access[] memory first = _record(alice, true);
        _assertNoConflict(first, _record(bob, true), "two buyers");
        _assertNoConflict(first, _record(carol, false), "a buyer and a seller");
        _assertNoConflict(first, _record(alice, true), "the same buyer twice");
        _assertNoConflict(first, _record(alice, false), "the same trader on both sides");
    }

    /// A plain token has one slot for the escrow of all: said in the interface, shown here.
    function test_RequestsOfPlainTokensConflictOnTheEscrow() public {
        _warmUp();
        Access[] memory first = _record(alice, true);
        (bool conflict,) = Accesses.conflict(first, _record(bob, true));
        assertTrue(conflict, "two buyers of a plain token");
        (conflict,) = Accesses.conflict(first, _record(carol, false));
        assertFalse(conflict, "a buyer and a seller bring different tokens");
    }

    /// @dev All that first transfers create is there, and the traders hold enough, of an earlier generation.
    function _warmUp() private {
        address[] memory traders = _traders();
        for (uint256 i; i < traders.length; ++i) {
            for (uint256 round; round < 4; ++round) {
                _fund(traders[i], true, ONE, MID);
                _fund(traders[i], false, ONE, 0);
            }
        }
        _nextBlock();
        _request(alice, true, ONE, MID, 0);
        _request(alice, false, ONE, 0, 0);
        _nextBlock();
    }

    function _record(address trader, bool buys) private returns (Access[] memory) {
        _startRecording();
        _request(trader, buys, ONE, MID, 0);
        return _stopRecording();
    }

    function _assertNoConflict(Access[] memory a, Access[] memory b, string memory what) private pure {
        (bool conflict, string memory over) = Accesses.conflict(a, b);
        assertFalse(conflict, string.concat(what, ": ", over));
    }

    function _refuse(bytes memory error, bool buys, uint256 size, uint256 limit, uint256 deadline) private {
        vm.expectRevert(error);
        _request(alice, buys, size, limit, deadline);
    }
}
