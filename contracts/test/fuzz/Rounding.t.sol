// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { MarketId } from "../../types/MarketId.sol";
import { BatchTest } from "./BatchTest.sol";

/// @notice What rounding leaves with the fund: never a shortage, of base or of quote, and no more than wei.
contract RoundingFuzzTest is BatchTest {
    /// @dev An order has two parts, each rounded once in base and once in quote.
    int256 internal constant PARTS = 2;

    function testFuzz_TheFundNeverPays(uint256 seed, uint256 count, bool fifo) public {
        count = bound(count, 2, MAX_ORDERS);
        MarketId id = fifo ? FIFO : ETH;
        Spec[] memory specs = _random(seed, count, 1);
        for (uint256 i; i < count; ++i) {
            specs[i].market = id;
            // Rich enough for all, so that sizes decide and not margin.
            specs[i].trader = traders[TRADERS - 1 - i % 3];
        }
        _settleBatch(specs, _inOrder(count), true);
        _checkDust(id, int256(count));
    }

    /// Orders of a few wei each, where rounding is all there is.
    function testFuzz_OrdersOfWei(uint256 seed, uint256 count, bool fifo) public {
        count = bound(count, 2, MAX_ORDERS);
        MarketId id = fifo ? FIFO : ETH;
        Spec[] memory specs = _random(seed, count, 1);
        for (uint256 i; i < count; ++i) {
            specs[i].market = id;
            specs[i].trader = traders[TRADERS - 1 - i % 3];
            specs[i].size = 1 + specs[i].size % 5;
            specs[i].limitPrice = 0;
        }
        _settleBatch(specs, _inOrder(count), true);
        _checkDust(id, int256(count));
    }

    function _checkDust(MarketId id, int256 count) private view {
        (int256 base, int256 quote) = _dust(id);
        assertGe(base, 0, "the fund is never short of base");
        assertGe(quote, 0, "the fund is never short of quote");
        assertLe(base, PARTS * count, "a wei of base a part");
        assertLe(quote, PARTS * count, "a wei of quote a part");
        _assertConserved(id);
    }
}
