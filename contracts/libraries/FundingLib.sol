// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { PriceStatus, Prices } from "../types/MarketRisk.sol";
import { PriceLib } from "./PriceLib.sol";
import { FixedPointMathLib } from "solady/utils/FixedPointMathLib.sol";

/// @notice Funding: what keeps the mark price at the index. Longs pay when the mark is above it, shorts when it is below.
/// @dev Premium funding as perpetual markets define it: (mark − index) ÷ index of the notional a day, capped.
library FundingLib {
    uint256 internal constant DAY = 1 days;

    /// @notice What one base pays a second: (mark − index) ÷ 86,400, within ± cap × index. WAD of quote, towards zero.
    /// @param maxBpsPerDay The cap, in bps of the index price a day.
    /// @return 0 without an index price that stands.
    function perSecond(Prices memory prices, uint256 maxBpsPerDay) internal pure returns (int256) {
        if (prices.status != PriceStatus.Ok) return 0;
        int256 most = int256(prices.index * maxBpsPerDay / PriceLib.BPS);
        int256 premium = int256(prices.mark) - int256(prices.index);
        return FixedPointMathLib.clamp(premium, -most, most) / int256(DAY);
    }

    /// @notice base × index move: what a position owes (positive) or gets. Rounded up, against the trader. WAD.
    function owed(int256 base, int256 indexDelta) internal pure returns (int256) {
        uint256 size = FixedPointMathLib.abs(base);
        uint256 move = FixedPointMathLib.abs(indexDelta);
        return (base > 0) == (indexDelta > 0)
            ? int256(FixedPointMathLib.fullMulDivUp(size, move, PriceLib.WAD))
            : -int256(FixedPointMathLib.fullMulDiv(size, move, PriceLib.WAD));
    }
}
