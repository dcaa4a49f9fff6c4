// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpEvents } from "../../../interfaces/IPerpEvents.sol";
import { PositionTracker } from "../../../perp/PositionTracker.sol";
import { MarketRisk } from "../../../types/MarketRisk.sol";
import { Position } from "../../../types/Position.sol";
import { LiquidationTest } from "../../utils/LiquidationTest.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice Taker fees: 100 ppm of what nets, 500 ppm of what the pool fills, 20 % of both the protocol's.
contract FeesTest is LiquidationTest {
    uint256 private poolBase;
    uint256 private poolQuote;

    function _initializeRisk() internal override {
        MarketRisk memory parameters = netted.risk.riskOf(ETH);
        (parameters.nettedFeePpm, parameters.pooledFeePpm, parameters.protocolShareBps) = (100, 500, 2000);
        _initialize(ETH, parameters);
        (poolBase, poolQuote) = _poolHolds();
    }

    /// bob sells 0.4 and all of it nets: 100 ppm of 800 = 0.08. alice buys 1: 0.08 for the 0.4 that net, and 500 ppm of what the
    /// pool's 0.6 cost. 20 % of all that goes to the protocol.
    function test_NettedAndPooledPartsPayTheirOwnRate() public {
        vm.recordLogs();
        _change(bob, ETH, true, false, 0.4e18, 0);
        _changeDeferred(alice, ETH, true, true, 1e18, 0);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        (uint256 netted_, uint256 pooled) = _feesOf(logs, bob);
        assertEq(netted_, 0.08e18, "100 ppm of 800");
        assertEq(pooled, 0, "nothing of bob's came from the pool");

        (netted_, pooled) = _feesOf(logs, alice);
        assertEq(netted_, 0.08e18, "100 ppm of 800");
        uint256 paid = _paidToThePool(logs);
        assertEq(pooled, (paid * 500 + 999_999) / 1e6, "500 ppm of what the pool got, rounded up");
        assertGt(pooled, 0.6e18, "more than 500 ppm of 1200: the pool's price and its own fee are in it");
        assertLt(pooled, 0.601e18, "but not much more");

        uint256 aliceFee = netted_ + pooled;
        assertEq(_positionOf(alice, ETH).realizedPnl, -int256(aliceFee), "taken from the realised profit");
        (uint256 protocol, uint256 insurance) = netted.netting.accountOf(ETH);
        assertEq(protocol, 0.016e18 + aliceFee / 5, "20 % of each fee, rounded down");
        assertEq(protocol + insurance, 0.08e18 + aliceFee, "the rest is the insurance fund's, to the wei");
        _assertConserved();
    }

    /// Fees go both ways, in and out, and an account that opened and closed at one price has paid them and nothing else.
    function test_RoundTrip_CostsTheFeesAlone() public {
        _trade(alice, ETH, true, 1e18);
        _change(alice, ETH, false, true, ALL, 0);
        _changeDeferred(bob, ETH, false, false, 1e18, 0);
        assertEq(netted.house.getAccount(alice).equity, 1000e18 - 0.4e18, "twice 100 ppm of 2000");
        assertEq(_insuranceOf(ETH), 0.64e18, "80 % of 0.8");
        _assertConserved();
    }

    /// A liquidation pays its own fee and no taker fee; bob pays his.
    function test_Liquidation_PaysNoTakerFee() public {
        _trade(alice, ETH, true, 4.2e18);
        uint256 before = _insuranceOf(ETH);
        _setPrice(ETH, 1764e18);
        Vm.Log[] memory logs = _liquidateAgainstBob(ALL, 4.2e18);
        (uint256 netted_, uint256 pooled) = _feesOf(logs, alice);
        assertEq(netted_ + pooled, 0, "no taker fee");
        (, uint256 fee, uint256 reward) = _fees(logs);
        assertEq(fee, 111.132e18, "1.5 % of 4.2 x 1764");
        // bob closes 4.2 at 1764 for 100 ppm of 7408.8 = 0.74088.
        assertEq(_insuranceOf(ETH) - before, fee - reward + 0.592704e18, "80 % of bob's 0.74088 and half of the fee");
        _assertConserved();
    }

    /// Conservation to the wei for any sizes and fees, half of them from the pool.
    function testFuzz_Conservation(uint256 long, uint256 short, uint24 nettedPpm, uint24 pooledPpm, uint16 share)
        public
    {
        MarketRisk memory parameters = netted.risk.riskOf(ETH);
        parameters.pooledFeePpm = uint24(bound(pooledPpm, 0, 10_000));
        parameters.nettedFeePpm = uint24(bound(nettedPpm, 0, parameters.pooledFeePpm));
        parameters.protocolShareBps = uint16(bound(share, 0, 10_000));
        vm.startPrank(deployer);
        netted.risk.propose(ETH, parameters);
        vm.warp(vm.getBlockTimestamp() + 2 days);
        netted.risk.accept(ETH);
        vm.stopPrank();
        _change(bob, ETH, true, true, bound(long, 1, 100e18), 0);
        _changeDeferred(carol, ETH, true, false, bound(short, 1, 100e18), 0);
        _nextBlock();
        _change(bob, ETH, false, true, bound(short, 1, 100e18), 0);
        _changeDeferred(carol, ETH, false, false, bound(long, 1, 100e18), 0);
        _assertConserved();
    }

    /* HELPERS */

    /// @dev Σ over traders of quote and realised profit, with pool, dust and fees, is 0 to the wei; base too.
    function _assertConserved() private view {
        (int256 base, int256 quote) = netted.netting.dustOf(ETH);
        (uint256 heldBase, uint256 heldQuote) = _poolHolds();
        base += int256(heldBase) - int256(poolBase);
        quote += int256(heldQuote) - int256(poolQuote);
        (uint256 protocol, uint256 insurance) = netted.netting.accountOf(ETH);
        quote += int256(protocol + insurance);
        quote += PositionTracker(_market(netted, ETH).tracker).fundingCollected();
        address[5] memory all = [alice, bob, carol, keeper, second];
        for (uint256 i; i < all.length; ++i) {
            Position memory position = _positionOf(all[i], ETH);
            base += position.base;
            quote += int256(position.quote) + position.realizedPnl;
        }
        assertEq(base, 0, "base");
        assertEq(quote, 0, "quote, realised profit, fees and dust");
    }

    function _poolHolds() private view returns (uint256, uint256) {
        address pool = _market(netted, ETH).pool;
        return (
            _token(_market(netted, ETH).baseToken).balanceOf(pool),
            _token(_market(netted, ETH).quoteToken).balanceOf(pool)
        );
    }

    function _feesOf(Vm.Log[] memory logs, address trader) private pure returns (uint256 netted_, uint256 pooled) {
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != IPerpEvents.FeePaid.selector) continue;
            if (address(uint160(uint256(logs[i].topics[2]))) != trader) continue;
            return abi.decode(logs[i].data, (uint256, uint256));
        }
    }

    function _paidToThePool(Vm.Log[] memory logs) private pure returns (uint256 poolQuote_) {
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != IPerpEvents.BatchCleared.selector) continue;
            (,,,,, poolQuote_,,) =
                abi.decode(logs[i].data, (uint256, uint256, uint256, uint256, uint256, uint256, uint160, uint256));
        }
    }
}
