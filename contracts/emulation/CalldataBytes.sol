// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice Reads encoded arguments in place, where `abi.decode` would copy them and slices of calldata check twice.
library CalldataBytes {
    /// @notice Thrown when encoded arguments are not all there.
    error CalldataBytes_Malformed(uint256 length);

    /// @notice The word at `position`, counted in words.
    function word(bytes calldata arguments, uint256 position) internal pure returns (uint256 value) {
        if (arguments.length < 32 * (position + 1)) revert CalldataBytes_Malformed(arguments.length);
        assembly {
            value := calldataload(add(arguments.offset, mul(32, position)))
        }
    }

    /// @notice The `bytes` argument at `position`.
    function at(bytes calldata arguments, uint256 position) internal pure returns (bytes calldata content) {
        uint256 start = word(arguments, position);
        unchecked {
            // Below 2^32, so that no sum wraps.
            if (start > type(uint32).max || start + 32 > arguments.length) {
                revert CalldataBytes_Malformed(arguments.length);
            }
        }
        assembly {
            content.offset := add(add(arguments.offset, start), 32)
            content.length := calldataload(add(arguments.offset, start))
        }
        if (content.length > arguments.length - start - 32) revert CalldataBytes_Malformed(arguments.length);
    }
}
