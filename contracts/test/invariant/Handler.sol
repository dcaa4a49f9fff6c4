// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpClearingHouse } from "../../interfaces/IPerpClearingHouse.sol";
import { PerpNettingEngine } from "../../perp/PerpNettingEngine.sol";
import { MarketId } from "../../types/MarketId.sol";
import { CollateralVault } from "../../vault/CollateralVault.sol";
import { Defaults } from "../utils/Defaults.sol";
import { Emulation } from "../utils/Emulation.sol";
import { Store } from "./Store.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice Traders and a keeper that act at random, as the runtime lets them.
/// @dev It keeps the two rules of a block that hold on the runtime: a deferrable order comes before the block's one deferred
///      transaction, and what a generation pays in is not paid out in it.
contract Handler is Emulation {
    uint256 internal constant MARKETS = 2;

    IPerpClearingHouse internal immutable HOUSE;
    PerpNettingEngine internal immutable ENGINE;
    CollateralVault internal immutable VAULT;
    Store internal immutable STORE;

    address[] internal traders;
    /// @dev Blocks of the last deferred transaction and of the last deposit.
    uint256 internal deferredIn;
    uint256 internal depositedIn;

    constructor(
        IPerpClearingHouse house,
        PerpNettingEngine engine,
        CollateralVault vault,
        Store store,
        address[] memory traders_
    ) {
        (HOUSE, ENGINE, VAULT, STORE, traders) = (house, engine, vault, store, traders_);
    }

    /// @dev Hands the events of a call to the store.
    modifier recorded() {
        _before();
        vm.recordLogs();
        _;
        Vm.Log[] memory logs = vm.getRecordedLogs();
        STORE.noteLogs(logs);
        _after(logs);
    }

    /* COLLATERAL */

    function deposit(uint256 who, uint256 amount) external recorded {
        amount = bound(amount, 1, 10_000 * Defaults.USDC);
        vm.prank(_trader(who));
        HOUSE.deposit(amount);
        depositedIn = vm.getBlockNumber();
        STORE.noteDeposit(amount);
    }

    function withdraw(uint256 who, uint256 amount) external recorded {
        if (depositedIn == vm.getBlockNumber()) _wait();
        address trader = _trader(who);
        IPerpClearingHouse.Account memory before = HOUSE.getAccount(trader);
        uint256 most = before.withdrawable / VAULT.scale();
        uint256 there = _tokens();
        if (there < most) most = there;
        if (most == 0) return;
        amount = bound(amount, 1, most);
        bool halfSettled = ENGINE.batchesInProgress() != 0;
        if (halfSettled) vm.expectRevert(IPerpClearingHouse.ClearingHouse_SettlementInProgress.selector);
        vm.prank(trader);
        HOUSE.withdraw(amount);
        if (halfSettled) return;

        IPerpClearingHouse.Account memory current = HOUSE.getAccount(trader);
        STORE.noteWithdrawal(
            amount,
            current.equity < int256(current.initialMargin),
            current.equity != before.equity - int256(amount * VAULT.scale())
        );
    }

    function payFund(uint256 who, uint256 amount) external recorded {
        amount = bound(amount, 1, 100 * Defaults.USDC);
        vm.prank(_trader(who));
        VAULT.payFund(amount);
        depositedIn = vm.getBlockNumber();
        STORE.noteDeposit(amount);
    }

    /* ORDERS */

    function openPosition(uint256 who, uint256 market, bool isLong, uint256 size, uint256 limit, uint256 deadline)
        external
        recorded
    {
        MarketId id = _marketId(market);
        size = _size(size);
        limit = _limit(id, limit);
        deadline = _deadline(deadline);
        vm.prank(_trader(who));
        try HOUSE.openPosition(id, isLong, size, limit, deadline) { }
        catch (bytes memory reason) {
            assertTrue(_mayRefuse(bytes4(reason), id), "refused for its margin, or as the market's state says");
        }
    }

    function closePosition(uint256 who, uint256 market, uint256 size, uint256 limit) external recorded {
        MarketId id = _marketId(market);
        (int256 base,,) = HOUSE.getPosition(_trader(who), id);
        // Half of them close all, whatever there is.
        size = size % 2 == 0 ? type(uint96).max : _size(size);
        limit = _limit(id, limit);
        if (base == 0) vm.expectPartialRevert(IPerpClearingHouse.ClearingHouse_NothingToClose.selector);
        vm.prank(_trader(who));
        HOUSE.closePosition(id, size, limit, 0);
    }

    function changePosition(uint256 who, uint256 market, bool isOpen, bool isLong, uint256 size, uint256 limit)
        external
        recorded
    {
        if (deferredIn == vm.getBlockNumber()) _wait();
        _change(who, market, isOpen, isLong, size, limit);
    }

    /// @dev The block's deferred transaction.
    function changePositionDeferred(uint256 who, uint256 market, bool isOpen, bool isLong, uint256 size, uint256 limit)
        external
        recorded
    {
        if (deferredIn == vm.getBlockNumber()) _wait();
        deferredIn = vm.getBlockNumber();
        _beginDeferred();
        _change(who, market, isOpen, isLong, size, limit);
        _endDeferred();
    }

    function settle() external {
        _settle();
    }

    function nextBlock() external {
        _nextBlock();
    }

    /// @dev For the end of a run: settles until nothing waits.
    function settleAll() external {
        for (uint256 i; i < 100; ++i) {
            _nextBlock();
            if (_settle() == 0) return;
        }
    }

    /* HELPERS */

    function _settle() private recorded returns (uint256) {
        return HOUSE.settle{ gas: Defaults.SETTLE_GAS }();
    }

    /// @dev The next block, for an action that cannot act in this one.
    function _wait() internal {
        _nextBlock();
        _before();
    }

    /// @dev Around every action.
    function _before() internal virtual { }

    function _after(Vm.Log[] memory logs) internal virtual { }

    /// @dev Whether a market may refuse an order that opens for `reason`.
    function _mayRefuse(bytes4 reason, MarketId) internal view virtual returns (bool) {
        return reason == IPerpClearingHouse.ClearingHouse_MarginTooLow.selector;
    }

    function _change(uint256 who, uint256 market, bool isOpen, bool isLong, uint256 size, uint256 limit) private {
        MarketId id = _marketId(market);
        size = _size(size);
        limit = _limit(id, limit);
        address trader = _trader(who);
        vm.prank(trader, trader);
        HOUSE.changePosition{ gas: Defaults.SETTLE_GAS }(id, isOpen, isLong, size, limit, 0);
    }

    function _trader(uint256 who) internal view returns (address) {
        return traders[who % traders.length];
    }

    function _marketId(uint256 market) internal pure returns (MarketId) {
        return MarketId.wrap(uint16(market % MARKETS));
    }

    /// @dev Wei, fractions, or up to 50 of base.
    function _size(uint256 size) internal pure returns (uint256) {
        uint256 kind = size % 4;
        return bound(size >> 2, 1, kind == 0 ? 1e6 : kind == 1 ? 50e18 : 3e18);
    }

    /// @dev Half of them none, the others within 1 % of the mid.
    function _limit(MarketId id, uint256 limit) internal view returns (uint256) {
        if (limit % 2 == 0) return 0;
        return HOUSE.getMarkPrice(id) * bound(limit >> 1, 9900, 10_100) / 1e4;
    }

    /// @dev Half of them none, the others two seconds (blocks) or less.
    function _deadline(uint256 deadline) private view returns (uint256) {
        return deadline % 2 == 0 ? 0 : vm.getBlockTimestamp() + (deadline >> 1) % 3;
    }

    /// @dev A withdrawal pays out of what the vault holds: with bad debt that may be less than a balance.
    function _tokens() internal view returns (uint256 amount) {
        (, bytes memory answer) =
            VAULT.token().staticcall(abi.encodeWithSignature("balanceOf(address)", address(VAULT)));
        amount = abi.decode(answer, (uint256));
    }
}
