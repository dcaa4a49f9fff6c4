// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice The fault that the access tests must find: it counts the calls of one function in a plain slot and hands all calls on.
/// @dev Put at a contract's address, with that contract's code elsewhere: it runs on the contract's own state.
contract CountingProxy {
    bytes32 internal constant COUNTER = keccak256("CountingProxy.counter");

    address private immutable _CODE;
    bytes4 private immutable _COUNTED;

    constructor(address code, bytes4 counted) {
        (_CODE, _COUNTED) = (code, counted);
    }

    fallback() external {
        bytes32 counter = COUNTER;
        address code = _CODE;
        if (msg.sig == _COUNTED) {
            assembly {
                sstore(counter, add(sload(counter), 1))
            }
        }
        assembly {
            calldatacopy(0, 0, calldatasize())
            let ok := delegatecall(gas(), code, 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if ok { return(0, returndatasize()) }
            revert(0, returndatasize())
        }
    }
}
