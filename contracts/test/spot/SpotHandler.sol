// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { ISpotEvents } from "../../interfaces/ISpotEvents.sol";
import { IUniswapV3Pool } from "../../interfaces/external/IUniswapV3Pool.sol";
import { PriceLib } from "../../libraries/PriceLib.sol";
import { SpotNetting } from "../../spot/SpotNetting.sol";
import { SpotNettingEngine } from "../../spot/SpotNettingEngine.sol";
import { MarketId } from "../../types/MarketId.sol";
import { Defaults } from "../utils/Defaults.sol";
import { Emulation } from "../utils/Emulation.sol";
import { ITestToken, PoolUser } from "./Fixtures.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice Traders, keepers and liquidity providers who do anything at any time, and what came of every request.
contract SpotHandler is Emulation {
    uint256 internal constant TRADERS = 4;

    SpotNettingEngine internal immutable _ENGINE;
    SpotNetting internal immutable _NETTING;
    ITestToken internal immutable _BASE;
    ITestToken internal immutable _QUOTE;
    IUniswapV3Pool internal immutable _POOL;
    PoolUser internal immutable _LP;
    MarketId internal immutable _MARKET;

    /// @notice Escrow of requests that have not ended.
    mapping(bytes32 orderId => uint256 escrow) public escrowOf;
    mapping(bytes32 orderId => bool buys) public isBuy;
    uint256 public pendingBase;
    uint256 public pendingQuote;
    uint256 public queued;
    uint256 public ended;
    uint256 public claims;
    uint256 public swaps;
    /// @notice Requests that ended without having been queued, or ended before.
    uint256 public strays;

    constructor(
        SpotNettingEngine engine,
        SpotNetting netting,
        ITestToken base,
        ITestToken quote,
        IUniswapV3Pool pool,
        PoolUser lp,
        MarketId market
    ) {
        (_ENGINE, _NETTING, _BASE, _QUOTE, _POOL, _LP, _MARKET) = (engine, netting, base, quote, pool, lp, market);
    }

    /* ACTIONS */

    function queue(uint256 who, bool buys, uint256 size, uint256 limit, uint256 deadline) external {
        _queue(who, buys, size, limit, deadline);
    }

    /// @notice The block's deferred transaction. Ends the block.
    function queueDeferred(uint256 who, bool buys, uint256 size, uint256 limit) external {
        _beginDeferred();
        _queue(who, buys, size, limit, 0);
        _endDeferred();
        _nextBlock();
    }

    function settle() external {
        _nextBlock();
        vm.recordLogs();
        vm.prank(address(this), address(this));
        _ENGINE.netAndExecuteSwaps{ gas: Defaults.SETTLE_GAS }();
        _book();
    }

    function claim(uint256 who, bool base) external {
        address trader = traderOf(who);
        address token = address(base ? _BASE : _QUOTE);
        if (_NETTING.claimable(token, trader) == 0) return;
        vm.prank(trader);
        _ENGINE.claim(token);
        ++claims;
    }

    function addLiquidity(uint256 lower, uint256 width, uint256 liquidity) external {
        (, int24 tick,,,,,) = _POOL.slot0();
        int24 low = (tick / 10 + int24(int256(lower % 60)) - 30) * 10;
        if (low < -880_000 || low > 880_000) return;
        _LP.addLiquidity(_POOL, low, low + 10 * int24(int256(1 + width % 20)), uint128(1 + liquidity % 1e19));
    }

    /// @notice Moves the pool's price by up to 3 %.
    function swap(bool sellsBase, uint256 amount) external {
        (uint160 root,,,,,,) = _POOL.slot0();
        uint160 limit = sellsBase ? root / 1000 * 985 : root / 1000 * 1015;
        if (limit <= PriceLib.MIN_SQRT_PRICE || limit >= PriceLib.MAX_SQRT_PRICE) return;
        _LP.swap(_POOL, sellsBase, 1 + amount % 1e22, limit);
    }

    function nextBlock() external {
        _nextBlock();
    }

    /* READS */

    function traderOf(uint256 who) public pure returns (address) {
        return address(uint160(0x7AADE0 + who % TRADERS));
    }

    /// @notice What all traders can claim.
    function claimable(ITestToken token) external view returns (uint256 sum) {
        for (uint256 i; i < TRADERS; ++i) {
            sum += _NETTING.claimable(address(token), traderOf(i));
        }
    }

    /* INTERNAL */

    function _queue(uint256 who, bool buys, uint256 size, uint256 limit, uint256 deadline) private {
        address trader = traderOf(who);
        size = 1 + (size >> 8) % (100e18 >> size % 60);
        limit = 1 + limit % 4000e6;
        deadline = deadline % 2 == 0 ? 0 : vm.getBlockTimestamp() + deadline % 3;
        uint256 escrow = _ENGINE.escrowOf(buys, size, limit);
        (buys ? _QUOTE : _BASE).mint(trader, escrow);
        vm.startPrank(trader);
        (buys ? _QUOTE : _BASE).approve(address(_ENGINE), escrow);
        vm.stopPrank();
        vm.recordLogs();
        vm.prank(trader, trader);
        _ENGINE.queueSwapRequest{ gas: Defaults.SETTLE_GAS }(_MARKET, buys, size, limit, deadline);
        _book();
    }

    /// @dev Follows every request from its one beginning to its one end.
    function _book() private {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            bytes32 signature = logs[i].topics[0];
            if (signature == IUniswapV3Pool.Swap.selector) ++swaps;
            if (signature == ISpotEvents.SwapQueued.selector) _begin(logs[i].topics[1], logs[i].data);
            if (signature == ISpotEvents.SwapSettled.selector || signature == ISpotEvents.SwapRejected.selector) {
                _end(logs[i].topics[1]);
            }
        }
    }

    function _begin(bytes32 id, bytes memory data) private {
        (bool buys, uint256 size, uint256 limit) = abi.decode(data, (bool, uint256, uint256));
        ++queued;
        (isBuy[id], escrowOf[id]) = (buys, _ENGINE.escrowOf(buys, size, limit));
        if (buys) pendingQuote += escrowOf[id];
        else pendingBase += escrowOf[id];
    }

    function _end(bytes32 id) private {
        if (escrowOf[id] == 0) ++strays;
        ++ended;
        if (isBuy[id]) pendingQuote -= escrowOf[id];
        else pendingBase -= escrowOf[id];
        delete escrowOf[id];
    }
}
