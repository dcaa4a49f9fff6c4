// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { PerpMath } from "../../libraries/PerpMath.sol";
import { MarketId } from "../../types/MarketId.sol";
import { Position } from "../../types/Position.sol";
import { BatchTest } from "./BatchTest.sol";

/// @notice Who gets a larger position from a batch had the margin for it.
contract GrowthMarginFuzzTest is BatchTest {
    /// An account whose position grew had the margin before: collateral less open losses is 10 % of all that it may hold now.
    function testFuzz_WhatGrowsHasMargin(uint256 seed, uint256 count, uint256 markets) public {
        (Spec[] memory specs, Position[] memory before) = _prepare(seed, count, bound(markets, 1, 3));
        int256[TRADERS] memory carrying;
        for (uint256 i; i < TRADERS; ++i) {
            int256 open = netted.house.getAccount(traders[i]).unrealizedPnl;
            carrying[i] = netted.house.getAccount(traders[i]).collateral + (open < 0 ? open : int256(0));
        }
        uint256[MARKETS] memory mids;
        for (uint16 m; m < MARKETS; ++m) {
            mids[m] = netted.house.getMarkPrice(MarketId.wrap(m));
        }
        _settleBatch(specs, _inOrder(specs.length), true);
        Position[] memory current = _allPositions();
        for (uint256 i; i < TRADERS; ++i) {
            uint256 notional;
            bool grew;
            for (uint256 m; m < MARKETS; ++m) {
                int256 base = current[i * MARKETS + m].base;
                int256 was = before[i * MARKETS + m].base;
                notional += PerpMath.notional(base, mids[m]);
                // Larger than it was, or on the other side of zero.
                grew = grew || (base > 0 ? base > was : base < was && base != 0);
            }
            if (grew) assertGe(carrying[i], int256(PerpMath.ratioOf(notional, 1000)), "10 % of what is held now");
        }
    }

    /// From nothing: whatever fills, the entry notional is carried by the collateral at the prices it was filled at.
    function testFuzz_EntryIsCarried(uint256 seed, uint256 count) public {
        count = bound(count, 1, MAX_ORDERS);
        _settleBatch(_random(seed, count, 3), _inOrder(count), true);
        for (uint256 i; i < TRADERS; ++i) {
            uint256 entry;
            for (uint16 m; m < MARKETS; ++m) {
                int256 quote = _position(traders[i], MarketId.wrap(m)).quote;
                entry += uint256(quote < 0 ? -quote : quote);
            }
            assertLe(PerpMath.ratioOf(entry, 1000), netted.vault.getBalance(traders[i]), "10 % of the entry notional");
        }
    }
}
