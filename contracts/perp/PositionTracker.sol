// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Base } from "../arcology/Base.sol";
import { IPositionTracker } from "../interfaces/IPositionTracker.sol";
import { PerpMath } from "../libraries/PerpMath.sol";
import { Position } from "../types/Position.sol";

/// @notice The positions of one market in a concurrent container, one entry a trader.
/// @dev Entries of different traders never conflict. An entry is two words, packed.
contract PositionTracker is Base, IPositionTracker {
    /// @notice The contract that fills orders.
    address public immutable NETTING;
    /// @notice The contract that moves realised profit and loss into the vault.
    address public immutable HOUSE;

    constructor(address netting, address house) {
        NETTING = netting;
        HOUSE = house;
    }

    /// @inheritdoc IPositionTracker
    function updatePosition(address trader, int256 baseDelta, int256 quoteDelta)
        external
        returns (Position memory before, Position memory current)
    {
        if (msg.sender != NETTING) revert PositionTracker_Unauthorized(msg.sender);
        before = positionOf(trader);
        (int256 base, int256 quote, int256 realized) = PerpMath.fill(before.base, before.quote, baseDelta, quoteDelta);
        current = Position(_narrow(base), _narrow(quote), _narrow(before.realizedPnl + realized), before.settledPnl);
        _write(trader, current);
    }

    /// @inheritdoc IPositionTracker
    function realizePnl(address trader, int256 pnl) external {
        if (msg.sender != HOUSE) revert PositionTracker_Unauthorized(msg.sender);
        Position memory position = positionOf(trader);
        position.settledPnl = _narrow(position.settledPnl + pnl);
        _write(trader, position);
    }

    /// @inheritdoc IPositionTracker
    function getPosition(address trader) external view returns (int256 base, int256 quote, int256 realizedPnl) {
        Position memory position = positionOf(trader);
        return (position.base, position.quote, position.realizedPnl);
    }

    /// @inheritdoc IPositionTracker
    function getPositionValue(address trader, uint256 markPrice) external view returns (int256) {
        Position memory position = positionOf(trader);
        return PerpMath.positionValue(position.base, position.quote, markPrice);
    }

    /// @inheritdoc IPositionTracker
    function positionOf(address trader) public view returns (Position memory position) {
        bytes memory entry = _getByKey(abi.encodePacked(trader));
        if (entry.length == 0) return position;
        (uint256 first, uint256 second) = abi.decode(entry, (uint256, uint256));
        // Each word is two signed halves: the upper by shift, the lower by truncation.
        position.base = int128(int256(first) >> 128);
        position.quote = int128(int256(first));
        position.realizedPnl = int128(int256(second) >> 128);
        position.settledPnl = int128(int256(second));
    }

    function _write(address trader, Position memory position) internal {
        _setByKey(
            abi.encodePacked(trader),
            abi.encodePacked(position.base, position.quote, position.realizedPnl, position.settledPnl)
        );
    }

    function _narrow(int256 value) internal pure returns (int128) {
        if (value != int128(value)) revert PositionTracker_Overflow(value);
        return int128(value);
    }
}
