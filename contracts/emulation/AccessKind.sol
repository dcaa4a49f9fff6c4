// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice What a transaction did to one piece of state, as far as the runtime's conflict detection tells accesses apart.
/// @dev The numbers are part of the markers that {AccessMarkers} leaves: loadgen/src/parallel/access.ts has the same order.
enum AccessKind {
    PlainRead,
    PlainWrite,
    /// An element by key, or a cumulative.
    Read,
    /// An element by an index that was there when the generation began.
    ReadCommitted,
    /// A length, or anything else that an append changes.
    ReadStructure,
    /// Conflicts with nothing.
    ReadCommittedLength,
    /// An element whose key is new.
    Append,
    /// An element whose key was there.
    Update,
    /// An addition to a cumulative, or a subtraction.
    Delta,
    Delete,
    /// All elements, or one whose key depends on the others.
    Clear
}
