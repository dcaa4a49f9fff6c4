// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpEvents } from "../../interfaces/IPerpEvents.sol";
import { IUniswapV3Pool } from "../../interfaces/external/IUniswapV3Pool.sol";
import { PositionTracker } from "../../perp/PositionTracker.sol";
import { Allocation } from "../../types/Market.sol";
import { MarketId } from "../../types/MarketId.sol";
import { Position } from "../../types/Position.sol";
import { RejectReason } from "../../types/RejectReason.sol";
import { BaseTest } from "../Base.t.sol";
import { Defaults } from "../utils/Defaults.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice Random batches of orders over three markets, settled one way or another, and what became of each order.
abstract contract BatchTest is BaseTest {
    struct Spec {
        address trader;
        MarketId market;
        bool isOpen;
        bool isLong;
        uint256 size;
        uint256 limitPrice;
    }

    /// @dev How an order ended. `ends` counts its final events.
    struct Outcome {
        uint256 ends;
        RejectReason reason;
        Fill fill;
    }

    struct Fill {
        MarketId market;
        int256 base;
        int256 quote;
        uint256 netted;
        uint256 pooled;
        uint256 cancelled;
        int256 realizedPnl;
    }

    /// @dev BatchCleared of a market.
    struct Cleared {
        uint256 midPrice;
        uint256 longs;
        uint256 shorts;
        uint256 netted;
        uint256 pooled;
        uint256 poolQuote;
        uint160 sqrtPriceX96;
        uint256 orders;
    }

    MarketId internal constant BTC = MarketId.wrap(1);
    MarketId internal constant FIFO = MarketId.wrap(2);
    uint256 internal constant MARKETS = 3;
    uint256 internal constant TRADERS = 8;
    uint256 internal constant MAX_ORDERS = 40;

    address[TRADERS] internal traders;
    /// @dev What pools held before anyone traded.
    uint256[MARKETS] internal baseBefore;
    uint256[MARKETS] internal quoteBefore;
    /// @dev Orders seen in logs: index + 1 in the batch.
    mapping(bytes32 orderId => uint256 place) private _placeOf;

    function setUp() public virtual override {
        super.setUp();
        _list(netted, Allocation.Uniform);
        _list(netted, Allocation.Fifo);
        // From too poor for most orders to rich enough for all: 300, 1,500, 7,500 ... 23 million.
        uint256 collateral = 300 * Defaults.USDC;
        for (uint256 i; i < TRADERS; ++i) {
            traders[i] = makeAddr(string.concat("trader ", vm.toString(i)));
            _deposit(netted, traders[i], collateral);
            collateral *= 5;
        }
        for (uint16 m; m < MARKETS; ++m) {
            (baseBefore[m], quoteBefore[m]) = _poolHolds(MarketId.wrap(m));
        }
        _nextBlock();
    }

    /* ORDERS */

    /// @dev `count` orders in markets 0 to `markets` − 1. Half of them have limits, some of those beyond the mid.
    function _random(uint256 seed, uint256 count, uint256 markets) internal view returns (Spec[] memory specs) {
        specs = new Spec[](count);
        for (uint256 i; i < count; ++i) {
            specs[i].market = MarketId.wrap(uint16(_draw(seed, i, 0) % markets));
            specs[i].trader = traders[_draw(seed, i, 1) % TRADERS];
            specs[i].isOpen = _draw(seed, i, 2) % 4 != 0;
            specs[i].isLong = _draw(seed, i, 3) % 2 == 0;
            specs[i].size = _size(_draw(seed, i, 4));
            uint256 mid = netted.house.getMarkPrice(specs[i].market);
            // 99.5 % to 100.5 % of the mid: a swap of 25 vETH moves this pool's price by 0.5 %.
            if (_draw(seed, i, 5) % 2 == 0) specs[i].limitPrice = mid * (9950 + _draw(seed, i, 6) % 101) / 1e4;
        }
    }

    /// @dev Dust, small, large: wei, hundredths and tens of base.
    function _size(uint256 random) private pure returns (uint256) {
        if (random % 8 == 0) return 1 + (random >> 8) % 1e6;
        if (random % 8 == 1) return 1 + (random >> 8) % 300e18;
        return 1e16 + (random >> 8) % 3e18;
    }

    function _draw(uint256 seed, uint256 i, uint256 what) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, i, what)));
    }

    /// @dev The numbers 0 to count − 1 in a random order.
    function _shuffled(uint256 count, uint256 seed) internal pure returns (uint256[] memory places) {
        places = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            places[i] = i;
        }
        for (uint256 i = count; i > 1; --i) {
            uint256 j = uint256(keccak256(abi.encode(seed, i))) % i;
            (places[i - 1], places[j]) = (places[j], places[i - 1]);
        }
    }

    function _inOrder(uint256 count) internal pure returns (uint256[] memory places) {
        places = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            places[i] = i;
        }
    }

    /* SETTLEMENT */

    /// @dev A first batch, so that there are positions, and the orders of a second one.
    function _prepare(uint256 seed, uint256 count, uint256 markets)
        internal
        returns (Spec[] memory specs, Position[] memory before)
    {
        count = bound(count, 1, MAX_ORDERS);
        _settleBatch(_random(~seed, 20, markets), _inOrder(20), true);
        specs = _random(seed, count, markets);
        before = _allPositions();
    }

    /// @dev Sends the orders in the order of `places` and settles them: by the block's deferred transaction, which a block of
    ///      one order does not have, or by a keeper in the next block.
    function _settleBatch(Spec[] memory specs, uint256[] memory places, bool deferred)
        internal
        returns (Outcome[] memory outcomes, Cleared[MARKETS] memory cleared)
    {
        vm.recordLogs();
        deferred = deferred && specs.length > 1;
        for (uint256 i; i < specs.length; ++i) {
            Spec memory spec = specs[places[i]];
            if (deferred && i == specs.length - 1) _beginDeferred();
            _change(spec.trader, spec.market, spec.isOpen, spec.isLong, spec.size, spec.limitPrice);
        }
        if (deferred) _endDeferred();
        else _settleNextBlock();
        while (netted.engine.batchesInProgress() != 0) _settleNextBlock();
        _nextBlock();
        return _read(vm.getRecordedLogs(), places);
    }

    function _read(Vm.Log[] memory logs, uint256[] memory places)
        private
        returns (Outcome[] memory outcomes, Cleared[MARKETS] memory cleared)
    {
        outcomes = new Outcome[](places.length);
        uint256 queued;
        for (uint256 i; i < logs.length; ++i) {
            bytes32 topic = logs[i].topics[0];
            if (topic == IPerpEvents.OrderQueued.selector || topic == IPerpEvents.LiquidationQueued.selector) {
                _placeOf[logs[i].topics[1]] = places[queued++] + 1;
            } else if (topic == IPerpEvents.BatchCleared.selector) {
                cleared[uint256(logs[i].topics[1])] = abi.decode(logs[i].data, (Cleared));
            } else if (topic == IPerpEvents.OrderSettled.selector) {
                Outcome memory outcome = _outcome(outcomes, logs[i].topics[1]);
                ++outcome.ends;
                outcome.fill = abi.decode(logs[i].data, (Fill));
            } else if (topic == IPerpEvents.OrderRejected.selector) {
                Outcome memory outcome = _outcome(outcomes, logs[i].topics[1]);
                ++outcome.ends;
                (, outcome.reason) = abi.decode(logs[i].data, (MarketId, RejectReason));
            }
        }
        assertEq(queued, places.length, "every order was queued");
        for (uint256 i; i < outcomes.length; ++i) {
            assertEq(outcomes[i].ends, 1, "every order ends exactly once");
        }
    }

    function _outcome(Outcome[] memory outcomes, bytes32 orderId) private view returns (Outcome memory) {
        assertNotEq(_placeOf[orderId], 0, "what ends was queued");
        return outcomes[_placeOf[orderId] - 1];
    }

    /* READS */

    function _isBuy(Spec memory spec) internal pure returns (bool) {
        return spec.isOpen == spec.isLong;
    }

    function _position(address trader, MarketId id) internal view returns (Position memory) {
        return PositionTracker(_market(netted, id).tracker).positionOf(trader);
    }

    /// @dev By trader, and market within.
    function _allPositions() internal view returns (Position[] memory positions) {
        positions = new Position[](TRADERS * MARKETS);
        for (uint256 i; i < positions.length; ++i) {
            positions[i] = _position(traders[i / MARKETS], MarketId.wrap(uint16(i % MARKETS)));
        }
    }

    function _poolHolds(MarketId id) internal view returns (uint256 base, uint256 quote) {
        address pool = _market(netted, id).pool;
        base = _token(_market(netted, id).baseToken).balanceOf(pool);
        quote = _token(_market(netted, id).quoteToken).balanceOf(pool);
    }

    function _root(MarketId id) internal view returns (uint160 sqrtPriceX96) {
        (sqrtPriceX96,,,,,,) = IUniswapV3Pool(_market(netted, id).pool).slot0();
    }

    function _dust(MarketId id) internal view returns (int256 base, int256 quote) {
        return netted.netting.dustOf(id);
    }

    /// @dev Σ over traders, pool and dust of base and of quote: nothing comes from nowhere.
    function _assertConserved(MarketId id) internal view {
        (int256 base, int256 quote) = _dust(id);
        (uint256 poolBase, uint256 poolQuote) = _poolHolds(id);
        base += int256(poolBase) - int256(baseBefore[MarketId.unwrap(id)]);
        quote += int256(poolQuote) - int256(quoteBefore[MarketId.unwrap(id)]);
        for (uint256 i; i < TRADERS; ++i) {
            Position memory position = _position(traders[i], id);
            base += position.base;
            quote += int256(position.quote) + position.realizedPnl;
        }
        assertEq(base, 0, "traders, pool and dust: base sums to 0");
        assertEq(quote, 0, "traders, pool and dust: quote and realised profit sum to 0");
    }
}
