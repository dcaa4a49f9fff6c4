// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpAdmission } from "../interfaces/IPerpAdmission.sol";
import { AddressSet, AddressSetLib } from "../libraries/AddressSet.sol";
import { MarketId } from "../types/MarketId.sol";
import { Order } from "../types/Order.sol";
import { LibBit } from "solady/utils/LibBit.sol";

/// @notice Counts what judging the orders of several markets reads, before it is done.
/// @dev Accounts are judged over all of their markets: each market is read once, and each position once.
library ReadsLib {
    /// @notice Gas to read a market: listing, parameters, a full record of the pool's observations; and 80,000 that a feed may use.
    uint256 internal constant MARKET_GAS = 250_000;
    /// @notice Gas to read a position.
    uint256 internal constant POSITION_GAS = 32_000;
    /// @notice Gas to take up an account's bad debt, for each market in which it may have had a position.
    uint256 internal constant BAD_DEBT_GAS = 96_000;

    /// @param marketsOf Bitmap of the markets of each trader.
    /// @return markets Markets that each of `candidates` adds to those before it.
    /// @return positions Positions that it adds: those of traders who have no orders before it.
    function count(
        IPerpAdmission.Candidates[] calldata candidates,
        mapping(address trader => uint256 bitmap) storage marketsOf
    ) internal view returns (uint256[] memory markets, uint256[] memory positions) {
        uint256 capacity;
        for (uint256 w; w < candidates.length; ++w) {
            capacity += candidates[w].orders.length;
        }
        // A seed that depends on all orders: nobody can choose accounts that collide under it.
        AddressSet memory traders = AddressSetLib.create(capacity, keccak256(msg.data));
        markets = new uint256[](candidates.length);
        positions = new uint256[](candidates.length);
        uint256 before;
        for (uint256 w; w < candidates.length; ++w) {
            Order[] calldata orders = candidates[w].orders;
            uint256 read = before | 1 << MarketId.unwrap(candidates[w].market);
            uint256 found;
            for (uint256 i; i < orders.length; ++i) {
                address trader = address(uint160(orders[i].who >> 96));
                if (!traders.add(trader)) continue;
                uint256 bitmap = marketsOf[trader];
                if (bitmap == 0) continue;
                read |= bitmap;
                found += LibBit.popCount(bitmap);
            }
            (markets[w], positions[w]) = (LibBit.popCount(read ^ before), found);
            before = read;
        }
    }
}
