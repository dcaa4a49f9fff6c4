// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice Finds instructions that the Arcology runtime does not have, or does not survive.
library OpcodeScanner {
    uint8 internal constant BASEFEE = 0x48; // London, but it crashes the node
    uint8 internal constant BLOBHASH = 0x49;
    uint8 internal constant BLOBBASEFEE = 0x4a;
    uint8 internal constant TLOAD = 0x5c;
    uint8 internal constant TSTORE = 0x5d;
    uint8 internal constant MCOPY = 0x5e;
    uint8 internal constant PUSH0 = 0x5f;
    uint8 private constant PUSH1 = 0x60;
    uint8 private constant PUSH32 = 0x7f;

    /// @notice Walks instruction by instruction: what a PUSH pushes is no instruction.
    /// @return found Whether there is a forbidden one.
    /// @return at Where the first one stands.
    /// @return opcode Which it is.
    function find(bytes memory code) internal pure returns (bool found, uint256 at, uint8 opcode) {
        while (at < code.length) {
            opcode = uint8(code[at]);
            if (isForbidden(opcode)) return (true, at, opcode);
            at += opcode >= PUSH1 && opcode <= PUSH32 ? opcode - PUSH1 + 2 : 1;
        }
        return (false, at, 0);
    }

    function isForbidden(uint8 opcode) private pure returns (bool) {
        return opcode == BASEFEE || opcode == BLOBHASH || opcode == BLOBBASEFEE || opcode == TLOAD || opcode == TSTORE
            || opcode == MCOPY || opcode == PUSH0;
    }
}
