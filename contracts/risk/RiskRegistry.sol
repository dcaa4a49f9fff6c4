// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IMarketRegistry } from "../interfaces/IMarketRegistry.sol";
import { IPositionTracker } from "../interfaces/IPositionTracker.sol";
import { IRiskRegistry } from "../interfaces/IRiskRegistry.sol";
import { IUniswapV3Pool } from "../interfaces/external/IUniswapV3Pool.sol";
import { HandoverOwnable } from "../libraries/HandoverOwnable.sol";
import { MarkPrice } from "../libraries/MarkPrice.sol";
import { Market } from "../types/Market.sol";
import { MarketId } from "../types/MarketId.sol";
import { MarketRisk, MarketState, Prices } from "../types/MarketRisk.sol";
import { FeedPrice } from "./FeedPrice.sol";
import { PoolPrice } from "./PoolPrice.sol";
import { RiskBounds } from "./RiskBounds.sol";
import { Ownable } from "solady/auth/Ownable.sol";
import { OwnableRoles } from "solady/auth/OwnableRoles.sol";

/// @notice Parameters, states and prices of the markets of one clearing house. It holds no funds and can move none.
/// @dev Written by its owner and guardians alone, so reading it conflicts with no order.
contract RiskRegistry is OwnableRoles, HandoverOwnable, IRiskRegistry {
    /// @dev Of one market; the first three fields are one slot.
    struct Settings {
        MarketState state;
        /// False while the defaults hold.
        bool isSet;
        /// Decimals of the feed, asked when its use began.
        uint8 feedDecimals;
        MarketRisk risk;
    }

    struct Proposal {
        uint256 eta;
        MarketRisk risk;
    }

    /// @notice Role of those who may pause, and nothing else.
    uint256 public constant GUARDIAN = _ROLE_0;
    /// @notice Time between the announcement of a change and its effect: who does not like it can close and withdraw.
    uint256 public constant DELAY = 2 days;

    /// @notice The markets.
    IMarketRegistry public immutable REGISTRY;

    mapping(MarketId market => Settings settings) internal _settings;
    mapping(MarketId market => Proposal proposal) internal _proposals;

    constructor(address owner, IMarketRegistry registry) {
        _initializeOwner(owner);
        REGISTRY = registry;
    }

    /* PARAMETERS */

    /// @inheritdoc IRiskRegistry
    function initialize(MarketId market, MarketRisk calldata risk) external onlyOwner {
        (uint256 longs, uint256 shorts) = IPositionTracker(REGISTRY.get(market).tracker).openInterest();
        if (_settings[market].isSet || longs != 0 || shorts != 0) revert RiskRegistry_AlreadyInUse(market);
        _set(market, risk);
    }

    /// @inheritdoc IRiskRegistry
    function propose(MarketId market, MarketRisk calldata risk) external onlyOwner {
        _check(market, risk);
        _decimalsOf(risk.feed);
        uint256 eta = block.timestamp + DELAY;
        _proposals[market] = Proposal(eta, risk);
        emit RiskProposed(market, risk, eta);
    }

    /// @inheritdoc IRiskRegistry
    function accept(MarketId market) external onlyOwner {
        Proposal memory proposal = _proposals[market];
        if (proposal.eta == 0) revert RiskRegistry_NothingProposed(market);
        if (block.timestamp < proposal.eta) revert RiskRegistry_TooEarly(market, proposal.eta);
        delete _proposals[market];
        _set(market, proposal.risk);
    }

    /// @inheritdoc IRiskRegistry
    function cancel(MarketId market) external onlyOwner {
        if (_proposals[market].eta == 0) revert RiskRegistry_NothingProposed(market);
        delete _proposals[market];
        emit RiskCancelled(market);
    }

    /* STATES */

    /// @inheritdoc IRiskRegistry
    function pause(MarketId market) external onlyOwnerOrRoles(GUARDIAN) {
        _setState(market, MarketState.Paused);
    }

    /// @inheritdoc IRiskRegistry
    function setState(MarketId market, MarketState state) external onlyOwner {
        _setState(market, state);
    }

    /* VIEWS */

    /// @inheritdoc IRiskRegistry
    function riskOf(MarketId market) public view returns (MarketRisk memory) {
        return _settings[market].isSet ? _settings[market].risk : RiskBounds.defaults();
    }

    /// @inheritdoc IRiskRegistry
    function proposalOf(MarketId market) external view returns (MarketRisk memory risk, uint256 eta) {
        Proposal storage proposal = _proposals[market];
        return (proposal.risk, proposal.eta);
    }

    /// @inheritdoc IRiskRegistry
    function stateOf(MarketId market) external view returns (MarketState) {
        return _settings[market].state;
    }

    /// @inheritdoc IRiskRegistry
    function pricesOf(MarketId market) external view returns (Prices memory) {
        MarketRisk memory risk = riskOf(market);
        uint256 average = PoolPrice.average(IUniswapV3Pool(REGISTRY.get(market).pool), risk.twapSeconds);
        if (risk.feed == address(0)) return MarkPrice.poolOnly(average);
        MarkPrice.Answer memory answer = FeedPrice.latest(risk.feed, _settings[market].feedDecimals);
        return MarkPrice.banded(average, answer, risk, block.timestamp);
    }

    /* OWNER */

    /// @inheritdoc HandoverOwnable
    function transferOwnership(address next) public payable override(Ownable, HandoverOwnable) {
        HandoverOwnable.transferOwnership(next);
    }

    /// @inheritdoc HandoverOwnable
    function renounceOwnership() public payable override(Ownable, HandoverOwnable) {
        HandoverOwnable.renounceOwnership();
    }

    /* INTERNAL */

    function _set(MarketId market, MarketRisk memory risk) private {
        _check(market, risk);
        Settings storage settings = _settings[market];
        settings.isSet = true;
        settings.feedDecimals = _decimalsOf(risk.feed);
        settings.risk = risk;
        emit RiskChanged(market, risk);
    }

    function _setState(MarketId market, MarketState state) private {
        _checkListed(market);
        _settings[market].state = state;
        emit MarketStateChanged(market, state);
    }

    function _check(MarketId market, MarketRisk memory risk) private view {
        RiskBounds.check(risk, REGISTRY.get(market).maxPriceMoveBps);
    }

    function _decimalsOf(address feed) private view returns (uint8) {
        if (feed == address(0)) return 0;
        (bool isUsable, uint8 decimals) = FeedPrice.decimalsOf(feed);
        if (!isUsable) revert RiskRegistry_UnusableFeed(feed);
        return decimals;
    }

    function _checkListed(MarketId market) private view {
        if (MarketId.unwrap(market) >= REGISTRY.count()) revert IMarketRegistry.MarketRegistry_UnknownMarket(market);
    }
}
