// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { NettingEngine } from "../../netting/NettingEngine.sol";

/// @notice Every number that tests share.
library Defaults {
    uint256 internal constant WAD = 1e18;
    /// @dev vETH at 2000 vUSDC.
    uint256 internal constant PRICE = 2000e18;
    /// @dev √2000 × 2^96, rounded down.
    uint160 internal constant SQRT_PRICE = 3_543_191_142_285_914_205_922_034_323_214;
    /// @dev Fee tier 0.05 %, tick spacing 10.
    uint24 internal constant FEE = 500;
    int24 internal constant MIN_TICK = -887_270;
    int24 internal constant MAX_TICK = 887_270;
    /// @dev About 10,000 vETH and 20,000,000 vUSDC over the full range: L = base × √price.
    uint128 internal constant LIQUIDITY = 447_213_595_499_957_939_281_834;
    uint16 internal constant MAX_PRICE_MOVE_BPS = 500;
    /// @dev One dollar of the collateral token.
    uint256 internal constant USDC = 1e6;
    uint256 internal constant COLLATERAL = 1000 * USDC;
    uint256 internal constant THREADS = 20;
    uint256 internal constant CHUNK = 10_000;
    /// @dev Upper bounds of what settlement uses with the precompiles emulated.
    uint32 internal constant MARKET_GAS = 500_000;
    uint32 internal constant CLEAR_GAS = 150_000;
    uint32 internal constant FILL_GAS = 250_000;
    /// @dev Gas limit of a transaction that settles.
    uint256 internal constant SETTLE_GAS = 2_000_000_000;

    /// @dev What an engine is deployed with.
    function config(uint256 threads, uint256 chunk) internal pure returns (NettingEngine.Config memory) {
        return NettingEngine.Config(uint8(threads), uint32(chunk), MARKET_GAS, CLEAR_GAS, FILL_GAS);
    }
}
