// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPositionTracker } from "../interfaces/IPositionTracker.sol";
import { NettingMath } from "../libraries/NettingMath.sol";
import { MarketId } from "../types/MarketId.sol";
import { MarketRisk, MarketState } from "../types/MarketRisk.sol";
import { MarketView } from "../types/MarketView.sol";
import { MarginReader } from "./MarginReader.sol";
import { Row } from "./TraderTable.sol";
import { FixedPointMathLib } from "solady/utils/FixedPointMathLib.sol";

/// @notice A market that settles, and what its orders add up to. Base in WAD.
struct Book {
    MarketId id;
    MarketState state;
    MarketView market;
    /// Σ by which orders grow long and short positions, and what of it the market has room for.
    uint256 longGrowth;
    uint256 shortGrowth;
    uint256 longRoom;
    uint256 shortRoom;
    /// Σ base bought less sold by orders that reduce positions.
    int256 reduction;
    /// Whether accounts whose ways out are to be judged leave positions of this market.
    bool isLeft;
    /// If so, the worst prices for them: where the pool ends should it take all orders of a direction that stand.
    uint256 buyExit;
    uint256 sellExit;
}

using CapacityLib for Book global;

/// @notice Keeps open interest and skew within a market's bounds. Orders that grow a side share what room it has in proportion;
///         what reduces a position is never cut.
/// @dev The smaller side of a batch fills whole and the pool gives or takes a part of what is left, so that the skew ends between
///      what it was and what it would be if every order filled: bounding the latter bounds it.
library CapacityLib {
    /// @notice Adds what a trader's admitted orders may do.
    function add(Book memory book, Row memory row) internal pure {
        book.longGrowth += row.longGrowth;
        book.shortGrowth += row.shortGrowth;
        int256 reduced = int256(row.closable + row.liquidated);
        book.reduction += int256(row.buys - row.longGrowth) - int256(row.sells - row.shortGrowth)
        + (row.position.base < 0 ? reduced : -reduced);
    }

    /// @notice Finds the room of both sides.
    function fit(Book memory book) internal view {
        (book.longRoom, book.shortRoom) = (book.longGrowth, book.shortGrowth);
        (uint256 maxOpenInterest, uint256 maxSkew) = (book.market.risk.maxOpenInterest, book.market.risk.maxSkew);
        if (maxOpenInterest == 0 && maxSkew == 0) return;
        (uint256 longs, uint256 shorts) = IPositionTracker(book.market.listing.tracker).openInterest();
        if (maxOpenInterest != 0) {
            book.longRoom = FixedPointMathLib.min(book.longRoom, FixedPointMathLib.zeroFloorSub(maxOpenInterest, longs));
            book.shortRoom =
                FixedPointMathLib.min(book.shortRoom, FixedPointMathLib.zeroFloorSub(maxOpenInterest, shorts));
        }
        if (maxSkew == 0) return;
        int256 skew = int256(longs) - int256(shorts) + book.reduction + int256(book.longRoom) - int256(book.shortRoom);
        uint256 excess = FixedPointMathLib.zeroFloorSub(FixedPointMathLib.abs(skew), maxSkew);
        if (skew > 0) book.longRoom = FixedPointMathLib.zeroFloorSub(book.longRoom, excess);
        else book.shortRoom = FixedPointMathLib.zeroFloorSub(book.shortRoom, excess);
    }

    /// @notice By how much one side may grow while nothing else changes: the rule for an order that fills alone.
    /// @param own Open interest of the side.
    /// @param other That of the other side.
    function roomAlone(MarketRisk memory risk, uint256 own, uint256 other) internal pure returns (uint256 room) {
        room = risk.maxOpenInterest == 0 ? type(uint256).max : FixedPointMathLib.zeroFloorSub(risk.maxOpenInterest, own);
        if (risk.maxSkew == 0) return room;
        return FixedPointMathLib.min(room, FixedPointMathLib.zeroFloorSub(risk.maxSkew + other, own));
    }

    /// @notice What an order that may open gets of its size: what it reduces, and its share of the room.
    function amountOf(Book memory book, Row memory row, bool buys, uint256 size) internal pure returns (uint256) {
        (uint256 all, uint256 room) = buys ? (book.longGrowth, book.longRoom) : (book.shortGrowth, book.shortRoom);
        if (room == all) return size;
        (uint256 total, uint256 growth) = buys ? (row.buys, row.longGrowth) : (row.sells, row.shortGrowth);
        return NettingMath.share(size, total - growth + NettingMath.share(growth, room, all), total);
    }
}
