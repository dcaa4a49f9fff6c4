// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { PerpMath } from "../../../libraries/PerpMath.sol";
import { Test } from "forge-std/Test.sol";

contract PerpMathTest is Test {
    int256 internal constant LIMIT = 1e38;

    /* FILL */

    function test_Fill_OpensAndExtends() public pure {
        _check(0, 0, 1e18, -2000e18, 1e18, -2000e18, 0, "opens a long");
        _check(1e18, -2000e18, 1e18, -2100e18, 2e18, -4100e18, 0, "extends it");
        _check(0, 0, -1e18, 2000e18, -1e18, 2000e18, 0, "opens a short");
        _check(-1e18, 2000e18, -3e18, 5700e18, -4e18, 7700e18, 0, "extends it");
    }

    function test_Fill_ReducesAtAverageCost() public pure {
        // Long 4 that cost 8000, a quarter sold for 2500: cost of the quarter 2000, profit 500.
        _check(4e18, -8000e18, -1e18, 2500e18, 3e18, -6000e18, 500e18, "a long takes profit");
        // Short 4 that brought 8000, half bought back for 4400: it brought 4000, loss 400.
        _check(-4e18, 8000e18, 2e18, -4400e18, -2e18, 4000e18, -400e18, "a short takes a loss");
    }

    function test_Fill_ClosesWhole() public pure {
        _check(3e18, -6001, -3e18, 6000, 0, 0, -1, "nothing stays open, not even a wei");
        _check(-3e18, 6001, 3e18, -6000, 0, 0, 1, "nor of a short");
    }

    function test_Fill_Flips() public pure {
        // Long 1 at 2000; 3 sold for 6300: a third (2100) closes with profit 100, two thirds open a short at 2100.
        _check(1e18, -2000e18, -3e18, 6300e18, -2e18, 4200e18, 100e18, "long to short");
        // Short 1 at 2000; 3 bought for 6300: 2100 close with loss 100, a long of 2 at 2100 opens.
        _check(-1e18, 2000e18, 3e18, -6300e18, 2e18, -4200e18, -100e18, "short to long");
    }

    /// A third of 100 is 33: the part that is closed is rounded towards zero, what stays takes the rest.
    function test_Fill_RoundingStaysInTheAccount() public pure {
        _check(3, -100, -1, 40, 2, -67, 7, "33 closed, 67 stay");
    }

    function testFuzz_Fill_ConservesBaseAndQuote(int256 base, int256 quote, int256 baseDelta, int256 quoteDelta)
        public
        pure
    {
        (base, quote) = (bound(base, -LIMIT, LIMIT), bound(quote, -LIMIT, LIMIT));
        (baseDelta, quoteDelta) = (bound(baseDelta, -LIMIT, LIMIT), bound(quoteDelta, -LIMIT, LIMIT));
        (int256 newBase, int256 newQuote, int256 realized) = PerpMath.fill(base, quote, baseDelta, quoteDelta);
        assertEq(newBase, base + baseDelta, "base is conserved");
        assertEq(newQuote + realized, quote + quoteDelta, "quote is conserved");
    }

    /// Positions as they come about: quote has the opposite sign of base, a fill's too.
    function testFuzz_Fill_KeepsSignsAndAverageCost(
        uint256 held,
        uint256 cost,
        uint256 traded,
        uint256 value,
        bool isLong
    ) public pure {
        held = bound(held, 0, 1e30);
        cost = held == 0 ? 0 : bound(cost, 0, 1e34);
        traded = bound(traded, 1, 1e30);
        value = bound(value, 0, 1e34);
        int256 side = isLong ? int256(1) : int256(-1);
        (int256 base, int256 quote, int256 realized) =
            PerpMath.fill(side * int256(held), -side * int256(cost), -side * int256(traded), side * int256(value));

        if (traded < held) {
            assertEq(-side * quote, int256(cost - cost * traded / held), "what stays keeps its average cost");
            assertEq(side * base, int256(held - traded), "and its side");
        } else if (traded == held) {
            assertEq(quote, 0, "closed: no quote stays");
            assertEq(base, 0, "closed: no base stays");
        } else {
            assertEq(side * quote, int256(value - value * held / traded), "what opens has the fill's price");
            if (held != 0) {
                assertEq(realized, side * int256(value * held / traded) - side * int256(cost), "the rest closes");
            }
        }
        assertTrue(base <= 0 || quote <= 0, "a long never holds quote");
        assertTrue(base >= 0 || quote >= 0, "a short never owes quote");
    }

    /* VALUES */

    function test_PositionValue_RequestedExample() public pure {
        assertEq(PerpMath.positionValue(1e18, -2000e18, 2000e18), 0, "+1 at its entry price");
        assertEq(PerpMath.positionValue(1e18, -2000e18, 2500e18), 500e18, "+1 at 2500");
        assertEq(PerpMath.positionValue(-1e18, 2000e18, 2500e18), -500e18, "-1 at 2500");
    }

    function test_PositionValue_RoundsAgainstTheTrader() public pure {
        // 1 wei at 1.5 is worth 1.5 wei.
        assertEq(PerpMath.positionValue(1, 0, 1.5e18), 1, "a long is worth 1");
        assertEq(PerpMath.positionValue(-1, 0, 1.5e18), -2, "a short owes 2");
    }

    function testFuzz_PositionValue_OppositePositionsNeverGain(int256 base, int256 quote, uint256 price) public pure {
        (base, quote, price) = (bound(base, -LIMIT, LIMIT), bound(quote, -LIMIT, LIMIT), bound(price, 0, 1e30));
        int256 sum = PerpMath.positionValue(base, quote, price) + PerpMath.positionValue(-base, -quote, price);
        assertLe(sum, 0, "opposite positions are together worth nothing");
        assertGe(sum, -1, "less one wei at most");
    }

    function test_NotionalAndMargin_RoundUp() public pure {
        assertEq(PerpMath.notional(-1e18, 2000e18), 2000e18, "of a short");
        assertEq(PerpMath.notional(1, 1.5e18), 2, "1.5 wei are 2");
        assertEq(PerpMath.ratioOf(2000e18, 1000), 200e18, "10 %");
        assertEq(PerpMath.ratioOf(1, 1000), 1, "a tenth of a wei is 1");
        assertEq(PerpMath.ratioOf(0, 1000), 0, "nothing of nothing");
    }

    function _check(
        int256 base,
        int256 quote,
        int256 baseDelta,
        int256 quoteDelta,
        int256 newBase,
        int256 newQuote,
        int256 realized,
        string memory what
    ) private pure {
        (int256 b, int256 q, int256 r) = PerpMath.fill(base, quote, baseDelta, quoteDelta);
        assertEq(b, newBase, string.concat(what, ": base"));
        assertEq(q, newQuote, string.concat(what, ": quote"));
        assertEq(r, realized, string.concat(what, ": realised"));
    }
}
