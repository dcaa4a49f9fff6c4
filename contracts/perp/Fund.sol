// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { ICollateralVault } from "../interfaces/ICollateralVault.sol";
import { IMarketRegistry } from "../interfaces/IMarketRegistry.sol";
import { IPerpClearingHouse } from "../interfaces/IPerpClearingHouse.sol";
import { IPositionTracker } from "../interfaces/IPositionTracker.sol";
import { IRiskRegistry } from "../interfaces/IRiskRegistry.sol";
import { MarketId } from "../types/MarketId.sol";
import { Position } from "../types/Position.sol";
import { MarginReader } from "./MarginReader.sol";
import { Ownable } from "solady/auth/Ownable.sol";
import { FixedPointMathLib } from "solady/utils/FixedPointMathLib.sol";

/// @notice The fund behind the accounts: the insurance, bad debt and the protocol's fees.
/// @dev The vault's fund is the other side of all profit and loss. What of it is insurance and what the protocol may take follows from
///      sums that only grow: fees by market, what was paid in, bad debt, what was paid out.
abstract contract Fund is MarginReader, IPerpClearingHouse {
    /// @notice The listed markets.
    IMarketRegistry public immutable REGISTRY;

    constructor(IMarketRegistry registry, ICollateralVault vault, IRiskRegistry risk) MarginReader(vault, risk) {
        REGISTRY = registry;
    }

    /// @inheritdoc IPerpClearingHouse
    /// @dev Reads no price: settlement calls it, and nothing here can revert.
    /// @dev A flat account's profit and loss moves whatever they add up to, so that of two calls in one sequence the later writes all that
    ///      it reads: see {_settlePnl}. Of an account with a position no call before it has written anything.
    function settleBadDebt(address trader) public returns (uint256 amount) {
        (bool isFlat, int256 pnl) = _unmovedPnl(trader);
        if (!isFlat) return 0;
        int256 collateral = int256(VAULT.getBalance(trader)) + pnl;
        if (collateral < 0) amount = uint256(-collateral);
        _settlePnl(trader);
    }

    /// @inheritdoc IPerpClearingHouse
    function collectFees(address to, uint256 amount) external {
        if (msg.sender != Ownable(address(RISK)).owner()) revert ClearingHouse_NotOwner(msg.sender);
        uint256 wad = amount * VAULT.scale();
        uint256 collectable = collectableFees();
        if (wad > collectable) revert ClearingHouse_NotCollectable(wad, collectable);
        VAULT.collect(to, amount);
        emit FeesCollected(to, amount);
    }

    /// @inheritdoc IPerpClearingHouse
    function insuranceFund() external view returns (uint256) {
        (uint256 held, uint256 owed) = _insurance();
        return FixedPointMathLib.zeroFloorSub(held, owed);
    }

    /// @inheritdoc IPerpClearingHouse
    function uncoveredBadDebt() public view returns (uint256) {
        (uint256 held, uint256 owed) = _insurance();
        return FixedPointMathLib.zeroFloorSub(owed, held);
    }

    /// @inheritdoc IPerpClearingHouse
    function collectableFees() public view returns (uint256) {
        (uint256 protocol,) = _fees();
        // Traders come first: what the insurance fund cannot cover, fees that are still here stand for.
        return FixedPointMathLib.zeroFloorSub(protocol - VAULT.collected(), uncoveredBadDebt());
    }

    /// @dev Moves the trader's realised profit and loss into the vault: all markets at once, so that a loss is met by a profit
    ///      elsewhere before it counts as bad debt.
    /// @dev Writes every entry and the balance, those that do not change too: the runtime can lose what an earlier call of one sequence
    ///      wrote where a later one only reads it.
    function _settlePnl(address trader) internal {
        uint256 bitmap = marketsOf(trader);
        int256 total;
        for (uint256 i; bitmap >> i != 0; ++i) {
            if (bitmap >> i & 1 == 0) continue;
            IPositionTracker tracker = IPositionTracker(REGISTRY.get(MarketId.wrap(uint16(i))).tracker);
            Position memory position = tracker.positionOf(trader);
            int256 pnl = int256(position.realizedPnl) - position.settledPnl;
            tracker.realizePnl(trader, pnl);
            total += pnl;
        }
        VAULT.settlePnl(trader, total);
    }

    /// @dev Realised profit and loss of the trader that has not moved into the vault, and whether it holds no position.
    function _unmovedPnl(address trader) private view returns (bool isFlat, int256 pnl) {
        uint256 bitmap = marketsOf(trader);
        isFlat = true;
        for (uint256 i; bitmap >> i != 0; ++i) {
            if (bitmap >> i & 1 == 0) continue;
            Position memory position =
                IPositionTracker(REGISTRY.get(MarketId.wrap(uint16(i))).tracker).positionOf(trader);
            if (position.base != 0) isFlat = false;
            pnl += int256(position.realizedPnl) - position.settledPnl;
        }
    }

    /// @dev Fees of a market so far: the protocol's and the insurance fund's. WAD.
    function _feesOf(MarketId market) internal view virtual returns (uint256 protocol, uint256 insurance);

    /// @inheritdoc MarginReader
    function _registry() internal view override returns (IMarketRegistry) {
        return REGISTRY;
    }

    function _insurance() private view returns (uint256 held, uint256 owed) {
        (, held) = _fees();
        held += VAULT.paidIn();
        owed = VAULT.totalBadDebt();
    }

    /// @dev Bounded: a registry has 32 markets at most.
    function _fees() private view returns (uint256 protocol, uint256 insurance) {
        uint256 count = REGISTRY.count();
        for (uint256 i; i < count; ++i) {
            (uint256 first, uint256 second) = _feesOf(MarketId.wrap(uint16(i)));
            protocol += first;
            insurance += second;
        }
    }
}
