// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpAdmission } from "../../../interfaces/IPerpAdmission.sol";
import { IUniswapV3Pool } from "../../../interfaces/external/IUniswapV3Pool.sol";
import { ReadsLib } from "../../../perp/ReadsLib.sol";
import { Allocation } from "../../../types/Market.sol";
import { MarketId } from "../../../types/MarketId.sol";
import { MarketRisk, PriceStatus } from "../../../types/MarketRisk.sol";
import { Order } from "../../../types/Order.sol";
import { HostileFeed } from "../../mocks/HostileFeed.sol";
import { OrderTracking } from "../../mocks/OrderTracking.sol";
import { Defaults } from "../../utils/Defaults.sol";

/// @notice What reading accounts costs, held against what the engine keeps for it. Ten traders, 32 markets; the second one is the worst
///         there can be: a record of 65,535 observations, and a feed that uses up all gas that it gets.
contract ReadGasTest is OrderTracking {
    uint256 private constant TRADERS = 10;
    uint16 private constant MARKETS = 32;
    MarketId private constant WORST = MarketId.wrap(1);
    /// @dev Where a pool's observations begin, in slots.
    uint256 private constant OBSERVATIONS_SLOT = 8;

    HostileFeed private feed;

    function setUp() public override {
        super.setUp();
        feed = new HostileFeed();
        for (uint16 m = 1; m < MARKETS; ++m) {
            _list(netted, Allocation.Uniform);
        }
        MarketRisk memory parameters = netted.risk.riskOf(WORST);
        (parameters.feed, parameters.feedMaxAge) = (address(feed), 172_800);
        (parameters.priceBandBps, parameters.maxDeviationBps) = (200, 1000);
        feed.set(HostileFeed.Mode.Answer, abi.encode(1, 2000e8, block.timestamp, block.timestamp, 1));
        vm.prank(deployer);
        netted.risk.initialize(WORST, parameters);
        _fund(TRADERS + 2, 100 * Defaults.COLLATERAL);
        // Its queues are there to be looked at in any case.
        _change(_trader(TRADERS), WORST, true, true, 0.01e18, 0);
        _change(_trader(TRADERS + 1), WORST, true, false, 0.01e18, 0);
        assertEq(_settleNextBlock(), 2, "both end");
    }

    /* WHAT IT COSTS */

    /// The same orders of ten traders, without and with a position of each in the worst market.
    function test_AMarketAndItsPositions_CostWhatIsKept() public {
        _openIn(ETH, TRADERS);
        uint256 state = vm.snapshotState();
        uint256 without = _settleOrders();
        vm.revertToState(state);
        state = vm.snapshotState();
        _openIn(WORST, 2);
        _spoil();
        uint256 withTwo = _settleOrders();
        vm.revertToState(state);
        _openIn(WORST, TRADERS);
        _spoil();
        uint256 withTen = _settleOrders();
        uint256 position = (withTen - withTwo) / (TRADERS - 2);
        uint256 market = withTwo - without - 2 * position;
        emit log_named_uint("gas of a position", position);
        emit log_named_uint("gas of a market", market);
        assertLt(position, ReadsLib.POSITION_GAS, "a position");
        assertLt(market, ReadsLib.MARKET_GAS, "a market");
        // No more than that, or blocks wait for nothing.
        assertGt(position, ReadsLib.POSITION_GAS / 2, "a position, at least half of it");
        assertGt(market, ReadsLib.MARKET_GAS / 2, "a market, at least half of it");
    }

    /// An account that had positions in all markets, and is flat: each entry is read and written.
    function test_BadDebt_CostsWhatIsKept() public {
        for (uint16 m; m < MARKETS; ++m) {
            _changeIn(MarketId.wrap(m), true, 2);
            _changeIn(MarketId.wrap(m), false, 2);
        }
        netted.house.settleBadDebt(_trader(0));
        uint256 used = vm.lastCallGas().gasTotalUsed;
        emit log_named_uint("gas of bad debt, by market", used / MARKETS);
        assertLt(used, MARKETS * ReadsLib.BAD_DEBT_GAS, "below what is kept");
    }

    /// Traders 0 and 1 have positions in the first two markets, 2 in the third alone. An order more of a trader adds nothing, nor does a
    /// trader or a market that was counted before.
    function test_ReadsOf_CountsEachAccountAndMarketOnce() public {
        _openIn(ETH, 2);
        _openIn(WORST, 2);
        _change(_trader(2), MarketId.wrap(2), true, true, 0.01e18, 0);
        assertEq(_settleNextBlock(), 1, "it ends");
        IPerpAdmission.Candidates[] memory candidates = new IPerpAdmission.Candidates[](3);
        candidates[0] = _candidates(ETH, 0, 0, 1);
        candidates[1] = _candidates(MarketId.wrap(5), 1, 2, 7);
        candidates[2] = _candidates(MarketId.wrap(2), 7, 7, 8);
        (uint256[] memory markets, uint256[] memory positions) = netted.admission.readsOf(candidates);
        assertEq(markets[0], 2, "the first two");
        assertEq(positions[0], 4, "two accounts of two");
        assertEq(markets[1], 2, "its own, and the third of trader 2");
        assertEq(positions[1], 1, "trader 1 was counted, trader 7 has none");
        assertEq(markets[2] + positions[2], 0, "nothing new");
    }

    /* HELPERS */

    function _candidates(MarketId id, uint256 a, uint256 b, uint256 c)
        private
        pure
        returns (IPerpAdmission.Candidates memory)
    {
        Order[] memory orders = new Order[](3);
        (orders[0].who, orders[1].who) = (_whoOf(a), _whoOf(b));
        orders[2].who = _whoOf(c);
        return IPerpAdmission.Candidates(id, orders, 1);
    }

    function _whoOf(uint256 trader) private pure returns (uint256) {
        return uint256(uint160(_trader(trader))) << 96 | 1e18;
    }

    /// @dev Positions of the first traders in a market, half of them long.
    function _openIn(MarketId id, uint256 traders) private {
        _changeIn(id, true, traders);
    }

    function _changeIn(MarketId id, bool isOpen, uint256 traders) private {
        for (uint256 t; t < traders; ++t) {
            _change(_trader(t), id, isOpen, t % 2 == 0, 0.01e18, 0);
        }
        int256 before = _baseOf(_trader(0), id);
        assertEq(_settleNextBlock(), traders, "all end");
        assertEq(_baseOf(_trader(0), id), before + (isOpen ? int256(0.01e18) : -0.01e18), "and fill");
    }

    /// @dev Gas of a settlement of an order of each trader in the first market: all nets.
    function _settleOrders() private returns (uint256) {
        for (uint256 t; t < TRADERS; ++t) {
            _change(_trader(t), ETH, true, t % 2 == 0, 0.01e18, 0);
        }
        _nextBlock();
        vm.prank(keeper);
        assertEq(netted.house.settle{ gas: Defaults.SETTLE_GAS }(), TRADERS, "all end");
        uint256 used = vm.lastCallGas().gasTotalUsed;
        assertEq(_baseOf(_trader(TRADERS - 1), ETH), -0.02e18, "and fill");
        return used;
    }

    /// @dev Fills the record of the worst market's pool, an observation a second, and turns its feed hostile.
    function _spoil() private {
        IUniswapV3Pool pool = IUniswapV3Pool(_market(netted, WORST).pool);
        (uint160 root, int24 tick,,,,,) = pool.slot0();
        uint256 count = type(uint16).max;
        uint256 newest = count / 3;
        // sqrtPriceX96 160, tick 24, index 16, cardinality 16, next cardinality 16, fee 8, unlocked 8.
        uint256 slot =
            uint256(root) | uint256(uint24(tick)) << 160 | newest << 184 | count << 200 | count << 216 | 1 << 240;
        vm.store(address(pool), 0, bytes32(slot));
        for (uint256 age; age < count; ++age) {
            uint256 time = block.timestamp - age;
            // blockTimestamp 32, tickCumulative 56, secondsPerLiquidityCumulativeX128 160, initialized 8.
            uint256 observation = uint32(time) | uint256(uint56(uint256(uint24(tick)) * time)) << 32 | 1 << 248;
            vm.store(address(pool), bytes32(OBSERVATIONS_SLOT + (newest + count - age) % count), bytes32(observation));
        }
        assertApproxEqRel(netted.risk.pricesOf(WORST).mark, Defaults.PRICE, 0.001e18, "the record says 2000");
        assertGt(vm.lastCallGas().gasTotalUsed, 100_000, "and is searched");
        feed.set(HostileFeed.Mode.Burn, "");
        assertEq(uint256(netted.risk.pricesOf(WORST).status), uint256(PriceStatus.Stale), "the feed is dead");
    }
}
