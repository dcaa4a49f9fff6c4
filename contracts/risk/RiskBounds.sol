// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IRiskRegistry } from "../interfaces/IRiskRegistry.sol";
import { PriceLib } from "../libraries/PriceLib.sol";
import { MarketRisk } from "../types/MarketRisk.sol";
import { FixedPointMathLib } from "solady/utils/FixedPointMathLib.sol";

/// @notice What the parameters of a market may be, and what they are until somebody sets them. Pure.
library RiskBounds {
    /// @notice 1 %.
    uint256 internal constant MAX_FEE_PPM = 10_000;
    /// @notice 20 %.
    uint256 internal constant MAX_BAND_BPS = 2000;
    /// @notice 50 %: new risk needs two prices that agree at least so far.
    uint256 internal constant MAX_DEVIATION_BPS = 5000;
    /// @notice Longest average of the pool's price, seconds.
    uint256 internal constant MAX_TWAP = 1 days;
    /// @notice Feeds write at least once a day; two days bear a missed one.
    uint256 internal constant MAX_FEED_AGE = 2 days;

    /// @notice Parameters of a market that was never set: the requested 10 % initial margin, half of it to stay, no fees, no feed.
    function defaults() internal pure returns (MarketRisk memory risk) {
        risk.initialMarginBps = 1000;
        risk.maintenanceMarginBps = 500;
        risk.liquidationFeeBps = 150;
        risk.keeperShareBps = 5000;
        risk.maxFundingBpsPerDay = 1000;
        risk.twapSeconds = 900;
    }

    /// @notice Reverts for parameters that are out of bounds, with the name of the first.
    /// @param maxPriceMoveBps What the market's listing says.
    function check(MarketRisk memory risk, uint256 maxPriceMoveBps) internal pure {
        within("initialMarginBps", risk.initialMarginBps, 2, PriceLib.BPS);
        within("maintenanceMarginBps", risk.maintenanceMarginBps, 1, risk.initialMarginBps - 1);
        within("pooledFeePpm", risk.pooledFeePpm, 0, MAX_FEE_PPM);
        within("nettedFeePpm", risk.nettedFeePpm, 0, risk.pooledFeePpm);
        within("protocolShareBps", risk.protocolShareBps, 0, PriceLib.BPS);
        // An account that is liquidated has about its maintenance margin left, and pays the fee from it.
        within("liquidationFeeBps", risk.liquidationFeeBps, 0, risk.maintenanceMarginBps);
        within("keeperShareBps", risk.keeperShareBps, 0, PriceLib.BPS);
        within("maxFundingBpsPerDay", risk.maxFundingBpsPerDay, 0, PriceLib.BPS);
        within("twapSeconds", risk.twapSeconds, 0, MAX_TWAP);
        if (risk.feed == address(0)) {
            within("priceBandBps", risk.priceBandBps, 0, MAX_BAND_BPS);
            return;
        }
        // A batch moves the pool no further from the mark than maxPriceMoveBps. With a wider band that would not reach the index.
        within("priceBandBps", risk.priceBandBps, 1, FixedPointMathLib.min(MAX_BAND_BPS, maxPriceMoveBps));
        // Inside the band the mark follows the pool; a feed must not be given up before the band is reached.
        within("maxDeviationBps", risk.maxDeviationBps, uint256(risk.priceBandBps) + 1, MAX_DEVIATION_BPS);
        within("feedMaxAge", risk.feedMaxAge, 1, MAX_FEED_AGE);
    }

    function within(string memory parameter, uint256 value, uint256 least, uint256 most) private pure {
        if (value < least || value > most) {
            revert IRiskRegistry.RiskRegistry_OutOfBounds(parameter, value, least, most);
        }
    }
}
