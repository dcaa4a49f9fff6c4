// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { MarketId } from "../types/MarketId.sol";
import { MarketRisk, MarketState, Prices } from "../types/MarketRisk.sol";

/// @notice What bounds the risk of the markets, and their prices.
interface IRiskRegistry {
    /// @notice A change of a market's parameters can be carried out from `eta` (unix seconds) on.
    event RiskProposed(MarketId indexed market, MarketRisk risk, uint256 eta);
    /// @notice A change that was proposed is off.
    event RiskCancelled(MarketId indexed market);
    /// @notice A market's parameters are these from now on.
    event RiskChanged(MarketId indexed market, MarketRisk risk);
    /// @notice A market takes other orders from now on.
    event MarketStateChanged(MarketId indexed market, MarketState state);

    /// @notice Thrown when a parameter is not within its bounds, both included.
    error RiskRegistry_OutOfBounds(string parameter, uint256 value, uint256 least, uint256 most);
    /// @notice Thrown when a feed does not tell its decimals, or has more than 36.
    error RiskRegistry_UnusableFeed(address feed);
    /// @notice Thrown when parameters are set without delay after they were set before, or with positions open.
    error RiskRegistry_AlreadyInUse(MarketId market);
    /// @notice Thrown when no change of the market is proposed.
    error RiskRegistry_NothingProposed(MarketId market);
    /// @notice Thrown when a change is carried out before its delay is over.
    error RiskRegistry_TooEarly(MarketId market, uint256 eta);

    /// @notice Sets the parameters of a market that nobody uses yet. Only the owner; once.
    /// @dev Reverts once parameters were set or a position is open: from then on only {propose} changes them.
    function initialize(MarketId market, MarketRisk calldata risk) external;

    /// @notice Announces a change of a market's parameters; a former one that waits is replaced, and its delay starts anew. Only
    ///         the owner. Reverts when a parameter is out of its bounds.
    function propose(MarketId market, MarketRisk calldata risk) external;

    /// @notice Carries out the announced change, DELAY after it was announced or later. Only the owner.
    function accept(MarketId market) external;

    /// @notice Takes back the announced change. Only the owner.
    function cancel(MarketId market) external;

    /// @notice Pauses a market at once. The owner and guardians. Closes, liquidations and withdrawals go on.
    function pause(MarketId market) external;

    /// @notice Sets what a market takes. Only the owner: no market opens again by itself, or by a guardian.
    function setState(MarketId market, MarketState state) external;

    /// @notice Parameters of a market; the defaults until others are set.
    function riskOf(MarketId market) external view returns (MarketRisk memory);

    /// @notice The change that waits for its delay, and the unix second at which it is over; 0 for none.
    function proposalOf(MarketId market) external view returns (MarketRisk memory risk, uint256 eta);

    /// @notice What a market takes.
    function stateOf(MarketId market) external view returns (MarketState);

    /// @notice Mark and index price of a market. Reverts for an unknown market alone, whatever its feed does.
    function pricesOf(MarketId market) external view returns (Prices memory);
}
