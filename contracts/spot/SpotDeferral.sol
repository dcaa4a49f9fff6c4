// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Runtime } from "../arcology/Runtime.sol";
import { ISpotNettingEngine } from "../interfaces/ISpotNettingEngine.sol";

/// @notice Registers {ISpotNettingEngine-queueSwapRequest} as deferrable, before anything else.
/// @dev The runtime takes a registration only ahead of every other external call of a deployment, and the constructors of the engine's
///      bases make some. List this contract first: constructors run in that order.
abstract contract SpotDeferral {
    /// @notice Gas that each request pays in advance for the deferred settlement; unused gas is refunded.
    uint64 public constant PREPAID_GAS = 500_000;

    constructor() {
        Runtime.defer(ISpotNettingEngine.queueSwapRequest.selector, PREPAID_GAS);
    }
}
