// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { RUNTIME } from "./Addresses.sol";
import { IRuntime } from "./IRuntime.sol";

/// @notice What a contract asks of Arcology's runtime.
/// @dev Every call is checked: one to an address without code succeeds and returns nothing, so that a missing precompile
/// would look like an empty answer.
library Runtime {
    /// @notice Thrown when the precompile does not answer.
    error Runtime_Unavailable(address precompile);
    /// @notice Thrown when the runtime refuses to defer a function, as it does outside of a constructor.
    error Runtime_DeferRefused(bytes4 selector, uint64 prepaidGas);

    /// @notice Identifies the transaction: its hash, on Arcology; the same within it, jobs included.
    function pid() internal returns (bytes32) {
        (bool ok, bytes memory answer) = RUNTIME.call(abi.encodeCall(IRuntime.pid, ()));
        if (!ok || answer.length != 32) revert Runtime_Unavailable(RUNTIME);
        return bytes32(answer);
    }

    /// @notice Identifier that no other call gets, in this transaction or another. Some 9 to 16 bytes.
    function uuid() internal returns (bytes memory) {
        (bool ok, bytes memory answer) = RUNTIME.call(abi.encodeCall(IRuntime.uuid, ()));
        if (!ok || answer.length == 0) revert Runtime_Unavailable(RUNTIME);
        return answer;
    }

    /// @notice Whether the transaction runs deferred. False inside a job.
    /// @dev Warning: true does not mean that the other calls of the block ran before: a single call of a deferrable function
    /// beside other calls has the flag and runs in parallel with them.
    function isInDeferred() internal view returns (bool) {
        (bool ok, bytes memory answer) = RUNTIME.staticcall(abi.encodeCall(IRuntime.isInDeferred, ()));
        if (!ok || answer.length != 32) revert Runtime_Unavailable(RUNTIME);
        return uint256(bytes32(answer)) == 1;
    }

    /// @notice Makes a function of this contract deferrable. In the constructor only, before any other external call there.
    /// @dev Warning: only calls that a transaction makes to this contract directly are ever deferred, and only when a
    /// transaction of an externally owned account deployed it without CREATE2. Register no second function.
    /// @param selector The function.
    /// @param prepaidGas Gas that each call of it pays in advance, at least MIN_PREPAID_GAS.
    function defer(bytes4 selector, uint64 prepaidGas) internal {
        (bool ok,) = RUNTIME.call(abi.encodeCall(IRuntime.defer, (selector, prepaidGas)));
        if (!ok) revert Runtime_DeferRefused(selector, prepaidGas);
        // A registration answers nothing, as an address without code does: ask what only the runtime can answer.
        isInDeferred();
    }
}
