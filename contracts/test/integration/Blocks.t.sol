// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Allocation } from "../../types/Market.sol";
import { MarketId } from "../../types/MarketId.sol";
import { ContractTrader } from "../mocks/ContractTrader.sol";
import { OrderTracking } from "../mocks/OrderTracking.sol";
import { Defaults } from "../utils/Defaults.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice Whole blocks: a thousand orders in one settlement.
contract BlocksTest is OrderTracking {
    uint256 internal constant ORDERS = 1000;
    uint256 internal constant PREPAID = 500_000;

    /// 600 buyers and 400 sellers of 0.1: 60 against 40, so 40 net and 20 go to the pool. Each needs about 21 USDC of margin.
    function test_ABlockOf1000Orders_SettlesInItsDeferredTransactionWithOneSwap() public {
        _fund(ORDERS, 100 * Defaults.USDC);
        vm.recordLogs();
        for (uint256 i; i < ORDERS - 1; ++i) {
            _open(_trader(i), i % 5 < 3, 0.1e18);
        }
        _beginDeferred();
        _open(_trader(ORDERS - 1), false, 0.1e18);
        uint256 gas = vm.lastCallGas().gasTotalUsed;
        _endDeferred();

        Tally memory tally = _assertEachEndedOnce(vm.getRecordedLogs(), ORDERS);
        assertEq(tally.settled, ORDERS, "all of them filled");
        assertEq(tally.batches, 1, "one batch");
        assertEq(tally.swaps, 1, "one pool swap");
        assertEq(tally.writeBacks, ORDERS, "each into its own receipt");
        assertLt(gas, ORDERS * PREPAID, "settlement costs less than the callers paid in advance");
        _assertDrained(ETH);
        _assertSumsTo20();
    }

    /// The same block by openPosition: 900 accounts with one order, 10 contract wallets with 10 in one transaction each.
    function test_ABlockOf1000Orders_SettlesByAKeeperInTheNextBlockWithOneSwap() public {
        _fund(900, 100 * Defaults.USDC);
        ContractTrader[] memory wallets = _createWallets(10);
        vm.recordLogs();
        for (uint256 i; i < 900; ++i) {
            _openPosition(_trader(i), ETH, i % 5 < 3, 0.1e18); // 540 buy, 360 sell
        }
        for (uint256 i; i < 10; ++i) {
            wallets[i].open(ETH, i < 6, 0.1e18, 10); // 60 buy, 40 sell
        }
        assertEq(_settle(), 0, "nothing of this block settles in it");
        assertEq(_settleNextBlock(), ORDERS, "the keeper ends all of them");

        Tally memory tally = _assertEachEndedOnce(vm.getRecordedLogs(), ORDERS);
        assertEq(tally.settled, ORDERS, "all of them filled");
        assertEq(tally.batches, 1, "one batch");
        assertEq(tally.swaps, 1, "one pool swap");
        assertEq(tally.writeBacks, 0, "no receipt of an earlier block is written");
        assertEq(_baseOf(address(wallets[0]), ETH), 1e18, "ten orders of one transaction are ten orders");
        _assertDrained(ETH);
    }

    /// Three markets in one block: each has its own one swap.
    function test_ABlockOf3Markets_HasOneSwapEach() public {
        _list(netted, Allocation.Uniform);
        _list(netted, Allocation.Uniform);
        _fund(30, 1000 * Defaults.USDC);
        vm.recordLogs();
        for (uint256 i; i < 29; ++i) {
            _change(_trader(i), MarketId.wrap(uint16(i % 3)), true, i % 2 == 0, 1e18 + i * 1e15, 0);
        }
        _changeDeferred(_trader(29), MarketId.wrap(2), true, true, 1e18, 0);

        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint16 m; m < 3; ++m) {
            assertEq(_countSwaps(logs, netted, MarketId.wrap(m)), 1, "one swap a market");
            _assertDrained(MarketId.wrap(m));
        }
        assertEq(_assertEachEndedOnce(logs, 30).settled, 30, "all of them filled");
    }

    /// A perfectly balanced block touches no pool at all.
    function test_ABalancedBlock_TouchesNoPool() public {
        _fund(20, 1000 * Defaults.USDC);
        vm.recordLogs();
        for (uint256 i; i < 20; ++i) {
            _openPosition(_trader(i), ETH, i % 2 == 0, 1e18 + (i / 2) * 7);
        }
        assertEq(_settleNextBlock(), 20, "all end");
        assertEq(_assertEachEndedOnce(vm.getRecordedLogs(), 20).swaps, 0, "no swap");
        assertEq(netted.house.getMarkPrice(ETH), Defaults.PRICE, "no price impact");
    }

    /// @dev Σ base of all traders is what the pool gave, 20, but for the dust of rounding: at most 1 wei an order.
    function _assertSumsTo20() private view {
        int256 sum;
        for (uint256 i; i < ORDERS; ++i) {
            sum += _baseOf(_trader(i), ETH);
        }
        (int128 dust,) = netted.netting.dustOf(ETH);
        assertEq(sum + dust, 20e18, "base of traders and dust is what the pool gave");
        assertApproxEqAbs(sum, 20e18, ORDERS, "the dust is dust");
    }

    function _createWallets(uint256 count) private returns (ContractTrader[] memory wallets) {
        wallets = new ContractTrader[](count);
        for (uint256 i; i < count; ++i) {
            wallets[i] = new ContractTrader(netted.house);
            vm.prank(deployer);
            usdc.mint(address(wallets[i]), Defaults.COLLATERAL);
        }
        _nextBlock();
        for (uint256 i; i < count; ++i) {
            wallets[i].deposit(usdc, address(netted.vault), Defaults.COLLATERAL);
        }
        _nextBlock();
    }
}
