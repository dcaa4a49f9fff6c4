// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice The calls of a container precompile. {Containers} makes them.
interface IContainer {
    /// @notice Runs one call of {IContainerOps} on the caller's container.
    /// @dev Warning: the answer is what that call answers, not an encoded `bytes`: decode it by hand.
    function eval(bytes calldata command) external returns (bytes memory);

    /// @notice Runs the jobs of the caller's container; MULTIPROCESS only.
    /// @param threads `abi.encodePacked(uint256)`.
    /// @return Encoded {IMultiprocess-Result} array.
    function invoke(bytes calldata threads) external returns (bytes memory);
}

/// @notice What {IContainer-eval} wraps. Bytes are answered raw, numbers as one word, and what is absent by a failure.
interface IContainerOps {
    /// @notice Writes an element; appends it when its key is new. In a container of cumulatives: adds a signed delta.
    function setByKey(bytes calldata key, bytes calldata value) external;

    /// @notice Creates a cumulative within bounds, in a container of cumulatives. Bounds are 32-byte numbers.
    function init(bytes calldata key, bytes calldata min, bytes calldata max) external;

    /// @notice Deletes an element. The index stays, without a value, until the generation ends.
    function delByKey(bytes calldata key) external;

    /// @notice Deletes the last element and answers its value.
    function delLast() external returns (bytes memory);

    /// @notice Deletes all elements.
    function clear() external;

    function getByKey(bytes calldata key) external view returns (bytes memory);
    function getByIndex(uint256 index) external view returns (bytes memory);
    function indToKey(uint256 index) external view returns (bytes memory);
    function keyToInd(bytes calldata key) external view returns (uint256);

    /// @notice Elements, deleted ones of this generation included.
    function fullLength() external view returns (uint256);

    /// @notice Elements that were not deleted.
    function length() external view returns (uint256);

    /// @notice Elements when the generation began. Conflicts with nothing.
    function committedLength() external view returns (uint256);
}
