// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IAggregatorV3 } from "../interfaces/external/IAggregatorV3.sol";
import { Ownable } from "solady/auth/Ownable.sol";

/// @notice The benchmark's price feed: its owner says the price. For tests and benchmarks; a deployment with money takes Chainlink's.
contract TestPriceFeed is Ownable, IAggregatorV3 {
    /// @inheritdoc IAggregatorV3
    uint8 public immutable decimals;

    uint80 internal _round;
    uint64 internal _updatedAt;
    int256 internal _answer;

    constructor(address owner, uint8 decimals_, int256 answer) {
        _initializeOwner(owner);
        decimals = decimals_;
        _set(answer, block.timestamp);
    }

    /// @notice Says a new price, in the feed's own decimals. Only the owner.
    function setAnswer(int256 answer) external onlyOwner {
        _set(answer, block.timestamp);
    }

    /// @notice Says a price as of a unix second, for a feed that lags. Only the owner.
    function setAnswerAt(int256 answer, uint64 updatedAt) external onlyOwner {
        _set(answer, updatedAt);
    }

    /// @inheritdoc IAggregatorV3
    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        return (_round, _answer, _updatedAt, _updatedAt, _round);
    }

    function _set(int256 answer, uint256 updatedAt) private {
        (_answer, _updatedAt) = (answer, uint64(updatedAt));
        ++_round;
    }
}
