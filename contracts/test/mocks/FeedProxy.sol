// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice Stands in front of a feed, as Chainlink's proxies do: passes calls on, and its answers and failures back.
contract FeedProxy {
    address private immutable _FEED;

    constructor(address feed) {
        _FEED = feed;
    }

    fallback(bytes calldata input) external returns (bytes memory) {
        (bool ok, bytes memory output) = _FEED.staticcall(input);
        require(ok);
        return output;
    }
}
