// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { MarketId } from "../../types/MarketId.sol";
import { Position } from "../../types/Position.sol";
import { RejectReason } from "../../types/RejectReason.sol";
import { Defaults } from "../utils/Defaults.sol";
import { BatchTest } from "./BatchTest.sol";

/// @notice Orders that only reduce.
contract ClosingFuzzTest is BatchTest {
    /// Any number of closes of any sizes, of both sides, from two traders: no position grows, none changes its side.
    function testFuzz_ClosesNeverFlip(uint256 seed, uint256 count, uint256 size) public {
        size = bound(size, 1, 20e18);
        count = bound(count, 2, 20);
        _openTwo(size);
        Spec[] memory specs = _random(seed, count, 1);
        for (uint256 i; i < count; ++i) {
            specs[i].isOpen = false;
            specs[i].trader = traders[6 + i % 2];
        }
        _settleBatch(specs, _inOrder(count), true);
        int256 long = _position(traders[6], ETH).base;
        int256 short = _position(traders[7], ETH).base;
        assertGe(long, 0, "the long is no short");
        assertLe(long, int256(size), "and has not grown");
        assertLe(short, 0, "the short is no long");
        assertGe(short, -int256(size), "and has not grown");
        _assertConserved(ETH);
    }

    /// Several closes share the position by their sizes; together they close all of it but for a wei each.
    function testFuzz_ClosesShareThePosition(uint256 size, uint96[5] memory sizes) public {
        size = bound(size, 1e6, 20e18);
        _openTwo(size);
        Spec[] memory specs = new Spec[](6);
        uint256 total;
        for (uint256 i; i < 5; ++i) {
            uint256 part = bound(sizes[i], size / 3, 40e18);
            specs[i] = Spec(traders[6], ETH, false, true, part, 0);
            total += part;
        }
        // The short closes too, so that all of it nets.
        specs[5] = Spec(traders[7], ETH, false, false, size, 0);
        (Outcome[] memory outcomes,) = _settleBatch(specs, _inOrder(6), true);
        for (uint256 i; i < 5; ++i) {
            // size × part / total, rounded down
            uint256 share = size * specs[i].size / total;
            uint256 filled = outcomes[i].fill.netted + outcomes[i].fill.pooled;
            assertEq(filled, share, "each closes its part of the position");
        }
        assertLt(_position(traders[6], ETH).base, 5, "less than a wei each stays open");
    }

    function test_OneCloseOfAnySizeClosesAll() public {
        _openTwo(3e18);
        Spec[] memory specs = new Spec[](2);
        specs[0] = Spec(traders[6], ETH, false, true, type(uint96).max, 0);
        specs[1] = Spec(traders[7], ETH, false, false, type(uint96).max, 0);
        (Outcome[] memory outcomes,) = _settleBatch(specs, _inOrder(2), true);
        Position memory position = _position(traders[6], ETH);
        assertEq(position.base, 0, "nothing is open");
        assertEq(position.quote, 0, "and nothing owed");
        assertEq(outcomes[0].fill.netted, 3e18, "all of it netted");
        assertEq(outcomes[0].fill.cancelled, type(uint96).max - 3e18, "the rest of the order is cancelled");
    }

    function test_ACloseOfTheOtherSideIsRejected() public {
        _openTwo(3e18);
        Spec[] memory specs = new Spec[](2);
        specs[0] = Spec(traders[6], ETH, false, false, 1e18, 0);
        specs[1] = Spec(traders[0], ETH, false, true, 1e18, 0);
        (Outcome[] memory outcomes,) = _settleBatch(specs, _inOrder(2), true);
        assertEq(uint8(outcomes[0].reason), uint8(RejectReason.NothingToClose), "a long has no short to close");
        assertEq(uint8(outcomes[1].reason), uint8(RejectReason.NothingToClose), "nobody's position neither");
    }

    /// @dev Trader 6 long, trader 7 short, at 2000 without the pool.
    function _openTwo(uint256 size) private {
        Spec[] memory specs = new Spec[](2);
        specs[0] = Spec(traders[6], ETH, true, true, size, 0);
        specs[1] = Spec(traders[7], ETH, true, false, size, 0);
        _settleBatch(specs, _inOrder(2), true);
        assertEq(_position(traders[6], ETH).base, int256(size), "the long is open");
    }
}
