// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { ABORT_GATE_MASK, IRuntimeEmulation, RUNTIME_EMULATOR } from "./IEmulation.sol";

/// @notice Makes a contract's transactions fail while the runtime emulator says so, as those fail that lost a conflict: no
/// state, no logs, no data, but gas paid and the nonce advanced.
/// @dev The embedded node puts this code in place of the contract's for one block, and the contract's at its address XOR
/// ABORT_GATE_MASK. Storage, address, sender, value and answers are the contract's; a call costs about 7,900 gas more.
/// @dev Warning: a contract with the gate cannot take the 2,300 gas of `transfer`, and shows the gate's code to who asks for it.
/// Those that run its code as their own (a proxy, when it is the implementation) fail, because the code is not at their address
/// XOR the mask.
contract AbortGate {
    fallback() external payable {
        _pass();
    }

    receive() external payable {
        _pass();
    }

    function _pass() private {
        bytes4 isAborting = IRuntimeEmulation.isAborting.selector;
        assembly {
            // Nothing else of this contract uses memory. An emulator that does not answer leaves word 32 at zero.
            mstore(0, isAborting)
            let answered := staticcall(gas(), RUNTIME_EMULATOR, 0, 4, 32, 32)
            if and(answered, mload(32)) { revert(0, 0) }

            calldatacopy(0, 0, calldatasize())
            let code := xor(address(), ABORT_GATE_MASK)
            let succeeded := delegatecall(gas(), code, 0, calldatasize(), 0, 0)
            if iszero(or(returndatasize(), extcodesize(code))) { revert(0, 0) }
            returndatacopy(0, 0, returndatasize())
            if succeeded { return(0, returndatasize()) }
            revert(0, returndatasize())
        }
    }
}
