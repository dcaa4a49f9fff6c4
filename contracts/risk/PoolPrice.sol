// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IUniswapV3Pool } from "../interfaces/external/IUniswapV3Pool.sol";
import { PriceLib } from "../libraries/PriceLib.sol";
import { TickLib } from "../libraries/TickLib.sol";
import { FixedPointMathLib } from "solady/utils/FixedPointMathLib.sol";

/// @notice The average price of a Uniswap V3 pool, from its own observations.
/// @dev A pool writes at most one observation a second, before the first swap of that second moves the tick: what happens in the
///      running block has a weight of zero seconds.
library PoolPrice {
    /// @dev Where a pool's record of observations stands.
    struct Ring {
        uint160 sqrtPriceX96;
        uint16 newest;
        uint16 cardinality;
    }

    /// @notice The geometric mean price over the last `period` seconds; the spot price where a pool is younger than that.
    /// @dev A ring of observations that is full forgets: a pool that is touched in every block fills `cardinality` of them in as many
    ///      blocks. Where that is less than `period`, the average is over what the ring holds, never the spot price. That stays so when
    ///      the ring grows, which anyone may make it do: a pool that has forgotten its first second has a history for good.
    /// @param period Seconds, at most 2^31. 0 for the spot price.
    /// @return Quote per base, WAD, at least 1.
    function average(IUniswapV3Pool pool, uint32 period) internal view returns (uint256) {
        Ring memory ring;
        (ring.sqrtPriceX96,, ring.newest, ring.cardinality,,,) = pool.slot0();
        uint32 covered = period == 0 ? 0 : coverage(pool, ring, period);
        uint256 price = covered == 0 ? PriceLib.toWad(ring.sqrtPriceX96) : mean(pool, covered);
        return FixedPointMathLib.max(price, 1);
    }

    /// @dev Seconds, up to `period`, that the observations allow to average over; 0 for none.
    function coverage(IUniswapV3Pool pool, Ring memory ring, uint32 period) private view returns (uint32) {
        (uint32 since,, uint160 liquiditySeconds, bool isWritten) =
            pool.observations((uint256(ring.newest) + 1) % ring.cardinality);
        // Slots that were never written are prepared, with a time that means nothing. A ring takes up its new slots when it has come to
        // its end, so all that it held is in order from the first slot on, and the first is the oldest.
        if (!isWritten) (since,, liquiditySeconds,) = pool.observations(0);
        uint32 history;
        unchecked {
            // The pool keeps 32 bits of the time: the difference is right over their end.
            history = uint32(block.timestamp) - since;
        }
        if (history >= period) return period;
        // Seconds ÷ liquidity, summed since the pool began: every second adds at least 1, so only the first observation of a pool has
        // 0 (and none for 136 years, the least time in which 160 bits can come round). Where that is the oldest, the pool is young and
        // nothing was forgotten. How far the ring is filled could not tell: a stranger who makes it grow empties it.
        return liquiditySeconds == 0 ? 0 : history;
    }

    function mean(IUniswapV3Pool pool, uint32 period) private view returns (uint256) {
        uint32[] memory ages = new uint32[](2);
        ages[0] = period;
        (int56[] memory cumulatives,) = pool.observe(ages);
        return TickLib.toWad(TickLib.meanTick(cumulatives[0], cumulatives[1], period));
    }
}
