// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Allocation } from "../../types/Market.sol";
import { Defaults } from "../utils/Defaults.sol";
import { SpotBaseTest } from "./SpotBase.t.sol";
import { SpotHandler } from "./SpotHandler.sol";

/// @notice What holds whatever anyone does, in batches cut into chunks of three.
contract SpotInvariants is SpotBaseTest {
    SpotHandler internal handler;

    function setUp() public override {
        super.setUp();
        spot = _deploySpot(false, 3, Allocation.Uniform);
        _provide(spot, Defaults.MIN_TICK, Defaults.MAX_TICK, LIQUIDITY);
        handler = new SpotHandler(spot.engine, spot.netting, spot.base, spot.quote, spot.pool, lp, ETH);
        targetContract(address(handler));
    }

    /// The netting contract holds what is pending, what is claimable, and dust, to the wei. Every request has one end; those without one
    /// are in the queue. Between batches dust is never negative, so that all can be claimed.
    function invariant_EveryTokenAndEveryRequestIsAccountedFor() public view {
        (int128 dustBase, int128 dustQuote) = spot.netting.dustOf(ETH);
        int256 base = int256(handler.pendingBase() + handler.claimable(spot.base)) + dustBase;
        int256 quote = int256(handler.pendingQuote() + handler.claimable(spot.quote)) + dustQuote;
        assertEq(int256(spot.base.balanceOf(address(spot.netting))), base, "base");
        assertEq(int256(spot.quote.balanceOf(address(spot.netting))), quote, "quote");

        assertEq(handler.strays(), 0, "no second end");
        (uint256 orders,,) = spot.engine.pendingOf(ETH);
        uint256 waiting = handler.queued() - handler.ended();
        // Rejected ones end when a batch is cleared, and leave the queue when its last chunk is settled.
        assertLe(waiting, orders, "the others wait");
        if (spot.engine.batchesInProgress() != 0) return;
        assertEq(waiting, orders, "the others wait, and nobody else");
        assertGe(dustBase, 0, "dust of the base");
        assertGe(dustQuote, 0, "dust of the quote");
    }
}
