// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpEvents } from "../interfaces/IPerpEvents.sol";
import { IPositionTracker } from "../interfaces/IPositionTracker.sol";
import { IVirtualToken } from "../interfaces/IVirtualToken.sol";
import { Market } from "../types/Market.sol";
import { MarketId } from "../types/MarketId.sol";

/// @notice Books a fill: the position, its funding, and the virtual tokens that show it. Netting house and baseline share it.
library FillLib {
    /// @notice Signed changes of a fill. WAD.
    /// @param base Base traded.
    /// @param quote Quote paid by a buyer or received by a seller.
    function deltas(bool buys, uint256 base, uint256 quote)
        internal
        pure
        returns (int256 baseDelta, int256 quoteDelta)
    {
        return buys ? (int256(base), -int256(quote)) : (-int256(base), int256(quote));
    }

    /// @notice Applies a fill to a trader's position, books the funding that is due, and announces funding and legs.
    /// @param charge Fees (positive) or a reward (negative) that go from the realised profit, WAD.
    /// @return realizedPnl Profit or loss that the fill realised, before funding and charge, WAD.
    function apply_(
        MarketId id,
        Market memory market,
        address trader,
        int256 baseDelta,
        int256 quoteDelta,
        int256 charge
    ) internal returns (int256 realizedPnl) {
        IPositionTracker.Touch memory touch =
            IPositionTracker(market.tracker).updatePosition(trader, baseDelta, quoteDelta, charge);
        if (touch.funding != 0) emit IPerpEvents.FundingPaid(trader, id, touch.funding);
        announceLeg(market.baseToken, trader, touch.before.base, touch.current.base);
        announceLeg(market.quoteToken, trader, touch.before.quote, touch.current.quote);
        return int256(touch.current.realizedPnl) - touch.before.realizedPnl + touch.funding + charge;
    }

    /// @dev A trader holds the positive leg of its position: what it gained of it is minted, what it lost is burned.
    function announceLeg(address token, address trader, int256 before, int256 current) private {
        int256 delta = (current > 0 ? current : int256(0)) - (before > 0 ? before : int256(0));
        if (delta != 0) IVirtualToken(token).announce(trader, delta);
    }
}
