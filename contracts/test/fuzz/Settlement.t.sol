// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { NettingMath } from "../../libraries/NettingMath.sol";
import { MarketId } from "../../types/MarketId.sol";
import { Position } from "../../types/Position.sol";
import { RejectReason } from "../../types/RejectReason.sol";
import { BatchTest } from "./BatchTest.sol";

/// @notice What each order of a random batch gets, and what the batch adds up to.
contract SettlementFuzzTest is BatchTest {
    function testFuzz_FillsAndConservation(uint256 seed, uint256 count, uint256 markets) public {
        (Spec[] memory specs, Position[] memory before) = _prepare(seed, count, bound(markets, 1, 3));
        uint256[MARKETS] memory mids;
        for (uint16 m; m < MARKETS; ++m) {
            mids[m] = netted.house.getMarkPrice(MarketId.wrap(m));
        }
        (Outcome[] memory outcomes, Cleared[MARKETS] memory cleared) =
            _settleBatch(specs, _inOrder(specs.length), seed % 2 == 0);
        for (uint256 i; i < specs.length; ++i) {
            _checkFill(specs[i], outcomes[i], cleared[MarketId.unwrap(specs[i].market)]);
        }
        for (uint16 m; m < MARKETS; ++m) {
            _assertConserved(MarketId.wrap(m));
            if (cleared[m].orders == 0) continue;
            assertEq(cleared[m].midPrice, mids[m], "the batch nets at the mid before it");
            _checkTotals(specs, outcomes, before, MarketId.wrap(m), cleared[m]);
        }
    }

    /// @dev One order: no fill beyond its size or limit; netted parts at the mid, pooled parts at the swap's average price, but for
    ///      rounding. (That rounding is against traders: Rounding.t.sol.)
    function _checkFill(Spec memory spec, Outcome memory outcome, Cleared memory cleared) private pure {
        Fill memory fill = outcome.fill;
        if (outcome.reason != RejectReason.None) {
            assertEq(fill.base, 0, "a rejected order fills nothing");
            return;
        }
        uint256 base = fill.netted + fill.pooled;
        assertEq(base + fill.cancelled, spec.size, "netted, pooled and cancelled are the whole order");
        assertEq(fill.base, _isBuy(spec) ? int256(base) : -int256(base), "base moves by the fill");

        uint256 quote = uint256(_isBuy(spec) ? -fill.quote : fill.quote);
        uint256 fair = NettingMath.share(fill.netted, cleared.midPrice, 1e18)
            + NettingMath.share(fill.pooled, cleared.poolQuote, cleared.pooled);
        uint256 rounding = _rounding(cleared);
        // What netting could not share out evenly, a wei of base an order, takes part in the swap.
        uint256 uneven = cleared.orders * (cleared.midPrice / 1e18 + 1);
        assertApproxEqAbs(quote, fair, rounding + uneven, "netted at the mid, pooled at the swap's average");
        if (spec.limitPrice == 0) return;
        if (_isBuy(spec)) {
            if (fill.netted != 0) assertLe(cleared.midPrice, spec.limitPrice, "nets within the limit");
            assertLe(quote, NettingMath.shareUp(base, spec.limitPrice, 1e18) + rounding, "a buyer's limit");
        } else {
            if (fill.netted != 0) assertGe(cleared.midPrice, spec.limitPrice, "nets within the limit");
            assertGe(quote + rounding, NettingMath.share(base, spec.limitPrice, 1e18), "a seller's limit");
        }
    }

    /// @dev Two parts, each rounded to a wei of base and to one of quote, and the swap's own rounding (PoolPrediction.t.sol).
    function _rounding(Cleared memory cleared) private pure returns (uint256) {
        return 4 * (cleared.midPrice / 1e18 + 2);
    }

    /// @dev One market: all that can net nets, the smaller side whole, the larger side by one fraction.
    function _checkTotals(
        Spec[] memory specs,
        Outcome[] memory outcomes,
        Position[] memory before,
        MarketId id,
        Cleared memory cleared
    ) private view {
        uint256[] memory admitted = _admitted(specs, outcomes, before, id);
        uint256[2] memory sums;
        uint256[2] memory netted;
        for (uint256 i; i < specs.length; ++i) {
            if (MarketId.unwrap(specs[i].market) != MarketId.unwrap(id)) continue;
            uint256 side = _isBuy(specs[i]) ? 0 : 1;
            sums[side] += admitted[i];
            netted[side] += outcomes[i].fill.netted;
        }
        assertEq(cleared.longs, sums[0], "longs: all admitted buyers");
        assertEq(cleared.shorts, sums[1], "shorts: all admitted sellers");
        uint256 smaller = sums[0] < sums[1] ? 0 : 1;
        assertEq(cleared.netted, sums[smaller], "efficiency 1: min(longs, shorts) nets");
        assertEq(netted[smaller], sums[smaller], "the smaller side nets in full");
        assertApproxEqAbs(
            netted[1 - smaller], cleared.netted, specs.length, "as much of the larger side, but for rounding"
        );

        for (uint256 i; i < specs.length; ++i) {
            if (admitted[i] == 0 || (_isBuy(specs[i]) ? 0 : 1) == smaller) continue;
            if (MarketId.unwrap(id) == MarketId.unwrap(FIFO)) continue;
            // netted / admitted is the same for all: admitted × N / total. Buyers get it rounded down, sellers give it rounded up.
            assertEq(
                outcomes[i].fill.netted,
                NettingMath.rounded(admitted[i], cleared.netted, sums[1 - smaller], smaller == 0),
                "one fraction of the larger side nets"
            );
        }
    }

    /// @dev What each order could fill, worked out anew: an open's size, a close's share of the position.
    function _admitted(Spec[] memory specs, Outcome[] memory outcomes, Position[] memory before, MarketId id)
        private
        view
        returns (uint256[] memory amounts)
    {
        amounts = new uint256[](specs.length);
        for (uint256 i; i < specs.length; ++i) {
            if (MarketId.unwrap(specs[i].market) != MarketId.unwrap(id)) continue;
            RejectReason reason = outcomes[i].reason;
            if (reason != RejectReason.None && reason != RejectReason.NoLiquidity) continue;
            amounts[i] = specs[i].size;
            if (specs[i].isOpen) continue;
            int256 held = before[_placeOfTrader(specs[i].trader) * MARKETS + MarketId.unwrap(id)].base;
            uint256 closable = specs[i].isLong == (held > 0) ? uint256(held < 0 ? -held : held) : 0;
            uint256 total = _closing(specs, outcomes, specs[i]);
            amounts[i] = NettingMath.share(specs[i].size, closable < total ? closable : total, total);
            assertGt(amounts[i], 0, "a close that is not rejected has something to close");
        }
    }

    /// @dev Σ sizes of the trader's closes of that side, but for those beyond their limit.
    function _closing(Spec[] memory specs, Outcome[] memory outcomes, Spec memory like)
        private
        pure
        returns (uint256 total)
    {
        for (uint256 i; i < specs.length; ++i) {
            bool same = !specs[i].isOpen && specs[i].trader == like.trader && specs[i].isLong == like.isLong
                && MarketId.unwrap(specs[i].market) == MarketId.unwrap(like.market);
            if (same && outcomes[i].reason != RejectReason.LimitPrice) total += specs[i].size;
        }
    }

    function _placeOfTrader(address trader) private view returns (uint256 i) {
        while (traders[i] != trader) ++i;
    }
}
