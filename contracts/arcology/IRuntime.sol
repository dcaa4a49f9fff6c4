// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice The calls of the runtime precompile. {Runtime} makes them.
interface IRuntime {
    /// @notice Identifies the transaction: its hash, on Arcology.
    function pid() external returns (bytes32);

    /// @notice An identifier nobody else gets.
    /// @dev Warning: the answer is the identifier itself, some 9 to 16 raw bytes, not an encoded `bytes`: decode it by hand.
    function uuid() external returns (bytes memory);

    /// @notice Whether the transaction runs deferred, after the parallel ones of its block.
    function isInDeferred() external view returns (bool);

    /// @notice Makes a function of the calling contract deferrable. In its constructor only.
    /// @param selector The function.
    /// @param prepaidGas Gas that each call of it pays in advance.
    function defer(bytes4 selector, uint64 prepaidGas) external;
}
