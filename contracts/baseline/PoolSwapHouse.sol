// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Runtime } from "../arcology/Runtime.sol";
import { IMarketRegistry } from "../interfaces/IMarketRegistry.sol";
import { ISpotEvents } from "../interfaces/ISpotEvents.sol";
import { IUniswapV3Pool } from "../interfaces/external/IUniswapV3Pool.sol";
import { NettingMath } from "../libraries/NettingMath.sol";
import { PriceLib } from "../libraries/PriceLib.sol";
import { Market } from "../types/Market.sol";
import { MarketId } from "../types/MarketId.sol";
import { SafeTransferLib } from "solady/utils/SafeTransferLib.sol";

/// @notice The non-netting baseline of the spot side: every swap goes to the pool at once, whole or not at all, from the trader's
///         tokens to the trader. On a parallel runtime swaps conflict with each other on the pool.
/// @dev As lean as Uniswap's own router: one pool call, one transfer in, one out, nothing in storage.
contract PoolSwapHouse is ISpotEvents {
    using SafeTransferLib for address;

    /// @notice Thrown for a swap of nothing.
    error PoolSwapHouse_ZeroSize();
    /// @notice Thrown for a swap of more base than a request of the netting side can carry.
    error PoolSwapHouse_SizeTooLarge(uint256 size, uint256 max);
    /// @notice Thrown when the deadline has passed.
    error PoolSwapHouse_Expired(uint256 deadline, uint256 timestamp);
    /// @notice Thrown when the pool does not fill the swap within its limit and the market's bound. Wei of base and quote.
    error PoolSwapHouse_BeyondLimit(uint256 size, uint256 filled, uint256 quote, uint256 limitPrice);
    /// @notice Thrown when a callback comes from anything but the pool of its market.
    error PoolSwapHouse_NotThePool(address caller);

    /// @notice Where markets are looked up.
    IMarketRegistry public immutable REGISTRY;

    constructor(IMarketRegistry registry) {
        REGISTRY = registry;
    }

    /// @notice Swaps with the pool. Approve this contract for the token that is sold first.
    /// @param market Market index.
    /// @param buys True to buy base for quote, false to sell base for quote.
    /// @param size Base, wei, 1 to 2^96 − 1.
    /// @param limitPrice Worst average price accepted, quote wei per base wei × 1e18; 0 for none.
    /// @param deadline Last unix second at which it may happen; 0 for none.
    function swap(MarketId market, bool buys, uint256 size, uint256 limitPrice, uint256 deadline) external {
        if (size == 0) revert PoolSwapHouse_ZeroSize();
        if (size > type(uint96).max) revert PoolSwapHouse_SizeTooLarge(size, type(uint96).max);
        if (deadline != 0 && deadline < block.timestamp) revert PoolSwapHouse_Expired(deadline, block.timestamp);
        uint256 quote = _swap(market, buys, size, limitPrice);
        (int256 baseDelta, int256 quoteDelta) = buys ? (int256(size), -int256(quote)) : (-int256(size), int256(quote));
        emit SwapSettled(keccak256(Runtime.uuid()), msg.sender, market, baseDelta, quoteDelta, 0, size, 0);
    }

    /// @notice Uniswap's callback: takes from the trader what the pool is owed.
    /// @dev A listed pool calls back only who swaps with it, with that caller's own data: here, {swap}'s.
    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata data) external {
        (MarketId id, address trader) = abi.decode(data, (MarketId, address));
        Market memory market = REGISTRY.get(id);
        if (msg.sender != market.pool) revert PoolSwapHouse_NotThePool(msg.sender);
        if (amount0Delta > 0) market.baseToken.safeTransferFrom(trader, msg.sender, uint256(amount0Delta));
        if (amount1Delta > 0) market.quoteToken.safeTransferFrom(trader, msg.sender, uint256(amount1Delta));
    }

    /// @return quote Paid by a buyer or received by a seller.
    function _swap(MarketId id, bool buys, uint256 size, uint256 limitPrice) private returns (uint256 quote) {
        Market memory market = REGISTRY.get(id);
        uint160 bound = PriceLib.bound(REGISTRY.midPrice(id), market.maxPriceMoveBps, buys);
        int256 amount = buys ? -int256(size) : int256(size);
        bytes memory payment = abi.encode(id, msg.sender);
        (int256 amount0, int256 amount1) = IUniswapV3Pool(market.pool).swap(msg.sender, !buys, amount, bound, payment);
        uint256 filled = uint256(buys ? -amount0 : amount0);
        quote = uint256(buys ? amount1 : -amount1);
        // The pool's amounts are exact: a limit holds when the quote is no worse than size × limit.
        bool isWithin = limitPrice == 0
            || (buys
                    ? quote <= NettingMath.shareUp(size, limitPrice, PriceLib.WAD)
                    : quote >= NettingMath.share(size, limitPrice, PriceLib.WAD));
        if (filled != size || !isWithin) revert PoolSwapHouse_BeyondLimit(size, filled, quote, limitPrice);
    }
}
