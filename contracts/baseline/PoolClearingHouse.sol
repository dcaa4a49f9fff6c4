// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Runtime } from "../arcology/Runtime.sol";
import { ICollateralVault } from "../interfaces/ICollateralVault.sol";
import { IMarketRegistry } from "../interfaces/IMarketRegistry.sol";
import { IPerpClearingHouse } from "../interfaces/IPerpClearingHouse.sol";
import { ISwapRouter } from "../interfaces/ISwapRouter.sol";
import { NettingMath } from "../libraries/NettingMath.sol";
import { PriceLib } from "../libraries/PriceLib.sol";
import { ClearingHouseBase } from "../perp/ClearingHouseBase.sol";
import { FillLib } from "../perp/FillLib.sol";
import { MarginReader } from "../perp/MarginReader.sol";
import { Market } from "../types/Market.sol";
import { MarketId } from "../types/MarketId.sol";

/// @notice The non-netting baseline: the same interface and margin, but every order swaps with the pool at once, whole or not
///         at all. On a parallel runtime its orders conflict with each other on the pool.
contract PoolClearingHouse is ClearingHouseBase {
    /// @notice Thrown when the pool does not fill the order within its limit and the market's bound. WAD.
    error PoolClearingHouse_BeyondLimit(uint256 base, uint256 filled, uint256 quote, uint256 limitPrice);

    /// @notice Where orders are swapped.
    ISwapRouter public immutable ROUTER;

    mapping(address trader => uint256 bitmap) internal _marketsOf;

    constructor(IMarketRegistry registry, ICollateralVault vault, ISwapRouter router)
        ClearingHouseBase(registry, vault)
    {
        ROUTER = router;
    }

    /* ORDERS */

    /// @inheritdoc IPerpClearingHouse
    function openPosition(MarketId market, bool isLong, uint256 size, uint256 limitPrice, uint256 deadline) public {
        _checkTerms(size, limitPrice, deadline);
        _checkMargin(msg.sender, market, isLong, size, limitPrice);
        uint256 bit = 1 << MarketId.unwrap(market);
        if (_marketsOf[msg.sender] & bit == 0) _marketsOf[msg.sender] |= bit;
        _swap(market, isLong, size, limitPrice);
    }

    /// @inheritdoc IPerpClearingHouse
    function closePosition(MarketId market, uint256 size, uint256 limitPrice, uint256 deadline) public {
        _checkTerms(size, limitPrice, deadline);
        (bool isLong, uint256 amount) = _closable(msg.sender, market, size);
        _swap(market, !isLong, amount, limitPrice);
    }

    /// @inheritdoc IPerpClearingHouse
    /// @dev Here it is no more than the other two: it reads and writes the pool, so it is not deferrable. A close whose side
    ///      is not the position's reverts.
    function changePosition(
        MarketId market,
        bool isOpen,
        bool isLong,
        uint256 size,
        uint256 limitPrice,
        uint256 deadline
    ) external {
        if (msg.sender != tx.origin) revert ClearingHouse_OnlyOrigin(msg.sender);
        if (isOpen) return openPosition(market, isLong, size, limitPrice, deadline);
        (bool holdsLong,) = _closable(msg.sender, market, size);
        if (holdsLong != isLong) revert ClearingHouse_NothingToClose(msg.sender, market);
        closePosition(market, size, limitPrice, deadline);
    }

    /// @inheritdoc IPerpClearingHouse
    /// @dev Nothing ever waits here.
    function settle() external pure returns (uint256) {
        return 0;
    }

    /// @inheritdoc MarginReader
    function marketsOf(address trader) public view override returns (uint256) {
        return _marketsOf[trader];
    }

    /* INTERNAL */

    function _swap(MarketId id, bool buys, uint256 base, uint256 limitPrice) private {
        Market memory market = REGISTRY.get(id);
        uint256 quote = _swapWithPool(market, REGISTRY.midPrice(id), buys, base, limitPrice);
        (int256 baseDelta, int256 quoteDelta) = FillLib.deltas(buys, base, quote);
        int256 realizedPnl = FillLib.apply_(market, msg.sender, baseDelta, quoteDelta);
        bytes32 orderId = keccak256(Runtime.uuid());
        emit OrderSettled(orderId, msg.sender, id, baseDelta, quoteDelta, 0, base, 0, realizedPnl);
    }

    function _swapWithPool(Market memory market, uint256 midPrice, bool buys, uint256 base, uint256 limitPrice)
        private
        returns (uint256 quote)
    {
        uint160 bound = PriceLib.bound(midPrice, market.maxPriceMoveBps, buys);
        ISwapRouter.Swapped memory swapped =
            buys ? ROUTER.exactOutputExternal(market, base, bound) : ROUTER.exactInputExternal(market, base, bound);
        quote = swapped.quote;
        // The pool's amounts are exact: a limit holds when the quote is no worse than base × limit.
        bool isWithin = limitPrice == 0
            || (buys
                    ? quote <= NettingMath.shareUp(base, limitPrice, PriceLib.WAD)
                    : quote >= NettingMath.share(base, limitPrice, PriceLib.WAD));
        if (swapped.base != base || !isWithin) {
            revert PoolClearingHouse_BeyondLimit(base, swapped.base, quote, limitPrice);
        }
    }

    /// @inheritdoc ClearingHouseBase
    /// @dev Nothing is ever half settled here.
    function _requireSettled() internal pure override { }
}
