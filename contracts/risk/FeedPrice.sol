// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IAggregatorV3 } from "../interfaces/external/IAggregatorV3.sol";
import { MarkPrice } from "../libraries/MarkPrice.sol";

/// @notice Asks a price feed so that no answer of it stops the caller: settlement reads prices, and settlement never reverts.
/// @dev A feed is a contract of others: it may revert, burn what gas it gets, or answer with a megabyte. Its calls are static, so a
///      failed one leaves nothing written; they get a bounded amount of gas; and only the words of a right answer are copied.
library FeedPrice {
    /// @notice Thrown when the caller has too little gas left to give a feed all of its own. Nobody makes a feed look dead by a
    ///         tight gas limit.
    error FeedPrice_OutOfGas();

    /// @notice Gas of one call. Chainlink's aggregator and the proxy in front of it take about 22,000: two accounts and six slots, all
    ///         cold (17,800), and the code. So this bears two more proxies of their own kind. Settlement sets it aside for every market.
    uint256 internal constant GAS = 80_000;
    /// @dev A call gets 63 of 64 parts of what is left; and what it costs itself, with an account that is cold.
    uint256 private constant NEEDED = GAS * 64 / 63 + 5000;

    /// @notice The last answer of a feed.
    /// @param decimals Decimals of its answers.
    function latest(address feed, uint8 decimals) internal view returns (MarkPrice.Answer memory answer) {
        bytes memory output = new bytes(5 * 32);
        bool isThere = ask(feed, IAggregatorV3.latestRoundData.selector, output);
        if (!isThere) return answer;
        answer.isThere = true;
        // Words, not types: bits too many in a field that is not read must not revert.
        (, answer.value,, answer.updatedAt,) = abi.decode(output, (uint256, int256, uint256, uint256, uint256));
        answer.decimals = decimals;
    }

    /// @notice Decimals of a feed's answers.
    /// @return isUsable False where the call fails, or they are more than MAX_DECIMALS.
    function decimalsOf(address feed) internal view returns (bool isUsable, uint8 decimals) {
        bytes memory output = new bytes(32);
        if (!ask(feed, IAggregatorV3.decimals.selector, output)) return (false, 0);
        uint256 answer = abi.decode(output, (uint256));
        return answer > MarkPrice.MAX_DECIMALS ? (false, 0) : (true, uint8(answer));
    }

    /// @dev Calls a function without arguments and fills `output`.
    /// @return False when the call failed or answered less than that. An address without code answers nothing.
    function ask(address feed, bytes4 selector, bytes memory output) private view returns (bool) {
        // Asked before the call: afterwards it is not to be told. A feed behind a proxy that was left too little does not use up all of
        // that, since its proxy keeps a 64th.
        if (gasleft() < NEEDED) revert FeedPrice_OutOfGas();
        uint256 gasLimit = GAS;
        uint256 answered;
        bool ok;
        assembly ("memory-safe") {
            mstore(0, selector)
            ok := staticcall(gasLimit, feed, 0, 4, add(output, 32), mload(output))
            answered := returndatasize()
        }
        return ok && answered >= output.length;
    }
}
