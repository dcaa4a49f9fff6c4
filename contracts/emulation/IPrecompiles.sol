// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice The calls that the emulators answer. contracts/arcology makes them, from interfaces of its own: the tests, which run
/// one against the other, fail when the two drift apart.
interface IPrecompiles {
    /* CONTAINERS AND MULTIPROCESS */

    function eval(bytes calldata command) external returns (bytes memory);
    function invoke(bytes calldata threads) external returns (bytes memory);

    function setByKey(bytes calldata key, bytes calldata value) external;
    function init(bytes calldata key, bytes calldata min, bytes calldata max) external;
    function delByKey(bytes calldata key) external;
    function delLast() external returns (bytes memory);
    function clear() external;
    function getByKey(bytes calldata key) external view returns (bytes memory);
    function getByIndex(uint256 index) external view returns (bytes memory);
    function indToKey(uint256 index) external view returns (bytes memory);
    function keyToInd(bytes calldata key) external view returns (uint256);
    function fullLength() external view returns (uint256);
    function length() external view returns (uint256);
    function committedLength() external view returns (uint256);

    /* CUMULATIVE */

    function add(uint256 delta) external;
    function sub(uint256 delta) external;
    function get() external view returns (uint256);
    function min() external view returns (uint256);
    function max() external view returns (uint256);
}

/// @dev `new` is a keyword, so that this function cannot be declared.
bytes4 constant NEW_CONTAINER = bytes4(keccak256("new(uint8,bool)"));

/// @dev The runtime knows it by the hash of this text, spaces included, which no declaration produces.
bytes4 constant NEW_CUMULATIVE = bytes4(keccak256("New(uint256, uint256, uint256)"));
