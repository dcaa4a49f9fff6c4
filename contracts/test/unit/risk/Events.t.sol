// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { ICollateralVault } from "../../../interfaces/ICollateralVault.sol";
import { IPerpEvents } from "../../../interfaces/IPerpEvents.sol";
import { IRiskRegistry } from "../../../interfaces/IRiskRegistry.sol";
import { MarketId } from "../../../types/MarketId.sol";
import { MarketRisk, PriceStatus, Prices } from "../../../types/MarketRisk.sol";
import { Position } from "../../../types/Position.sol";
import { Defaults } from "../../utils/Defaults.sol";
import { LiquidationTest } from "../../utils/LiquidationTest.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice An indexer's account, from events alone, by the formula of docs/events.md.
contract EventsTest is LiquidationTest {
    mapping(address trader => int256 amount) private _collateral;
    mapping(address trader => mapping(uint256 market => int256 base)) private _bases;
    mapping(address trader => mapping(uint256 market => int256 quote)) private _quotes;
    uint256 private _funded;
    uint256 private _debts;

    function setUp() public override {
        vm.recordLogs();
        super.setUp();
    }

    function _initializeRisk() internal override {
        MarketRisk memory parameters = netted.risk.riskOf(ETH);
        (parameters.nettedFeePpm, parameters.pooledFeePpm, parameters.protocolShareBps) = (100, 500, 2000);
        _initialize(ETH, parameters);
        _initialize(BTC, parameters);
    }

    /// Trades that net and that do not, funding, a partial fill, a liquidation in part and one with bad debt, payments in and out. All
    /// of it is in the events: collateral, base and quote of everyone, to the wei.
    function test_Events_TellTheWholeAccount() public {
        _change(alice, ETH, true, true, 4.2e18, 0);
        _change(carol, ETH, true, false, 3e18, 0);
        _change(bob, BTC, true, false, 1000e18, 0);
        _settleNextBlock();
        vm.warp(vm.getBlockTimestamp() + 1 hours);
        _setMark(Prices(1840e18, 1800e18, PriceStatus.Ok));
        vm.prank(keeper);
        netted.house.liquidate(alice, ETH, ALL);
        _settleNextBlock();
        vm.warp(vm.getBlockTimestamp() + 1 hours);
        _setMark(Prices(1050e18, 1100e18, PriceStatus.Ok));
        // The pool is near 2000. Twelve sales take it down by 5 % each, to about 1080, where a loss is made.
        for (uint256 i; i < 12; ++i) {
            _change(carol, ETH, true, false, 250e18, 0);
            _settleNextBlock();
        }
        _liquidate(second, alice, ETH, true, ALL);
        _settleNextBlock();
        vm.startPrank(carol);
        netted.house.closePosition(ETH, 100e18, 0, 0);
        netted.house.withdraw(1000 * Defaults.USDC);
        vm.stopPrank();
        _settleNextBlock();
        netted.house.settleBadDebt(alice);

        _index(vm.getRecordedLogs());
        assertGt(_funded, 3, "funding was booked");
        assertEq(_debts, 1, "bad debt was recorded");
        address[5] memory all = [alice, bob, carol, keeper, second];
        for (uint256 i; i < 5; ++i) {
            assertEq(_collateral[all[i]], netted.house.getAccount(all[i]).collateral, "collateral");
            for (uint16 m; m < 2; ++m) {
                Position memory position = _positionOf(all[i], MarketId.wrap(m));
                assertEq(_bases[all[i]][m], position.base, "base");
                assertEq(_quotes[all[i]][m], position.quote, "quote");
            }
        }
        assertGt(_collateral[keeper], 0, "a reward was paid");
    }

    function _setMark(Prices memory prices) private {
        vm.mockCall(address(netted.risk), abi.encodeCall(IRiskRegistry.pricesOf, (ETH)), abi.encode(prices));
    }

    function _index(Vm.Log[] memory logs) private {
        for (uint256 i; i < logs.length; ++i) {
            Vm.Log memory log = logs[i];
            if (log.topics.length < 2) continue;
            bytes32 topic = log.topics[0];
            address first = address(uint160(uint256(log.topics[1])));
            if (topic == IPerpEvents.Deposited.selector) {
                _collateral[first] += int256(abi.decode(log.data, (uint256)) * 1e12);
            } else if (topic == IPerpEvents.Withdrawn.selector) {
                _collateral[first] -= int256(abi.decode(log.data, (uint256)) * 1e12);
            } else if (topic == ICollateralVault.BadDebt.selector) {
                _collateral[first] += int256(abi.decode(log.data, (uint256)));
                ++_debts;
            } else if (topic == IPerpEvents.FundingPaid.selector) {
                _collateral[first] -= abi.decode(log.data, (int256));
                ++_funded;
            } else if (log.topics.length > 2) {
                _indexOrder(log, topic, address(uint160(uint256(log.topics[2]))));
            }
        }
    }

    function _indexOrder(Vm.Log memory log, bytes32 topic, address trader) private {
        if (topic == IPerpEvents.FeePaid.selector) {
            (uint256 ofNetted, uint256 ofPooled) = abi.decode(log.data, (uint256, uint256));
            _collateral[trader] -= int256(ofNetted + ofPooled);
        } else if (topic == IPerpEvents.Liquidated.selector) {
            (address by, uint256 fee, uint256 reward) = abi.decode(log.data, (address, uint256, uint256));
            _collateral[trader] -= int256(fee);
            _collateral[by] += int256(reward);
        } else if (topic == IPerpEvents.OrderSettled.selector) {
            (uint16 market, int256 base, int256 quote,,,, int256 realized) =
                abi.decode(log.data, (uint16, int256, int256, uint256, uint256, uint256, int256));
            _bases[trader][market] += base;
            _quotes[trader][market] += quote - realized;
            _collateral[trader] += realized;
        }
    }
}
