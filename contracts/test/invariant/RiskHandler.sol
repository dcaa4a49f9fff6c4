// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpClearingHouse } from "../../interfaces/IPerpClearingHouse.sol";
import { PerpNettingEngine } from "../../perp/PerpNettingEngine.sol";
import { RiskRegistry } from "../../risk/RiskRegistry.sol";
import { TestPriceFeed } from "../../tokens/TestPriceFeed.sol";
import { MarketId } from "../../types/MarketId.sol";
import { MarketState } from "../../types/MarketRisk.sol";
import { CollateralVault } from "../../vault/CollateralVault.sol";
import { Defaults } from "../utils/Defaults.sol";
import { Handler } from "./Handler.sol";
import { Store } from "./Store.sol";
import { Watch } from "./Watch.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice The actions of {Handler}, and those of the risk engine: liquidations by both doors, signed orders, nonces, pauses, a feed
///         that moves, time that passes. The watch looks at every action from both sides.
contract RiskHandler is Handler {
    RiskRegistry private immutable _RISK;
    TestPriceFeed private immutable _FEED;
    Watch private immutable _WATCH;
    address private immutable _OWNER;
    address private immutable _GUARDIAN;

    uint256[] private _keys;
    /// @dev What owner and guardian last said of each market: the invariants hold the registry against it.
    MarketState[MARKETS] public said;

    constructor(
        IPerpClearingHouse house,
        PerpNettingEngine engine,
        CollateralVault vault,
        RiskRegistry risk,
        TestPriceFeed feed,
        Store store,
        Watch watch,
        address[2] memory ownerAndGuardian,
        address[] memory traders_,
        uint256[] memory keys_
    ) Handler(house, engine, vault, store, traders_) {
        (_RISK, _FEED, _WATCH, _keys) = (risk, feed, watch, keys_);
        (_OWNER, _GUARDIAN) = (ownerAndGuardian[0], ownerAndGuardian[1]);
    }

    /* LEVERAGE */

    /// @dev Opens about the most that an account carries: 10 % of 2101 a base where the mark is 2000. So that marks that move
    ///      make accounts liquidatable.
    function openTheMost(uint256 who, uint256 market, bool isLong, uint256 part) external recorded {
        if (deferredIn == vm.getBlockNumber()) _wait();
        MarketId id = _marketId(market);
        address trader = _trader(who);
        IPerpClearingHouse.Account memory account = HOUSE.getAccount(trader);
        int256 spare = account.equity - int256(account.initialMargin);
        if (spare <= 0) return;
        uint256 most = uint256(spare) * 1e18 / (HOUSE.getMarkPrice(id) * 11 / 100);
        uint256 size = most * bound(part, 60, 95) / 100;
        if (size > 100e18) size = 100e18;
        if (size < 1000) return;
        vm.prank(trader, trader);
        HOUSE.changePosition{ gas: Defaults.SETTLE_GAS }(id, true, isLong, size, 0, 0);
    }

    /* LIQUIDATIONS */

    /// @dev The door that checks: it refuses the healthy, and nobody else.
    function liquidate(uint256 by, uint256 who, uint256 market, uint256 size) external recorded {
        MarketId id = _marketId(market);
        address account = _trader(who);
        (int256 base,,) = HOUSE.getPosition(account, id);
        if (!_WATCH.isLiquidatable(account)) {
            vm.expectPartialRevert(IPerpClearingHouse.ClearingHouse_NotLiquidatable.selector);
        } else if (base == 0) {
            vm.expectPartialRevert(IPerpClearingHouse.ClearingHouse_NothingToClose.selector);
        }
        size = size % 4 == 0 ? _size(size) : type(uint96).max;
        vm.prank(_trader(by));
        HOUSE.liquidate(account, id, size);
    }

    /// @dev The door that reads nothing, every side of every account.
    function liquidateUnread(uint256 by, uint256 who, uint256 market, bool isLong, uint256 size) external recorded {
        if (deferredIn == vm.getBlockNumber()) _wait();
        uint256 word = HOUSE.liquidationOf(_trader(who), size % 4 == 0 ? _size(size) : type(uint96).max);
        address sender = _trader(by);
        vm.prank(sender, sender);
        HOUSE.changePosition{ gas: Defaults.SETTLE_GAS }(_marketId(market), false, isLong, word, 0, 0);
    }

    /// @dev Everyone below the maintenance margin, by one keeper, and the settlement of that.
    function liquidateAll(uint256 by) external recorded {
        for (uint256 i; i < traders.length; ++i) {
            for (uint16 m; m < MARKETS; ++m) {
                (int256 base,,) = HOUSE.getPosition(traders[i], MarketId.wrap(m));
                if (base == 0 || !_WATCH.isLiquidatable(traders[i])) continue;
                vm.prank(_trader(by));
                HOUSE.liquidate(traders[i], MarketId.wrap(m), type(uint96).max);
            }
        }
    }

    function settleBadDebt(uint256 who) external recorded {
        HOUSE.settleBadDebt(_trader(who));
    }

    /* SIGNED ORDERS */

    /// @dev Few nonces, so that they meet again.
    function submitOrder(uint256 by, uint256 who, uint256 market, bool isOpen, bool isLong, uint256 size, uint256 nonce)
        external
        recorded
    {
        IPerpClearingHouse.SignedOrder[] memory orders = new IPerpClearingHouse.SignedOrder[](1);
        uint256 deadline = vm.getBlockTimestamp() + 600;
        orders[0] = IPerpClearingHouse.SignedOrder(
            _trader(who), _marketId(market), isOpen, isLong, _size(size), 0, deadline, nonce % 16, ""
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_keys[who % traders.length], HOUSE.orderDigest(orders[0]));
        orders[0].signature = abi.encodePacked(r, s, v);
        vm.prank(_trader(by));
        HOUSE.submitOrders(orders);
    }

    function cancelNonce(uint256 who, uint256 nonce) external recorded {
        vm.prank(_trader(who));
        HOUSE.cancelNonce(nonce % 16);
    }

    /* MARKETS */

    function pause(uint256 market) external {
        vm.prank(_GUARDIAN);
        _RISK.pause(_marketId(market));
        said[market % MARKETS] = MarketState.Paused;
    }

    /// @dev Three times of four it opens.
    function setState(uint256 market, uint256 state) external {
        MarketState next = MarketState(state % 4 == 0 ? 1 : 0);
        vm.prank(_OWNER);
        _RISK.setState(_marketId(market), next);
        said[market % MARKETS] = next;
    }

    /// @dev Up to 4 % up or down, between 1200 and 3000.
    function moveFeed(uint256 by) external {
        (, int256 answer,,,) = _FEED.latestRoundData();
        answer = answer * int256(bound(by, 9600, 10_400)) / 1e4;
        vm.prank(_OWNER);
        _FEED.setAnswer(answer < 1200e8 ? int256(1200e8) : answer > 3000e8 ? int256(3000e8) : answer);
    }

    /// @dev Long enough for averages to move, funding to grow, and now and then for the feed to grow stale.
    function passTime(uint256 time) external {
        vm.roll(vm.getBlockNumber() + 1);
        vm.warp(vm.getBlockTimestamp() + bound(time, 60, time % 8 == 0 ? 2 hours : 20 minutes));
    }

    function collectFees(uint256 amount) external recorded {
        uint256 most = HOUSE.collectableFees() / VAULT.scale();
        if (_tokens() < most) most = _tokens();
        if (most == 0) return;
        if (depositedIn == vm.getBlockNumber()) _wait();
        amount = bound(amount, 1, most);
        vm.prank(_OWNER);
        HOUSE.collectFees(_OWNER, amount);
        STORE.noteCollected(amount);
    }

    /* WATCHING */

    function _before() internal override {
        _WATCH.before();
    }

    function _after(Vm.Log[] memory logs) internal override {
        _WATCH.afterwards(logs);
    }

    function _mayRefuse(bytes4 reason, MarketId id) internal view override returns (bool) {
        if (reason == IPerpClearingHouse.ClearingHouse_MarketClosed.selector) {
            return said[MarketId.unwrap(id)] != MarketState.Open;
        }
        // The first market has a feed and a least size.
        if (
            reason == IPerpClearingHouse.ClearingHouse_PriceNotTrusted.selector
                || reason == IPerpClearingHouse.ClearingHouse_TooSmall.selector
        ) return MarketId.unwrap(id) == 0;
        return super._mayRefuse(reason, id);
    }
}
