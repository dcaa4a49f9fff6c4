// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { INetting } from "../interfaces/INetting.sol";
import { ISwapRouter } from "../interfaces/ISwapRouter.sol";
import { NettingMath } from "../libraries/NettingMath.sol";
import { PriceLib } from "../libraries/PriceLib.sol";
import { Batch, Clearing } from "../types/Batch.sol";
import { Allocation, Market } from "../types/Market.sol";
import { MarketId } from "../types/MarketId.sol";
import { MarketRisk } from "../types/MarketRisk.sol";
import { Order } from "../types/Order.sol";
import { ReceiptLib } from "./ReceiptLib.sol";
import { ResidualLib } from "./ResidualLib.sol";

/// @notice Clears the batch of one market: what two sides have in common nets at the mid price, the residual goes to the pool
///         in one swap, and every order's fill follows from the batch's prices alone, so their order does not matter.
/// @dev Rounding never creates value: buyers pay rounded up, sellers get rounded down, and what is left is the market's dust.
///      Nothing here reverts for a reason that an order can bring about: what cannot fill is cancelled.
abstract contract Netting is INetting {
    /// @notice What rounding left with the fund, WAD, signed.
    struct Dust {
        int128 base;
        int128 quote;
    }

    /// @notice One order's fill. WAD.
    struct Fill {
        uint256 netted;
        uint256 pooled;
        /// Quote paid by a buyer or received by a seller, and what of it is for the pooled base.
        uint256 quote;
        uint256 pooledQuote;
        uint256 cancelled;
    }

    /// @dev One call's work.
    struct Run {
        MarketId id;
        Market market;
        Batch batch;
        Clearing clearing;
        bool deferred;
        /// Σ of what orders got (positive) and gave.
        int256 base;
        int256 quote;
        /// What the market charges, where it charges anything, and Σ of what it took. WAD.
        MarketRisk risk;
        uint256 protocolFees;
        uint256 insuranceFees;
    }

    /// @notice The only caller.
    address public immutable ENGINE;
    /// @notice Where residuals are swapped.
    ISwapRouter public immutable ROUTER;

    /// @notice What rounding left, by market.
    mapping(MarketId market => Dust dust) public dustOf;

    constructor(address engine, ISwapRouter router) {
        ENGINE = engine;
        ROUTER = router;
    }

    modifier onlyEngine() {
        if (msg.sender != ENGINE) revert Netting_Unauthorized(msg.sender);
        _;
    }

    /// @inheritdoc INetting
    function swap(MarketId id, Market memory market, Batch memory batch, uint256 midPrice, bool deferred)
        external
        virtual
        onlyEngine
    {
        Run memory run;
        (run.id, run.market, run.batch, run.deferred) = (id, market, batch, deferred);
        run.clearing = findNettableAmount(market, batch, midPrice);
        executeNettedSwaps(run);
        processLeftoverSwaps(run);
        _finish(run);
    }

    /// @inheritdoc INetting
    function clear(MarketId id, Market memory market, Batch memory batch, uint256 midPrice)
        external
        onlyEngine
        returns (Clearing memory)
    {
        Run memory run;
        (run.id, run.market, run.batch) = (id, market, batch);
        run.clearing = findNettableAmount(market, batch, midPrice);
        _swapLeftover(run);
        _finish(run);
        return run.clearing;
    }

    /// @inheritdoc INetting
    function fill(
        MarketId id,
        Market memory market,
        Batch memory batch,
        Clearing memory clearing,
        uint256 from,
        uint256 to,
        bool deferred
    ) external onlyEngine returns (uint256 fifoLeft) {
        Run memory run;
        (run.id, run.market, run.batch, run.clearing, run.deferred) = (id, market, batch, clearing, deferred);
        _prepare(run);
        for (uint256 place = from; place < to; ++place) {
            uint256 i = NettingMath.filledAt(batch, clearing, place);
            _fillRange(run, i, i + 1);
        }
        _finish(run);
        return run.clearing.fifoLeft;
    }

    /// @notice Step 1: totals of both sides, what nets, and who shares the residual swap.
    /// @param midPrice The price at which the batch nets, WAD.
    function findNettableAmount(Market memory market, Batch memory batch, uint256 midPrice)
        public
        view
        returns (Clearing memory clearing)
    {
        clearing.midPrice = midPrice;
        for (uint256 i; i < batch.orders.length; ++i) {
            if (i < batch.buyers) clearing.longs += batch.admitted[i];
            else clearing.shorts += batch.admitted[i];
        }
        ResidualLib.find(market, batch, clearing, _isPoolPublic());
    }

    /// @dev Step 2: the smaller side, or both when they are equal, fills whole at the mid price.
    function executeNettedSwaps(Run memory run) internal {
        if (run.clearing.longs <= run.clearing.shorts) _fillRange(run, 0, run.batch.buyers);
        if (run.clearing.shorts <= run.clearing.longs) _fillRange(run, run.batch.buyers, run.batch.orders.length);
    }

    /// @dev Step 3: one swap of the residual, then the larger side.
    function processLeftoverSwaps(Run memory run) internal {
        _swapLeftover(run);
        if (run.clearing.longs > run.clearing.shorts) _fillRange(run, 0, run.batch.buyers);
        if (run.clearing.shorts > run.clearing.longs) {
            _fillRange(run, run.batch.buyers, run.batch.orders.length);
        }
    }

    /// @dev The one swap of a batch, and the event that says how it cleared.
    function _swapLeftover(Run memory run) internal {
        Clearing memory clearing = run.clearing;
        (uint256 netted, int256 leftover) = NettingMath.split(clearing.longs, clearing.shorts);
        uint256 residual = uint256(leftover < 0 ? -leftover : leftover);
        uint256 wanted = clearing.sharers < residual ? clearing.sharers : residual;
        bool buys = leftover > 0;
        // A pool without liquidity ends where it starts: nothing to swap, and Uniswap reverts on a limit behind its price.
        bool moves = buys
            ? clearing.sqrtPriceLimitX96 > clearing.sqrtPriceX96
            : clearing.sqrtPriceLimitX96 < clearing.sqrtPriceX96;
        if (wanted != 0 && moves) {
            ISwapRouter.Swapped memory swapped = buys
                ? ROUTER.exactOutputExternal(run.market, wanted, clearing.sqrtPriceLimitX96)
                : ROUTER.exactInputExternal(run.market, wanted, clearing.sqrtPriceLimitX96);
            (clearing.pooled, clearing.poolQuote) = (swapped.base, swapped.quote);
            clearing.sqrtPriceX96 = swapped.sqrtPriceX96;
            clearing.whole = swapped.base == wanted;
            run.base += buys ? -int256(swapped.base) : int256(swapped.base);
            run.quote += buys ? int256(swapped.quote) : -int256(swapped.quote);
        }
        _announce(run, netted);
    }

    /// @dev Fills the orders of a range. Each fill depends on the clearing and the order alone (under Fifo on its place too).
    function _fillRange(Run memory run, uint256 from, uint256 to) internal {
        Clearing memory clearing = run.clearing;
        (uint256 netted,) = NettingMath.split(clearing.longs, clearing.shorts);
        for (uint256 i = from; i < to; ++i) {
            uint256 amount = run.batch.admitted[i];
            if (amount == 0) continue;
            Order memory order = run.batch.orders[i];
            bool buys = i < run.batch.buyers;

            Fill memory filled = _fillOf(run, order, amount, netted, buys);
            uint256 base = filled.netted + filled.pooled;
            // A buyer whose part of the pool's base is less than 1 wei still pays its part of what the pool took.
            if (base == 0 && filled.quote == 0) {
                _cancel(run, order);
                continue;
            }
            run.base += buys ? int256(base) : -int256(base);
            run.quote += buys ? -int256(filled.quote) : int256(filled.quote);
            _settle(run, order, filled);
        }
    }

    /// @dev Shares of what nets and of what the pool swapped, in base and in quote, each rounded against the trader by itself: the
    ///      dust of one token never pays for a shortage of the other.
    function _fillOf(Run memory run, Order memory order, uint256 amount, uint256 netted, bool buys)
        private
        pure
        returns (Fill memory filled)
    {
        Clearing memory clearing = run.clearing;
        uint256 total = buys ? clearing.longs : clearing.shorts;
        filled.netted = ResidualLib.nettedOf(run.market.allocation, clearing, amount, total, netted, buys);
        filled.quote = total == netted || run.market.allocation == Allocation.Fifo
            ? NettingMath.rounded(filled.netted, clearing.midPrice, PriceLib.WAD, buys)
            : NettingMath.rounded(
                amount, NettingMath.rounded(netted, clearing.midPrice, PriceLib.WAD, buys), total, buys
            );
        uint256 rest = amount - filled.netted;
        if (rest != 0 && _shares(order, clearing.residualPrice)) {
            filled.pooled = clearing.whole ? rest : NettingMath.rounded(rest, clearing.pooled, clearing.sharers, !buys);
            filled.pooledQuote = NettingMath.rounded(rest, clearing.poolQuote, clearing.sharers, buys);
            filled.quote += filled.pooledQuote;
        }
        filled.cancelled = order.size() - filled.netted - filled.pooled;
    }

    /// @dev What traders and pool together got and gave, turned around, is what rounding left with the fund.
    function _finish(Run memory run) internal virtual {
        if (run.base == 0 && run.quote == 0) return;
        Dust storage dust = dustOf[run.id];
        dust.base -= int128(run.base);
        dust.quote -= int128(run.quote);
    }

    /// @dev Writes an event of (order id, trader; data) into the receipt of the order's own transaction.
    function _writeBack(Run memory run, Order memory order, bytes32 signature, bytes memory data) internal {
        if (run.deferred) ReceiptLib.write(order, signature, data);
    }

    function _shares(Order memory order, uint256 residualPrice) private pure returns (bool) {
        return residualPrice == 0 || order.accepts(residualPrice);
    }

    /// @dev True when others than the router give the pool liquidity: then nothing is known of it beyond the current tick range.
    function _isPoolPublic() internal pure virtual returns (bool) {
        return false;
    }

    /// @dev Reads what fills of this market need to know.
    function _prepare(Run memory run) internal view virtual;

    /// @dev Says how the batch cleared.
    function _announce(Run memory run, uint256 netted) internal virtual;

    /// @dev Hands an order its fill.
    function _settle(Run memory run, Order memory order, Fill memory filled) internal virtual;

    /// @dev Ends an order that got nothing.
    function _cancel(Run memory run, Order memory order) internal virtual;
}
