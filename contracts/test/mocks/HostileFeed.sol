// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IAggregatorV3 } from "../../interfaces/external/IAggregatorV3.sol";

/// @notice A price feed that can do whatever a contract can.
contract HostileFeed {
    enum Mode {
        /// Answers the bytes that it was given.
        Answer,
        Revert,
        /// Uses up all gas.
        Burn,
        /// Tries to write.
        Write,
        /// Answers the bytes that it was given, and 128 KiB after them.
        Long,
        /// Answers the bytes that it was given after work of some 40,000 gas.
        Busy
    }

    Mode private _mode;
    bytes private _answer;
    bytes private _decimals = abi.encode(8);
    uint256 private _written;

    function set(Mode mode, bytes calldata answer) external {
        (_mode, _answer) = (mode, answer);
    }

    function setDecimals(bytes calldata answer) external {
        _decimals = answer;
    }

    fallback() external {
        if (msg.sig == IAggregatorV3.decimals.selector) _return(_decimals, _decimals.length);
        if (_mode == Mode.Revert) revert("closed");
        if (_mode == Mode.Write) ++_written;
        if (_mode == Mode.Burn) while (true) { }
        if (_mode == Mode.Busy) _work();
        _return(_answer, _mode == Mode.Long ? 1 << 17 : _answer.length);
    }

    /// @dev Each step takes some 80 gas: 36 for the hash, the rest for the loop. Its storage costs the feed 17,000 more.
    function _work() private pure {
        assembly {
            for { let i := 0 } lt(i, 500) { i := add(i, 1) } { mstore(0, keccak256(0, 32)) }
        }
    }

    function _return(bytes memory answer, uint256 length) private pure {
        assembly {
            return(add(answer, 32), length)
        }
    }
}
