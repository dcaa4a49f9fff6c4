// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { MarketId } from "../types/MarketId.sol";
import { MarketRisk, MarketState, Prices } from "../types/MarketRisk.sol";

/// @notice What a user interface asks. Amounts and prices in WAD.
interface IPerpLens {
    /// @notice A position as its trader sees it.
    struct PositionView {
        MarketId market;
        /// Positive long, negative short.
        int256 base;
        /// Quote that the open base cost (negative) or brought (positive).
        int256 quote;
        /// |quote| ÷ |base|, rounded down; 0 without a position.
        uint256 entryPrice;
        uint256 markPrice;
        int256 unrealizedPnl;
        /// Funding that is due: positive when the trader pays.
        int256 funding;
        /// Realised profit, less fees and funding, that has not moved into the vault.
        int256 realizedPnl;
        /// Mark price of this market at which the account falls to its maintenance margin, all others unchanged; 0 when there is none.
        uint256 liquidationPrice;
    }

    /// @notice An account over all of its markets.
    struct AccountView {
        int256 collateral;
        int256 unrealizedPnl;
        int256 funding;
        int256 equity;
        uint256 openNotional;
        uint256 initialMargin;
        uint256 maintenanceMargin;
        /// collateral − |position value| × initial ratio, as withdraw counts it.
        int256 freeCollateral;
        uint256 withdrawable;
        /// openNotional ÷ equity; the maximum when there is a position and no equity.
        uint256 leverage;
        bool isLiquidatable;
        /// Losses that its collateral did not cover, ever.
        uint256 badDebt;
        PositionView[] positions;
    }

    /// @notice A market at this moment.
    struct MarketSummary {
        Prices prices;
        /// The pool's price, at which orders net.
        uint256 midPrice;
        MarketState state;
        MarketRisk risk;
        /// What one base pays a day at the present premium; negative when shorts pay.
        int256 fundingPerDay;
        /// Base open on each side, and what the pool holds against it (longs − shorts).
        uint256 longs;
        uint256 shorts;
        int256 skew;
        /// What waits in the queues.
        uint256 queuedOrders;
        uint256 queuedLongs;
        uint256 queuedShorts;
        /// Fees so far.
        uint256 protocolFees;
        uint256 insuranceFees;
    }

    /// @notice What an order would get if the market settled now.
    struct Quote {
        /// Base that nets at the mid price, that the pool fills, and that is cancelled.
        uint256 netted;
        uint256 pooled;
        uint256 cancelled;
        /// Quote paid by a buyer or received by a seller.
        uint256 quote;
        /// quote ÷ base; 0 when nothing fills.
        uint256 averagePrice;
        /// Taker fee.
        uint256 fee;
    }

    /// @notice The account of `trader`.
    function accountOf(address trader) external view returns (AccountView memory);

    /// @notice A market.
    function marketOf(MarketId market) external view returns (MarketSummary memory);

    /// @notice What an order would get if the market settled now, with everything that its queues hold.
    /// @dev Nothing is simulated by a revert. Orders of the queue count with their whole size unless their limit or deadline keeps them
    ///      out; what else admission takes from them (margins, reduce-only caps, liquidations of healthy accounts, nonces, the
    ///      market's state and room) is not foreseen, and neither is what queues later.
    /// @dev Where nothing else differs, the fill differs from this by less than 10 wei of base for each order of the queue, and by
    ///      10^-15 of the quote and the price of those wei.
    /// @param buys True for an order that buys base.
    /// @param size Base, WAD, 1 to 2^96 − 1.
    /// @param limitPrice Worst price, WAD; 0 for none.
    function quoteOrder(MarketId market, bool buys, uint256 size, uint256 limitPrice)
        external
        view
        returns (Quote memory);

    /// @notice Answers several of these calls at once, all at one block. Reverts as the first call that reverts.
    function multicall(bytes[] calldata calls) external view returns (bytes[] memory answers);
}
