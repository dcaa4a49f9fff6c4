// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPositionTracker } from "../interfaces/IPositionTracker.sol";
import { IVirtualToken } from "../interfaces/IVirtualToken.sol";
import { Market } from "../types/Market.sol";
import { Position } from "../types/Position.sol";

/// @notice Books a fill: the position, and the virtual tokens that show it. Netting house and baseline share it.
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

    /// @notice Applies a fill to a trader's position and announces its legs.
    /// @return realizedPnl Profit or loss that the fill realised, WAD.
    function apply_(Market memory market, address trader, int256 baseDelta, int256 quoteDelta)
        internal
        returns (int256 realizedPnl)
    {
        (Position memory before, Position memory current) =
            IPositionTracker(market.tracker).updatePosition(trader, baseDelta, quoteDelta);
        announceLeg(market.baseToken, trader, before.base, current.base);
        announceLeg(market.quoteToken, trader, before.quote, current.quote);
        return int256(current.realizedPnl) - before.realizedPnl;
    }

    /// @dev A trader holds the positive leg of its position: what it gained of it is minted, what it lost is burned.
    function announceLeg(address token, address trader, int256 before, int256 current) private {
        int256 delta = (current > 0 ? current : int256(0)) - (before > 0 ? before : int256(0));
        if (delta != 0) IVirtualToken(token).announce(trader, delta);
    }
}
