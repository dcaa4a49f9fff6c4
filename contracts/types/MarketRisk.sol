// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice What bounds the risk of a market. Three slots.
struct MarketRisk {
    /// Equity that new risk needs, in bps of the notional. More than maintenance.
    uint16 initialMarginBps;
    /// Equity below which an account is liquidated, in bps of the notional.
    uint16 maintenanceMarginBps;
    /// Taker fee on what nets, in millionths of the notional.
    uint24 nettedFeePpm;
    /// Taker fee on what the pool fills, in millionths of the notional. Not less than on what nets.
    uint24 pooledFeePpm;
    /// What of a taker fee goes to the protocol, in bps; the rest goes to the insurance fund.
    uint16 protocolShareBps;
    /// Fee on what a liquidation closes, in bps of the notional.
    uint16 liquidationFeeBps;
    /// What of a liquidation fee goes to the keeper, in bps; the rest goes to the insurance fund.
    uint16 keeperShareBps;
    /// How far the mark price may lie from the index price, in bps of the index.
    uint16 priceBandBps;
    /// Distance between the pool's average price and the index, in bps of the index, beyond which the feed is not believed.
    uint16 maxDeviationBps;
    /// Most that funding takes in a day, in bps of the notional.
    uint16 maxFundingBpsPerDay;
    /// Seconds over which the pool's price is averaged. 0 takes the spot price.
    uint32 twapSeconds;
    /// Oldest answer of the feed that is believed, in seconds.
    uint32 feedMaxAge;
    /// Price feed of the index; null for a market that lives by its pool alone.
    address feed;
    /// Least base of an order that opens, WAD.
    uint96 minOrderSize;
    /// Most base open on one side, WAD; 0 for no bound.
    uint128 maxOpenInterest;
    /// Largest difference between the sides, WAD of base: what the pool holds for traders. 0 for no bound.
    uint128 maxSkew;
}

/// @notice What a market takes.
enum MarketState {
    /// All orders.
    Open,
    /// Orders that reduce a position.
    CloseOnly,
    /// Closes and liquidations alone, by a guardian's word.
    Paused
}

/// @notice Whether the index price stands.
enum PriceStatus {
    /// The market has no feed: the pool is all there is.
    PoolOnly,
    Ok,
    /// The answer is older than feedMaxAge, or comes from the future.
    Stale,
    /// The answer is not positive.
    NonPositive,
    /// The answer is further from the pool's average price than maxDeviationBps.
    Deviating
}

/// @notice Prices of a market, quote per base, WAD.
struct Prices {
    /// What margin and liquidation use.
    uint256 mark;
    /// What the feed says; 0 unless status is Ok.
    uint256 index;
    PriceStatus status;
}
