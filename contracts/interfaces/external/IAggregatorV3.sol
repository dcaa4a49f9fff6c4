// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice The functions of a Chainlink-compatible price feed that the protocol calls.
interface IAggregatorV3 {
    /// @notice Decimals of the answers.
    function decimals() external view returns (uint8);
    /// @notice The last answer and the unix second at which it was given.
    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);
}
