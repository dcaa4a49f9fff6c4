// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { PoolFills } from "../../../baseline/PoolFills.sol";
import { BaseTest } from "../../Base.t.sol";
import { Defaults } from "../../utils/Defaults.sol";

/// @notice The residual of a batch moves the pool no farther from the mark than an account at its maintenance margin survives, however
///         many batches try: 5 % less the pool's fee of 0.05 % and that of a liquidation, 1.5 %: 3.45 %. The market is an hour old, so
///         that the mark is the average of 15 minutes; blocks are a second.
contract PoolBoundTest is BaseTest {
    address private attacker = makeAddr("attacker");
    address private victim = makeAddr("victim");

    function setUp() public override {
        super.setUp();
        _deposit(netted, attacker, 10_000_000 * Defaults.USDC);
        _deposit(netted, victim, 1000 * Defaults.USDC);
        _deposit(netted, bob, 1_000_000 * Defaults.USDC);
        _deposit(direct, attacker, 10_000_000 * Defaults.USDC);
        vm.warp(vm.getBlockTimestamp() + 1 hours);
        _nextBlock();
    }

    /// Six batches sell 300 each. The first takes the pool to 2000 x 0.9655 = 1931. In the six seconds the average falls by 6 / 900 of
    /// 3.45 %, 0.02 %, so that the bound is 1930.5 then. By the mid price alone it would have been 2000 x 0.95^6 = 1470.
    function test_ManyBatches_DoNotWalkThePool() public {
        for (uint256 i; i < 6; ++i) {
            _open(attacker, false, 300e18);
            _settleNextBlock();
        }
        uint256 mid = netted.registry.midPrice(ETH);
        assertLt(mid, 1931e18, "as far as one batch may go");
        assertGt(mid, 1930e18, "and no farther");
        assertGt(netted.house.getMarkPrice(ETH), 1999e18, "the mark hardly moved");
    }

    /// Time lets it go on: after another 15 minutes the mark is 1931, and 1864.4 the bound.
    function test_TheBoundFollowsTheMark() public {
        _open(attacker, false, 300e18);
        _settleNextBlock();
        vm.warp(vm.getBlockTimestamp() + 900);
        _open(attacker, false, 300e18);
        _settleNextBlock();
        uint256 mid = netted.registry.midPrice(ETH);
        assertLt(mid, 1865e18, "3.45 % below 1931");
        assertGt(mid, 1863e18, "and no more");
    }

    /// A pool beyond the bound is not moved farther, and back it may go at once.
    function test_TheWayBackIsOpen() public {
        _open(attacker, false, 300e18);
        _settleNextBlock();
        uint256 low = netted.registry.midPrice(ETH);
        _open(bob, true, 100e18);
        _settleNextBlock();
        assertGt(netted.registry.midPrice(ETH), low * 101 / 100, "bought back");
    }

    /// What nets is not held back: with the pool at its bound 10 buy what 10 sell.
    function test_NettingGoesOnAtTheBound() public {
        _open(attacker, false, 300e18);
        _settleNextBlock();
        _open(attacker, false, 10e18);
        _openDeferred(bob, true, 10e18);
        (int256 base,,) = netted.house.getPosition(bob, ETH);
        assertEq(base, 10e18, "filled whole");
    }

    /// The attack that this is for: the attacker pushes the pool down in six batches, and closes a long of its own account `victim`
    /// against its short. The long has 10 % of margin: it would have lost 26 %, 16 % of them the fund's. Now it loses 3.5 %.
    function test_PushingThePool_LeavesNoBadDebt() public {
        _open(attacker, false, 4.7e18);
        _openDeferred(victim, true, 4.7e18);
        _nextBlock();
        for (uint256 i; i < 6; ++i) {
            _open(attacker, false, 300e18);
            _settleNextBlock();
        }
        _nextBlock();
        _change(attacker, ETH, false, false, 4.7e18, 0);
        _changeDeferred(victim, ETH, false, true, 4.7e18, 0);
        (int256 base,,) = netted.house.getPosition(victim, ETH);
        assertEq(base, 0, "it may close");
        assertGt(netted.house.getAccount(victim).collateral, 670e18, "1000 - 4.7 x 69.5");
        netted.house.settleBadDebt(victim);
        assertEq(netted.vault.totalBadDebt(), 0, "it paid for itself");
    }

    /// The baseline's orders fill whole or not at all: beyond the bound not at all.
    function test_Baseline_DoesNotGoBeyond() public {
        for (uint256 i; i < 2; ++i) {
            vm.prank(attacker);
            direct.house.openPosition(ETH, false, 80e18, 0, 0);
            _nextBlock();
        }
        vm.expectPartialRevert(PoolFills.PoolClearingHouse_BeyondLimit.selector);
        vm.prank(attacker);
        direct.house.openPosition(ETH, false, 80e18, 0, 0);
        assertGt(direct.registry.midPrice(ETH), 1930e18, "3.45 % below the mark");
    }
}
