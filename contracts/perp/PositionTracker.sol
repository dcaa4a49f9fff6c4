// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Base } from "../arcology/Base.sol";
import { IPositionTracker } from "../interfaces/IPositionTracker.sol";
import { FundingLib } from "../libraries/FundingLib.sol";
import { PerpMath } from "../libraries/PerpMath.sol";
import { Position } from "../types/Position.sol";

/// @notice The positions of one market in a concurrent container, one entry a trader, and what the market has in common.
/// @dev Entries of different traders never conflict. An entry is three words, the first two packed. The market's own three slots
///      are written in settlement alone; moving realised profit and loss touches the trader's entry and nothing else.
contract PositionTracker is Base, IPositionTracker {
    /// @notice The contract that fills orders.
    address public immutable NETTING;
    /// @notice The contract that moves realised profit and loss into the vault.
    address public immutable HOUSE;
    /// @notice The contract that admits orders.
    address public immutable ADMISSION;

    /// @dev The first slot: 216 bits hold an index of 10^46 quote a base, and the times of 34,000 years.
    int216 internal _index;
    uint40 internal _accruedAt;
    /// @dev The second slot.
    uint128 internal _longs;
    uint128 internal _shorts;
    /// @inheritdoc IPositionTracker
    int256 public fundingCollected;

    constructor(address netting, address house, address admission) {
        NETTING = netting;
        HOUSE = house;
        ADMISSION = admission;
        _accruedAt = uint40(block.timestamp);
    }

    /* WRITES */

    /// @inheritdoc IPositionTracker
    function updatePosition(address trader, int256 baseDelta, int256 quoteDelta, int256 charge)
        external
        returns (Touch memory touch)
    {
        if (msg.sender != NETTING) revert PositionTracker_Unauthorized(msg.sender);
        Position memory before = positionOf(trader);
        int256 index = _index;
        touch.before = before;
        touch.funding = FundingLib.owed(before.base, index - before.fundingIndex);
        (int256 base, int256 quote, int256 realized) = PerpMath.fill(before.base, before.quote, baseDelta, quoteDelta);
        touch.current = Position(
            _narrow(base),
            _narrow(quote),
            _narrow(before.realizedPnl + realized - touch.funding - charge),
            before.settledPnl,
            index
        );
        _write(trader, touch.current);
        if (touch.funding != 0) fundingCollected += touch.funding;
        if (baseDelta != 0) _moveOpenInterest(before.base, base);
    }

    /// @inheritdoc IPositionTracker
    function realizePnl(address trader, int256 pnl) external {
        if (msg.sender != HOUSE) revert PositionTracker_Unauthorized(msg.sender);
        Position memory position = positionOf(trader);
        position.settledPnl = _narrow(position.settledPnl + pnl);
        _write(trader, position);
    }

    /// @inheritdoc IPositionTracker
    function accrueFunding(int256 perSecond) external {
        if (msg.sender != ADMISSION) revert PositionTracker_Unauthorized(msg.sender);
        if (block.timestamp == _accruedAt) return;
        int256 index = fundingIndexAt(perSecond);
        if (index != int216(index)) revert PositionTracker_Overflow(index);
        (_index, _accruedAt) = (int216(index), uint40(block.timestamp));
    }

    /* VIEWS */

    /// @inheritdoc IPositionTracker
    function fundingIndexAt(int256 perSecond) public view returns (int256) {
        return _index + perSecond * int256(block.timestamp - _accruedAt);
    }

    /// @inheritdoc IPositionTracker
    function funding() external view returns (int256 index, uint256 accruedAt) {
        return (_index, _accruedAt);
    }

    /// @inheritdoc IPositionTracker
    function openInterest() external view returns (uint256 longs, uint256 shorts) {
        return (_longs, _shorts);
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
        (uint256 first, uint256 second, int256 fundingIndex) = abi.decode(entry, (uint256, uint256, int256));
        // Each of the first two words is two signed halves: the upper by shift, the lower by truncation.
        position.base = int128(int256(first) >> 128);
        position.quote = int128(int256(first));
        position.realizedPnl = int128(int256(second) >> 128);
        position.settledPnl = int128(int256(second));
        position.fundingIndex = fundingIndex;
    }

    /* INTERNAL */

    function _moveOpenInterest(int256 before, int256 current) private {
        (int256 longs, int256 shorts) = (int256(uint256(_longs)), int256(uint256(_shorts)));
        longs += _long(current) - _long(before);
        shorts += _long(-current) - _long(-before);
        (_longs, _shorts) = (_sum(longs), _sum(shorts));
    }

    function _long(int256 base) private pure returns (int256) {
        return base > 0 ? base : int256(0);
    }

    function _sum(int256 value) private pure returns (uint128) {
        if (value != int256(uint256(uint128(uint256(value))))) revert PositionTracker_Overflow(value);
        return uint128(uint256(value));
    }

    function _write(address trader, Position memory position) private {
        _setByKey(
            abi.encodePacked(trader),
            abi.encodePacked(
                position.base, position.quote, position.realizedPnl, position.settledPnl, position.fundingIndex
            )
        );
    }

    function _narrow(int256 value) private pure returns (int128) {
        if (value != int128(value)) revert PositionTracker_Overflow(value);
        return int128(value);
    }
}
