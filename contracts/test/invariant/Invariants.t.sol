// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { PositionTracker } from "../../perp/PositionTracker.sol";
import { VirtualToken } from "../../tokens/VirtualToken.sol";
import { Allocation, Market } from "../../types/Market.sol";
import { MarketId } from "../../types/MarketId.sol";
import { Position } from "../../types/Position.sol";
import { BaseTest } from "../Base.t.sol";
import { Defaults } from "../utils/Defaults.sol";
import { Handler } from "./Handler.sol";
import { Store } from "./Store.sol";

/// @notice What always holds. README.md says it in words.
contract InvariantsTest is BaseTest {
    uint256 internal constant TRADERS = 6;
    uint256 internal constant MARKETS = 2;

    address[] internal traders;
    Handler internal handler;
    Store internal store;
    uint256[MARKETS] internal baseBefore;
    uint256[MARKETS] internal quoteBefore;
    uint256 internal depositedBefore;

    function setUp() public virtual override {
        super.setUp();
        (uint256 threads, uint256 chunk) = _parameters();
        netted = _deployNetted(threads, chunk);
        _list(netted, Allocation.Uniform);
        _list(netted, Allocation.Fifo);
        uint256 collateral = 100 * Defaults.USDC;
        for (uint256 i; i < TRADERS; ++i) {
            traders.push(makeAddr(string.concat("trader ", vm.toString(i))));
            _deposit(netted, traders[i], collateral);
            vm.prank(deployer);
            usdc.mint(traders[i], 1e9 * Defaults.USDC);
            depositedBefore += collateral;
            collateral *= 8;
        }
        _nextBlock();
        for (uint16 m; m < MARKETS; ++m) {
            (baseBefore[m], quoteBefore[m]) = _poolHolds(MarketId.wrap(m));
        }
        store = new Store();
        handler = _createHandler();
        targetSelector(FuzzSelector(address(handler), _actions()));
        targetContract(address(handler));
    }

    function _createHandler() internal virtual returns (Handler) {
        return new Handler(netted.house, netted.engine, netted.vault, store, traders);
    }

    /// @dev Threads and chunk of the engine.
    function _parameters() internal pure virtual returns (uint256 threads, uint256 chunk) {
        return (Defaults.THREADS, Defaults.CHUNK);
    }

    function _actions() internal view virtual returns (bytes4[] memory selectors) {
        selectors = new bytes4[](9);
        selectors[0] = Handler.deposit.selector;
        selectors[1] = Handler.withdraw.selector;
        selectors[2] = Handler.payFund.selector;
        selectors[3] = Handler.openPosition.selector;
        selectors[4] = Handler.closePosition.selector;
        selectors[5] = Handler.changePosition.selector;
        selectors[6] = Handler.changePositionDeferred.selector;
        selectors[7] = Handler.settle.selector;
        selectors[8] = Handler.nextBlock.selector;
    }

    /* CONSERVATION */

    function invariant_BaseAndQuoteAreConserved() public view {
        for (uint16 m; m < MARKETS; ++m) {
            (int256 base, int256 quote) = _sums(MarketId.wrap(m));
            assertEq(base, 0, "traders, pool and dust: base sums to 0");
            assertEq(quote, 0, "traders, pool, dust, fees and funding: quote and realised profit sum to 0");
            // Half settled, the dust holds what orders to come are to get.
            if (netted.engine.batchesInProgress() >> m & 1 != 0) continue;
            (base, quote) = netted.netting.dustOf(MarketId.wrap(m));
            assertGe(base, 0, "rounding takes base from nobody but traders");
            assertGe(quote, 0, "nor quote");
        }
    }

    function invariant_TheVaultHoldsWhatItOwes() public view {
        uint256 tokens = usdc.balanceOf(address(netted.vault));
        int256 owed = netted.vault.fund();
        for (uint256 i; i < TRADERS; ++i) {
            owed += int256(netted.vault.getBalance(traders[i]));
        }
        assertEq(int256(tokens * netted.vault.scale()), owed, "tokens = balances + fund");
        assertEq(tokens, depositedBefore + store.deposited() - store.withdrawn(), "tokens = paid in - paid out");
    }

    function invariant_WithdrawalsLeaveMargin() public view {
        assertEq(store.withdrawalsBelowMargin(), 0, "equity stays at the initial margin or above");
        assertEq(store.withdrawalsThatChangedEquity(), 0, "equity falls by exactly what is paid");
    }

    /* ORDERS */

    function invariant_OrdersEndOnce() public view {
        assertEq(store.wronglyEnded(), 0, "no order ends twice, or without having been queued");
        for (uint16 m; m < MARKETS; ++m) {
            // While a batch is half settled its totals stay, and orders rejected at its start have ended.
            if (netted.engine.batchesInProgress() >> m & 1 != 0) continue;
            (uint256 orders, uint256 longs, uint256 shorts) = netted.engine.pendingOf(MarketId.wrap(m));
            assertEq(orders, store.pending(m), "what was queued and has not ended waits");
            assertEq(longs, store.pendingSize(m, true), "total of waiting buyers");
            assertEq(shorts, store.pendingSize(m, false), "total of waiting sellers");
        }
    }

    /// Nothing is ever stuck: after each run, settle() ends all that waits.
    function afterInvariant() public {
        handler.settleAll();
        assertEq(store.ended(), store.queued(), "every order has ended");
        assertEq(store.wronglyEnded(), 0, "once");
        assertEq(netted.engine.batchesInProgress(), 0, "no batch is half settled");
        invariant_OrdersEndOnce();
        invariant_BaseAndQuoteAreConserved();
    }

    /* VIRTUAL TOKENS */

    function invariant_VirtualTokensShowPositions() public view {
        for (uint16 m; m < MARKETS; ++m) {
            Market memory market = _market(netted, MarketId.wrap(m));
            for (uint256 i; i < TRADERS; ++i) {
                Position memory position = PositionTracker(market.tracker).positionOf(traders[i]);
                _checkLeg(market.baseToken, traders[i], position.base);
                _checkLeg(market.quoteToken, traders[i], position.quote);
                assertTrue(position.base <= 0 || position.quote <= 0, "a long owes quote");
                assertTrue(position.base >= 0 || position.quote >= 0, "a short holds quote");
            }
            _checkSupply(market.baseToken, market.pool);
            _checkSupply(market.quoteToken, market.pool);
        }
    }

    function _checkLeg(address token, address trader, int256 leg) private view {
        uint256 positive = leg > 0 ? uint256(leg) : 0;
        assertEq(VirtualToken(token).balanceOf(trader), positive, "a trader's balance is the positive leg");
        assertEq(store.received(token, trader), int256(positive), "the sum of its mint and burn events too");
    }

    function _checkSupply(address token, address pool) private view {
        assertEq(VirtualToken(token).balanceOf(address(netted.router)), 0, "the router keeps nothing");
        assertEq(VirtualToken(token).totalSupply(), VirtualToken(token).balanceOf(pool), "real tokens are the pool's");
    }

    /* HELPERS */

    /// @dev Traders, pool, dust, fees and funding together.
    function _sums(MarketId id) private view returns (int256 base, int256 quote) {
        (base, quote) = netted.netting.dustOf(id);
        (uint256 protocol, uint256 insurance) = netted.netting.accountOf(id);
        quote += int256(protocol + insurance) + PositionTracker(_market(netted, id).tracker).fundingCollected();
        (uint256 poolBase, uint256 poolQuote) = _poolHolds(id);
        base += int256(poolBase) - int256(baseBefore[MarketId.unwrap(id)]);
        quote += int256(poolQuote) - int256(quoteBefore[MarketId.unwrap(id)]);
        for (uint256 i; i < TRADERS; ++i) {
            (int256 heldBase, int256 heldQuote, int256 pnl) = netted.house.getPosition(traders[i], id);
            base += heldBase;
            quote += heldQuote + pnl;
        }
    }

    function _poolHolds(MarketId id) private view returns (uint256 base, uint256 quote) {
        Market memory market = _market(netted, id);
        base = _token(market.baseToken).balanceOf(market.pool);
        quote = _token(market.quoteToken).balanceOf(market.pool);
    }
}

/// @notice The same where a batch of more than three orders takes several transactions, and no jobs.
contract ChunkedInvariantsTest is InvariantsTest {
    function _parameters() internal pure override returns (uint256 threads, uint256 chunk) {
        return (0, 3);
    }
}
