// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { AccessKind } from "../../emulation/AccessKind.sol";
import { LibString } from "solady/utils/LibString.sol";

/// @notice One access. `owner` has the storage, the container or the cumulative; `key` is a slot, or the hash of a key.
struct Access {
    AccessKind kind;
    address owner;
    bytes32 key;
}

/// @notice The runtime's rules of conflict.
/// @dev Where they are not known the stricter answer is given: an update or a delta conflicts with every read by index.
library Accesses {
    /// @notice Whether two transactions with these accesses conflict in one generation.
    /// @return what Says over what, when they do.
    function conflict(Access[] memory a, Access[] memory b) internal pure returns (bool, string memory what) {
        for (uint256 i; i < a.length; ++i) {
            for (uint256 j; j < b.length; ++j) {
                if (collide(a[i], b[j])) return (true, string.concat(describe(a[i]), " against ", describe(b[j])));
            }
        }
        return (false, "");
    }

    function equal(Access memory a, Access memory b) internal pure returns (bool) {
        return a.kind == b.kind && a.owner == b.owner && a.key == b.key;
    }

    /// @notice Whether two accesses conflict.
    function collide(Access memory a, Access memory b) internal pure returns (bool) {
        if (a.owner != b.owner) return false;
        if (isPlain(a) || isPlain(b)) {
            bool oneWrites = a.kind == AccessKind.PlainWrite || b.kind == AccessKind.PlainWrite;
            return isPlain(a) && isPlain(b) && a.key == b.key && oneWrites;
        }
        return containerRule(a, b) || containerRule(b, a);
    }

    /// @dev One direction of the rules; `a` is the one that writes.
    function containerRule(Access memory a, Access memory b) private pure returns (bool) {
        if (a.kind < AccessKind.Append || b.kind == AccessKind.ReadCommittedLength) return false;
        if (a.kind == AccessKind.Clear) return true;
        if (b.kind == AccessKind.ReadStructure) return a.kind == AccessKind.Append || a.kind == AccessKind.Delete;
        if (b.kind == AccessKind.ReadCommitted) return a.kind != AccessKind.Append;
        if (a.key != b.key) return false;
        return a.kind != AccessKind.Delta || b.kind != AccessKind.Delta;
    }

    function isPlain(Access memory access) private pure returns (bool) {
        return access.kind == AccessKind.PlainRead || access.kind == AccessKind.PlainWrite;
    }

    function describe(Access memory access) private pure returns (string memory) {
        string[11] memory names = [
            "read of slot ",
            "write of slot ",
            "read of key ",
            "read of a committed index ",
            "read of the length ",
            "read of the committed length ",
            "append of key ",
            "update of key ",
            "delta of key ",
            "deletion of key ",
            "clearing "
        ];
        string memory key = LibString.toHexString(uint256(access.key), 32);
        return string.concat(names[uint256(access.kind)], key, " of ", LibString.toHexString(access.owner));
    }
}
