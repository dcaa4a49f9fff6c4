// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice Events that the runtime moves from the transaction that emits them into the receipts of others.
/// @dev On another chain the event stays in the transaction that emits it.
library WriteBack {
    /// @notice Becomes, in the receipt of transaction `pid`, the event that it stands for.
    /// @param pid The transaction, as {Runtime-pid} identified it.
    /// @param signature First topic of that event.
    /// @param context Its arguments, as {encode} joins them.
    event WriteBackEvent(bytes32 indexed pid, bytes32 indexed signature, bytes context);

    /// @notice Emits an event into the receipt of transaction `pid`.
    /// @dev Warning: `pid` must be a transaction of this very block. The node looks its receipt up among those of the block
    /// and does not survive a miss.
    function emitTo(bytes32 pid, bytes32 signature, bytes memory context) internal {
        emit WriteBackEvent(pid, signature, context);
    }

    /// @notice Joins the arguments of an event, so that the node can tell topics from data.
    /// @dev The node splits at the last word of ones. Warning: no word of `data` may be one (-1, type(uint256).max).
    /// @param topics Encoded indexed arguments, two at most: the node drops what comes after three topics.
    /// @param data Encoded other arguments.
    function encode(bytes memory topics, bytes memory data) internal pure returns (bytes memory context) {
        return bytes.concat(topics, bytes32(type(uint256).max), data);
    }
}
