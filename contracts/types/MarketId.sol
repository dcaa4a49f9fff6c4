// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice Index of a market in the registry, from 0. Short on purpose: call data is what an order pays most for on Arcology.
type MarketId is uint16;
