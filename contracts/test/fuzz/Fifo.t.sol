// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { MarketId } from "../../types/MarketId.sol";
import { BatchTest } from "./BatchTest.sol";

/// @notice Allocation.Fifo: the first of the larger side nets, the last goes to the pool.
contract FifoFuzzTest is BatchTest {
    /// The requested example literally: sellers of 2 in all, buyers of 1, 2 and 3: the first nets 1, the second nets 1 and buys 1
    /// from the pool, the third buys 3 from it.
    function test_TheFirstNetsFirst() public {
        Spec[] memory specs = new Spec[](4);
        specs[0] = Spec(traders[7], FIFO, true, true, 1e18, 0);
        specs[1] = Spec(traders[6], FIFO, true, true, 2e18, 0);
        specs[2] = Spec(traders[5], FIFO, true, true, 3e18, 0);
        specs[3] = Spec(traders[4], FIFO, true, false, 2e18, 0);
        (Outcome[] memory outcomes, Cleared[MARKETS] memory cleared) = _settleBatch(specs, _inOrder(4), true);
        uint256[4] memory netted = [uint256(1e18), 1e18, 0, 2e18];
        uint256[4] memory pooled = [uint256(0), 1e18, 3e18, 0];
        for (uint256 i; i < 4; ++i) {
            assertEq(outcomes[i].fill.netted, netted[i], "netted");
            assertEq(outcomes[i].fill.pooled, pooled[i], "from the pool");
        }
        assertEq(outcomes[0].fill.quote, -2000e18, "the first pays exactly 2000");
        assertEq(outcomes[3].fill.quote, 4000e18, "the seller gets exactly 2000 each");
        assertEq(cleared[2].pooled, 4e18, "one swap of the rest");
        _assertConserved(FIFO);
    }

    /// Nobody goes to the pool before someone behind nets; what nets is all of the smaller side, to the wei.
    function testFuzz_NetsInQueueOrder(uint256 seed, uint256 count, bool buysMore) public {
        count = bound(count, 2, 40);
        Spec[] memory specs = _random(seed, count, 1);
        for (uint256 i; i < count; ++i) {
            specs[i].market = FIFO;
            specs[i].isOpen = true;
            specs[i].trader = traders[7];
            specs[i].limitPrice = 0;
            // A third of them on the other side.
            specs[i].isLong = buysMore == (i % 3 != 0);
        }
        (Outcome[] memory outcomes, Cleared[MARKETS] memory all) = _settleBatch(specs, _inOrder(count), true);
        Cleared memory cleared = all[2];
        bool larger = cleared.longs > cleared.shorts;
        uint256 left = cleared.netted;
        for (uint256 i; i < count; ++i) {
            bool isLarger = cleared.longs != cleared.shorts && specs[i].isLong == larger;
            uint256 expected = isLarger && left < specs[i].size ? left : specs[i].size;
            if (isLarger) left -= expected;
            assertEq(outcomes[i].fill.netted, expected, "what the ones before it left nets");
        }
        if (cleared.longs != cleared.shorts) assertEq(left, 0, "all of the smaller side was netted against");
        _assertConserved(FIFO);
    }
}
