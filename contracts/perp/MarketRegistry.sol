// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IMarketRegistry } from "../interfaces/IMarketRegistry.sol";
import { IUniswapV3Pool } from "../interfaces/external/IUniswapV3Pool.sol";
import { HandoverOwnable } from "../libraries/HandoverOwnable.sol";
import { PriceLib } from "../libraries/PriceLib.sol";
import { Market } from "../types/Market.sol";
import { MarketId } from "../types/MarketId.sol";

/// @notice The markets of one clearing house. The owner lists; a listing never changes.
/// @dev Written at listing alone, so reading it conflicts with nothing else.
contract MarketRegistry is HandoverOwnable, IMarketRegistry {
    /// @notice Settlement looks at every market, so there is a bound.
    uint256 public constant MAX_MARKETS = 32;
    /// @notice Widest bound that a market may set for the price move of one batch.
    uint256 public constant MAX_PRICE_MOVE_BPS = 5000;
    /// @notice Observations that a listed pool keeps at least. It writes one in each block in which its tick moves, so this many
    ///         such blocks can be averaged over; 2.9 million gas at listing. Whoever wants more of them pays the pool for them,
    ///         by its own increaseObservationCardinalityNext, which is open to all.
    uint16 public constant OBSERVATIONS = 128;

    Market[] internal _markets;

    constructor(address owner) {
        _initializeOwner(owner);
    }

    /// @notice Lists a market. Only the owner.
    /// @dev The pool must be initialised, with the base token as its token0. It gets room for OBSERVATIONS of its price.
    /// @param market The listing; its fee is read from the pool.
    /// @return id Index of the market.
    function list(Market memory market) external onlyOwner returns (MarketId id) {
        uint256 index = _markets.length;
        if (index == MAX_MARKETS) revert MarketRegistry_Full(MAX_MARKETS);
        if (market.maxPriceMoveBps == 0 || market.maxPriceMoveBps > MAX_PRICE_MOVE_BPS) {
            revert MarketRegistry_PriceMoveOutOfRange(market.maxPriceMoveBps);
        }
        IUniswapV3Pool pool = IUniswapV3Pool(market.pool);
        if (pool.token0() != market.baseToken || pool.token1() != market.quoteToken) {
            revert MarketRegistry_WrongPool(market.pool);
        }
        (uint160 sqrtPriceX96,,,,,,) = pool.slot0();
        if (sqrtPriceX96 == 0) revert MarketRegistry_PoolNotInitialized(market.pool);
        pool.increaseObservationCardinalityNext(OBSERVATIONS);
        market.fee = pool.fee();
        _markets.push(market);
        id = MarketId.wrap(uint16(index));
        emit MarketListed(id, market.pool, market.baseToken, market.quoteToken);
    }

    /// @inheritdoc IMarketRegistry
    function count() external view returns (uint256) {
        return _markets.length;
    }

    /// @inheritdoc IMarketRegistry
    function get(MarketId market) public view returns (Market memory) {
        uint256 index = MarketId.unwrap(market);
        if (index >= _markets.length) revert MarketRegistry_UnknownMarket(market);
        return _markets[index];
    }

    /// @inheritdoc IMarketRegistry
    function midPrice(MarketId market) external view returns (uint256) {
        (uint160 sqrtPriceX96,,,,,,) = IUniswapV3Pool(get(market).pool).slot0();
        return PriceLib.toWad(sqrtPriceX96);
    }
}
