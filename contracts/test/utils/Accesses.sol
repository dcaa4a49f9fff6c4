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

    /// @notice Whether a call that the runtime runs behind another one in one sequence loses a write of it: it reads what the other one
    ///         wrote, and does not write it itself.
    /// @return what Says which, when it does.
    function lostWrite(Access[] memory earlier, Access[] memory later)
        internal
        pure
        returns (bool, string memory what)
    {
        for (uint256 i; i < later.length; ++i) {
            if (isWrite(later[i]) || isWritten(later, later[i])) continue;
            for (uint256 j; j < earlier.length; ++j) {
                if (!isWrite(earlier[j]) || !collide(earlier[j], later[i])) continue;
                return (true, string.concat(describe(later[i]), " behind ", describe(earlier[j])));
            }
        }
        return (false, "");
    }

    function isWrite(Access memory access) internal pure returns (bool) {
        return access.kind == AccessKind.PlainWrite || access.kind >= AccessKind.Append;
    }

    /// @dev Whether the slot or key of an access is written by one of `accesses`. Entries of different keys are apart, and what is read
    ///      of a container by index or length is written by none of its entries.
    function isWritten(Access[] memory accesses, Access memory read) private pure returns (bool) {
        if (!isPlain(read) && read.kind != AccessKind.Read) return false;
        for (uint256 i; i < accesses.length; ++i) {
            Access memory access = accesses[i];
            bool isSame = access.owner == read.owner && access.key == read.key && isPlain(access) == isPlain(read);
            if (isSame && isWrite(access)) return true;
        }
        return false;
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

    function isPlain(Access memory access) internal pure returns (bool) {
        return access.kind == AccessKind.PlainRead || access.kind == AccessKind.PlainWrite;
    }

    function describe(Access memory access) internal pure returns (string memory) {
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
