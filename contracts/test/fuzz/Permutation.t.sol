// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { MarketId } from "../../types/MarketId.sol";
import { Position } from "../../types/Position.sol";
import { BatchTest } from "./BatchTest.sol";

/// @notice Under Allocation.Uniform neither the order of a batch nor who settles it changes anything.
contract PermutationFuzzTest is BatchTest {
    /// Another order of arrival, and a keeper's settle() instead of the deferred transaction: the same fills to the wei.
    function testFuzz_PermutationChangesNothing(uint256 seed, uint256 count, uint256 markets) public {
        (Spec[] memory specs,) = _prepare(seed, count, bound(markets, 1, 2));
        uint256 snapshot = vm.snapshotState();
        (Outcome[] memory first,) = _settleBatch(specs, _inOrder(specs.length), true);
        Position[] memory positions = _allPositions();
        bytes32 pools = _poolsAndDust();

        vm.revertToState(snapshot);
        (Outcome[] memory second,) = _settleBatch(specs, _shuffled(specs.length, seed), false);
        for (uint256 i; i < specs.length; ++i) {
            assertEq(uint8(second[i].reason), uint8(first[i].reason), "the same end");
            assertEq(second[i].fill.base, first[i].fill.base, "the same base");
            assertEq(second[i].fill.quote, first[i].fill.quote, "the same quote");
            assertEq(second[i].fill.netted, first[i].fill.netted, "the same part nets");
            assertEq(second[i].fill.pooled, first[i].fill.pooled, "the same part comes from the pool");
            assertEq(second[i].fill.cancelled, first[i].fill.cancelled, "the same part is cancelled");
        }
        Position[] memory others = _allPositions();
        for (uint256 i; i < positions.length; ++i) {
            assertEq(others[i].base, positions[i].base, "the same position");
            // Several orders of one trader: their sequence decides what of their quote counts as realised.
            assertEq(
                int256(others[i].quote) + others[i].realizedPnl,
                int256(positions[i].quote) + positions[i].realizedPnl,
                "the same quote and realised profit together"
            );
        }
        assertEq(_poolsAndDust(), pools, "the same pools and the same dust");
    }

    /// With one order a trader and market the whole record is the same.
    function testFuzz_PermutationChangesNothing_OneOrderATrader(uint256 seed, bool isLong) public {
        Spec[] memory specs = _random(seed, TRADERS, 1);
        for (uint256 i; i < TRADERS; ++i) {
            specs[i].trader = traders[i];
        }
        _settleBatch(_random(~seed, 10, 1), _inOrder(10), isLong);
        uint256 snapshot = vm.snapshotState();
        _settleBatch(specs, _inOrder(TRADERS), true);
        bytes32 positions = keccak256(abi.encode(_allPositions()));

        vm.revertToState(snapshot);
        _settleBatch(specs, _shuffled(TRADERS, seed), false);
        assertEq(keccak256(abi.encode(_allPositions())), positions, "every record is the same to the wei");
    }

    function _poolsAndDust() private view returns (bytes32 hash) {
        for (uint16 m; m < MARKETS; ++m) {
            (int256 base, int256 quote) = _dust(MarketId.wrap(m));
            hash = keccak256(abi.encode(hash, base, quote, _root(MarketId.wrap(m))));
        }
    }
}
