// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { NettingMath } from "../../../libraries/NettingMath.sol";
import { Test } from "forge-std/Test.sol";

contract NettingMathTest is Test {
    function test_Split_Examples() public pure {
        (uint256 netted, int256 leftover) = NettingMath.split(5e18, 2e18);
        assertEq(netted, 2e18, "5 against 2: 2 net");
        assertEq(leftover, 3e18, "3 are bought from the pool");
        (netted, leftover) = NettingMath.split(2e18, 5e18);
        assertEq(netted, 2e18, "2 against 5: 2 net");
        assertEq(leftover, -3e18, "3 are sold to the pool");
        (netted, leftover) = NettingMath.split(0, 0);
        assertEq(netted, 0, "nothing against nothing");
        assertEq(leftover, 0, "leaves nothing");
    }

    function testFuzz_Split_LeftoverIsDifference(uint256 longs, uint256 shorts) public pure {
        longs = bound(longs, 0, uint256(type(int256).max));
        shorts = bound(shorts, 0, uint256(type(int256).max));
        (uint256 netted, int256 leftover) = NettingMath.split(longs, shorts);
        assertTrue(netted == longs || netted == shorts, "the smaller side nets in full");
        assertLe(netted, longs, "no more than the longs");
        assertLe(netted, shorts, "no more than the shorts");
        assertEq(leftover, int256(longs) - int256(shorts), "the rest is the difference");
    }

    function test_Share_Rounding() public pure {
        // 2/3 of 10 = 6.67
        assertEq(NettingMath.share(2, 10, 3), 6, "down");
        assertEq(NettingMath.shareUp(2, 10, 3), 7, "up");
        assertEq(NettingMath.share(2, 9, 3), 6, "exact");
        assertEq(NettingMath.shareUp(2, 9, 3), 6, "exact stays exact");
        assertEq(NettingMath.share(1, 1, 0), 0, "of nothing: nothing");
        assertEq(NettingMath.shareUp(1, 1, 0), 0, "of nothing: nothing, rounded up too");
    }

    /// What shares of one amount lose to rounding is less than one wei each.
    function testFuzz_Share_SumsToTheAmount(uint96[8] memory sizes, uint256 amount) public pure {
        uint256 total;
        for (uint256 i; i < 8; ++i) {
            total += sizes[i];
        }
        amount = bound(amount, 0, total);
        uint256 down;
        uint256 up;
        for (uint256 i; i < 8; ++i) {
            uint256 part = NettingMath.share(sizes[i], amount, total);
            assertLe(part, sizes[i], "a share of no more than the total is no more than the size");
            down += part;
            up += NettingMath.shareUp(sizes[i], amount, total);
        }
        assertLe(down, amount, "shares never sum to more");
        assertGe(up, amount, "shares rounded up never sum to less");
        assertLe(amount - down, 7, "and lose less than a wei each");
        assertLe(up - amount, 7, "or gain less than a wei each");
    }
}
