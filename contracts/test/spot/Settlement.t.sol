// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { WriteBack } from "../../arcology/WriteBack.sol";
import { IUniswapV3Pool } from "../../interfaces/external/IUniswapV3Pool.sol";
import { Allocation } from "../../types/Market.sol";
import { MarketId } from "../../types/MarketId.sol";
import { RejectReason } from "../../types/RejectReason.sol";
import { Defaults } from "../utils/Defaults.sol";
import { SpotBaseTest } from "./SpotBase.t.sol";
import { Vm } from "forge-std/Vm.sol";

contract SpotSettlementTest is SpotBaseTest {
    /* NETTING */

    function test_OppositeRequestsNetAtTheMidWithoutASwap() public {
        vm.recordLogs();
        _buy(alice, 2 * ONE);
        _queueDeferred(bob, false, 2 * ONE, 0);

        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(_count(logs, IUniswapV3Pool.Swap.selector), 0, "no swap");
        assertEq(_count(logs, WriteBack.WriteBackEvent.selector), 2, "each result goes into its own receipt");
        assertEq(_baseOf(alice), 2 * ONE, "the buyer's base");
        assertEq(_quoteOf(alice), _loose(2 * ONE) - 4000e6, "what is left of the buyer's escrow");
        assertEq(_quoteOf(bob), 4000e6, "the seller's quote");
        assertEq(_baseOf(bob), 0, "the seller sold all");
        _assertConserved(_traders());
    }

    function test_TheResidualOfBuyersIsOneSwap() public {
        _sell(alice, ONE);
        _sell(bob, ONE);
        vm.recordLogs();
        _queueDeferred(carol, true, 5 * ONE, LOOSE);

        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(_count(logs, IUniswapV3Pool.Swap.selector), 1, "one swap");
        (int256 base, int256 quote) = _swapOf(logs);
        assertEq(base, -3e18, "of what does not net");
        assertEq(_baseOf(carol), 5 * ONE, "bought");
        assertEq(_quoteOf(carol), _loose(5 * ONE) - 4000e6 - uint256(quote), "2 at the mid, 3 at the pool's price");
        assertEq(_quoteOf(alice), 2000e6, "the smaller side fills at the mid");
        assertEq(_quoteOf(bob), 2000e6, "the smaller side fills at the mid");
        _assertConserved(_traders());
    }

    function test_TheResidualOfSellersIsOneSwap() public {
        _buy(alice, ONE);
        vm.recordLogs();
        _queueDeferred(bob, false, 4 * ONE, 0);

        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(_count(logs, IUniswapV3Pool.Swap.selector), 1, "one swap");
        (int256 base, int256 quote) = _swapOf(logs);
        assertEq(base, 3e18, "of what does not net");
        assertEq(_quoteOf(bob), 2000e6 + uint256(-quote), "1 at the mid, 3 at the pool's price");
        assertLt(_quoteOf(bob), 8000e6, "the pool's part has slippage and fee");
        _assertConserved(_traders());
    }

    function test_TheKeepersWayGivesTheSame() public {
        uint256 snapshot = vm.snapshotState();
        _sell(alice, ONE);
        _queueDeferred(bob, true, 3 * ONE, LOOSE);
        (uint256 sold, uint256 bought, uint256 left) = (_quoteOf(alice), _baseOf(bob), _quoteOf(bob));
        vm.revertToState(snapshot);

        _sell(alice, ONE);
        _queue(bob, true, 3 * ONE, LOOSE);
        assertEq(_settleNextBlock(), 2, "both end");
        assertEq(_quoteOf(alice), sold, "seller");
        assertEq(_baseOf(bob), bought, "buyer's base");
        assertEq(_quoteOf(bob), left, "buyer's quote");
    }

    /// Markets share tokens: one account a trader and token, and every market's dust apart.
    function test_MarketsThatShareATokenSettleTogether() public {
        Spot memory first = spot;
        Spot memory second = _addMarket(spot);
        _provide(second, Defaults.MIN_TICK, Defaults.MAX_TICK, LIQUIDITY);
        _sell(alice, 3 * ONE);
        _buy(bob, ONE);
        second.base.mint(alice, 2 * ONE);
        vm.startPrank(alice, alice);
        second.base.approve(address(spot.engine), type(uint256).max);
        spot.engine.queueSwapRequest(MarketId.wrap(1), false, 2 * ONE, 0, 0);
        vm.stopPrank();

        vm.recordLogs();
        assertEq(_settleNextBlock(), 3, "both markets");
        assertEq(_count(vm.getRecordedLogs(), IUniswapV3Pool.Swap.selector), 2, "one swap each");
        (, int128 dustOfFirst) = spot.netting.dustOf(ETH);
        (, int128 dustOfSecond) = spot.netting.dustOf(MarketId.wrap(1));
        uint256 quote = _quoteOf(alice) + _quoteOf(bob) + uint128(dustOfFirst) + uint128(dustOfSecond);
        assertEq(first.quote.balanceOf(address(spot.netting)), quote, "the quote of both");
        assertGt(_quoteOf(alice), 9900e6, "five were sold");
        assertEq(second.base.balanceOf(address(spot.netting)), 0, "all of the other base went to its pool");
    }

    /* REJECTIONS */

    function test_ALimitBeyondTheMidIsRejectedAndPaidBack() public {
        _queue(alice, true, ONE, MID - 1);
        _queue(bob, false, ONE, MID + 1);
        vm.expectEmit(false, true, false, true, address(spot.netting));
        emit SwapRejected(0, alice, ETH, RejectReason.LimitPrice);
        vm.expectEmit(false, true, false, true, address(spot.netting));
        emit SwapRejected(0, bob, ETH, RejectReason.LimitPrice);
        assertEq(_settleNextBlock(), 2, "both end");
        assertEq(_quoteOf(alice), spot.engine.escrowOf(true, ONE, MID - 1), "all of the buyer's escrow");
        assertEq(_baseOf(bob), ONE, "all of the seller's escrow");
        _assertConserved(_traders());
    }

    function test_AnExpiredRequestIsRejectedAndPaidBack() public {
        _fund(alice, true, ONE, LOOSE);
        _request(alice, true, ONE, LOOSE, vm.getBlockTimestamp());
        _sell(bob, ONE);
        vm.expectEmit(false, true, false, true, address(spot.netting));
        emit SwapRejected(0, alice, ETH, RejectReason.Expired);
        _settleNextBlock();
        assertEq(_quoteOf(alice), _loose(ONE), "all of the escrow");
        assertGt(_quoteOf(bob), 0, "the other goes to the pool");
        _assertConserved(_traders());
    }

    function test_WhatThePoolDoesNotGiveInItsBoundComesBack() public {
        // 5 % up takes about 2.4 % of 10,000 base.
        _buy(alice, 1000 * ONE);
        _settleNextBlock();
        uint256 bought = _baseOf(alice);
        assertApproxEqRel(bought, 10_000e18 * (1e18 - 0.975900073e18) / 1e18, 1e12, "up to the bound");
        uint256 paid = _loose(1000 * ONE) - _quoteOf(alice);
        assertGt(paid, bought * MID / 1e18, "above the mid");
        assertLt(paid, bought * MID * 105 / 100 / 1e18, "below the bound");
        _assertConserved(_traders());
    }

    function test_AStrictBuyerStaysOutOfTheResidual() public {
        _sell(alice, ONE);
        _queue(bob, true, 50 * ONE, MID + 1);
        _queue(carol, true, ONE, LOOSE);
        _settleNextBlock();
        // 1 of 51 nets, in the same part of each; the rest of the strict one is beyond its limit.
        assertEq(_baseOf(bob), 50 * ONE / uint256(51), "the strict one nets its share");
        assertEq(_baseOf(carol), ONE, "the other fills whole");
        assertLe(
            spot.engine.escrowOf(true, 50 * ONE, MID + 1) - _quoteOf(bob), _baseOf(bob) * MID / 1e18 + 1, "at the mid"
        );
        _assertConserved(_traders());
    }

    /* EXACTLY ONCE */

    function test_EachWaySettlesOnce() public {
        _buy(alice, ONE);
        _queueDeferred(bob, false, ONE, 0);
        uint256 quote = _quoteOf(bob);
        vm.prank(keeper, keeper);
        assertEq(spot.engine.netAndExecuteSwaps(), 0, "nothing is left in the block");
        assertEq(_settleNextBlock(), 0, "nor in the next");
        assertEq(_quoteOf(bob), quote, "nothing is credited again");
    }

    function test_LostClearsFillNobodyTwice() public {
        _loseClears(true);
        for (uint256 round = 1; round <= 3; ++round) {
            _buy(alice, ONE);
            _queueDeferred(bob, false, ONE, 0);
            assertEq(_baseOf(alice), round * ONE, "one fill a round");
            assertEq(_quoteOf(bob), round * 2000e6, "one payment a round");
            assertEq(_settleNextBlock(), 0, "nothing is left");
            _assertConserved(_traders());
        }
    }

    function test_ALoneFlaggedCallLeavesSettlementToOthers() public {
        _fund(alice, true, ONE, LOOSE);
        _setDeferredFlag(true);
        _request(alice, true, ONE, LOOSE, 0);
        _setDeferredFlag(false);
        assertEq(_baseOf(alice), 0, "not in the parallel generation");
        assertEq(_settleNextBlock(), 1, "but later");
        assertEq(_baseOf(alice), ONE, "filled");
    }

    function test_ChunksEndEveryRequestAtOnePrice() public {
        (uint256 sold, uint256 bought) = _batchOfTen();
        spot = _deploySpot(false, 3, Allocation.Uniform);
        _provide(spot, Defaults.MIN_TICK, Defaults.MAX_TICK, LIQUIDITY);
        vm.recordLogs();
        (uint256 soldInParts, uint256 boughtInParts) = _batchOfTen();
        assertEq(_count(vm.getRecordedLogs(), IUniswapV3Pool.Swap.selector), 1, "one swap for all parts");
        assertEq(soldInParts, sold, "the same quote");
        assertEq(boughtInParts, bought, "the same base");
    }

    /// @dev Four sellers, five buyers and a buyer whose limit rejects it; settles until none is left.
    function _batchOfTen() private returns (uint256 sold, uint256 bought) {
        address[] memory traders = new address[](10);
        for (uint256 i; i < 10; ++i) {
            traders[i] = address(uint160(0xCAFE00 + i));
            _queue(traders[i], i > 3, ONE + i, i == 9 ? MID / 2 : i > 3 ? LOOSE : 0);
        }
        uint256 ended;
        for (uint256 round; round < 10 && ended < 10; ++round) {
            ended += _settleNextBlock();
        }
        assertEq(ended, 10, "each ends once");
        assertEq(_settleNextBlock(), 0, "and no more");
        assertEq(
            _quoteOf(traders[9]), spot.engine.escrowOf(true, ONE + 9, MID / 2), "the rejected one is paid back once"
        );
        for (uint256 i; i < 10; ++i) {
            if (i > 3) bought += _baseOf(traders[i]);
            else sold += _quoteOf(traders[i]);
        }
        _assertConserved(traders);
    }

    function test_BothTokensMayBeCommutative() public {
        spot = _deploySpot(true, Defaults.CHUNK, Allocation.Uniform);
        _provide(spot, Defaults.MIN_TICK, Defaults.MAX_TICK, LIQUIDITY);
        _fund(alice, false, ONE, 0);
        _fund(bob, true, 3 * ONE, LOOSE);
        _nextBlock();
        _request(alice, false, ONE, 0, 0);
        _beginDeferred();
        _request(bob, true, 3 * ONE, LOOSE, 0);
        _endDeferred();
        assertEq(_quoteOf(alice), 2000e6, "seller");
        assertEq(_baseOf(bob), 3 * ONE, "buyer");
        _assertConserved(_traders());
        _nextBlock();
        vm.prank(bob);
        spot.engine.claim(address(spot.base));
        assertEq(spot.base.balanceOf(bob), 3 * ONE, "claimed");
    }

    /// @dev Amounts of the first swap: positive into the pool.
    function _swapOf(Vm.Log[] memory logs) private pure returns (int256 base, int256 quote) {
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != IUniswapV3Pool.Swap.selector) continue;
            (base, quote,,,) = abi.decode(logs[i].data, (int256, int256, uint160, uint128, int24));
            return (base, quote);
        }
    }
}
