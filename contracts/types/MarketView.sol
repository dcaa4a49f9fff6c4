// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Market } from "./Market.sol";
import { MarketRisk, Prices } from "./MarketRisk.sol";

/// @notice A market as one call sees it.
struct MarketView {
    bool isLoaded;
    Market listing;
    MarketRisk risk;
    /// The pool's price, at which orders net. WAD.
    uint256 midPrice;
    Prices prices;
    /// The funding index of this moment.
    int256 fundingIndex;
}
