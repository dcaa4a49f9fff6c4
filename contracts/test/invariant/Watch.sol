// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpClearingHouse } from "../../interfaces/IPerpClearingHouse.sol";
import { IPerpEvents } from "../../interfaces/IPerpEvents.sol";
import { FundingLib } from "../../libraries/FundingLib.sol";
import { PerpMath } from "../../libraries/PerpMath.sol";
import { MarketRegistry } from "../../perp/MarketRegistry.sol";
import { PerpNettingEngine } from "../../perp/PerpNettingEngine.sol";
import { PositionTracker } from "../../perp/PositionTracker.sol";
import { RiskRegistry } from "../../risk/RiskRegistry.sol";
import { MarketId } from "../../types/MarketId.sol";
import { MarketState, PriceStatus, Prices } from "../../types/MarketRisk.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice Looks at accounts and markets before and after every action, and counts what must not happen.
/// @dev A batch that takes several transactions is admitted in its first: accounts are judged as they stood then.
contract Watch {
    uint256 private constant MARKETS = 2;

    IPerpClearingHouse private immutable _HOUSE;
    PerpNettingEngine private immutable _ENGINE;
    RiskRegistry private immutable _RISK;
    PositionTracker[MARKETS] private _trackers;
    address[] private _traders;

    /* WHAT WAS, before the action or before the batch that it goes on with */

    mapping(address trader => bool) private _wasLiquidatable;
    mapping(address trader => mapping(uint256 market => int256 base)) private _baseBefore;
    mapping(uint256 market => bool) private _tookRisk;
    mapping(uint256 market => int256 index) private _indexView;
    mapping(address trader => bool) private _isLiquidated;
    bool private _midBatch;

    /* WHAT MUST STAY 0 */

    /// @notice Liquidations of accounts that were not below their maintenance margin.
    uint256 public healthyLiquidated;
    /// @notice Accounts that traded, were not liquidatable before, and were right after.
    uint256 public madeLiquidatable;
    /// @notice Accounts without a position any more, below zero, that nobody liquidated: ruined by an order of their own.
    uint256 public ruinedByChoice;
    /// @notice Positions that grew in a market that takes no new risk.
    uint256 public grownInAClosedMarket;
    /// @notice Accruals of funding that differ from what the view said.
    uint256 public fundingOtherThanViewed;
    /// @notice Accounts liquidated to nothing whose loss nobody took up.
    uint256 public debtLeftOpen;

    /* WHAT MUST HAPPEN, for these to mean anything */

    uint256 public liquidations;
    uint256 public growths;
    uint256 public reductions;
    uint256 public accruals;

    constructor(
        IPerpClearingHouse house,
        PerpNettingEngine engine,
        RiskRegistry risk,
        MarketRegistry registry,
        address[] memory traders
    ) {
        (_HOUSE, _ENGINE, _RISK, _traders) = (house, engine, risk, traders);
        for (uint16 m; m < MARKETS; ++m) {
            _trackers[m] = PositionTracker(registry.get(MarketId.wrap(m)).tracker);
        }
    }

    function isLiquidatable(address trader) public view returns (bool) {
        IPerpClearingHouse.Account memory account = _HOUSE.getAccount(trader);
        return account.openNotional != 0 && account.equity < int256(account.maintenanceMargin);
    }

    function before() external {
        _midBatch = _ENGINE.batchesInProgress() != 0;
        for (uint256 m; m < MARKETS; ++m) {
            _indexView[m] = _trackers[m].fundingIndexAt(_perSecond(m));
        }
        for (uint256 i; i < _traders.length; ++i) {
            address trader = _traders[i];
            if (!_midBatch) (_wasLiquidatable[trader], _isLiquidated[trader]) = (isLiquidatable(trader), false);
            for (uint256 m; m < MARKETS; ++m) {
                _baseBefore[trader][m] = _base(trader, m);
            }
        }
        if (_midBatch) return;
        for (uint256 m; m < MARKETS; ++m) {
            PriceStatus status = _RISK.pricesOf(MarketId.wrap(uint16(m))).status;
            _tookRisk[m] = _RISK.stateOf(MarketId.wrap(uint16(m))) == MarketState.Open
                && (status == PriceStatus.Ok || status == PriceStatus.PoolOnly);
        }
    }

    /// @dev In the same second as {before}, which an action that waits for the next block calls again.
    function afterwards(Vm.Log[] calldata logs) external {
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != IPerpEvents.Liquidated.selector) continue;
            address account = address(uint160(uint256(logs[i].topics[2])));
            ++liquidations;
            _isLiquidated[account] = true;
            if (!_wasLiquidatable[account]) ++healthyLiquidated;
            IPerpClearingHouse.Account memory left = _HOUSE.getAccount(account);
            if (left.openNotional == 0 && left.collateral < 0) ++debtLeftOpen;
        }
        for (uint256 m; m < MARKETS; ++m) {
            _lookAtFunding(m);
        }
        bool partly = _midBatch || _ENGINE.batchesInProgress() != 0;
        for (uint256 i; i < _traders.length; ++i) {
            _lookAt(_traders[i], partly);
        }
    }

    function _lookAt(address trader, bool partly) private {
        bool grew;
        bool traded;
        for (uint256 m; m < MARKETS; ++m) {
            int256 base = _base(trader, m);
            if (base != _baseBefore[trader][m]) traded = true;
            if (!PerpMath.increases(_baseBefore[trader][m], base)) continue;
            grew = true;
            if (!_tookRisk[m]) ++grownInAClosedMarket;
        }
        if (!traded) return;
        IPerpClearingHouse.Account memory account = _HOUSE.getAccount(trader);
        if (account.openNotional == 0 && account.collateral < 0 && !_isLiquidated[trader]) ++ruinedByChoice;
        if (partly) return;
        if (grew) ++growths;
        else ++reductions;
        if (!_wasLiquidatable[trader] && isLiquidatable(trader)) ++madeLiquidatable;
    }

    function _lookAtFunding(uint256 m) private {
        (int256 index, uint256 accruedAt) = _trackers[m].funding();
        if (accruedAt != block.timestamp) return;
        ++accruals;
        if (index != _indexView[m]) ++fundingOtherThanViewed;
    }

    function _perSecond(uint256 m) private view returns (int256) {
        MarketId id = MarketId.wrap(uint16(m));
        Prices memory prices = _RISK.pricesOf(id);
        return FundingLib.perSecond(prices, _RISK.riskOf(id).maxFundingBpsPerDay);
    }

    function _base(address trader, uint256 m) private view returns (int256 base) {
        (base,,) = _trackers[m].getPosition(trader);
    }
}
