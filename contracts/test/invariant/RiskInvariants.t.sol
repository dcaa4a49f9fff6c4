// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpClearingHouse } from "../../interfaces/IPerpClearingHouse.sol";
import { PositionTracker } from "../../perp/PositionTracker.sol";
import { TestPriceFeed } from "../../tokens/TestPriceFeed.sol";
import { MarketId } from "../../types/MarketId.sol";
import { MarketRisk } from "../../types/MarketRisk.sol";
import { Position } from "../../types/Position.sol";
import { Handler } from "./Handler.sol";
import { InvariantsTest } from "./Invariants.t.sol";
import { RiskHandler } from "./RiskHandler.sol";
import { Watch } from "./Watch.sol";

/// @notice What always holds with the risk engine at work: the first market has a feed, fees and bounds, the second lives by its
///         pool. All that {InvariantsTest} holds, holds here too.
contract RiskInvariantsTest is InvariantsTest {
    Watch internal watch;
    TestPriceFeed internal feed;

    function _createHandler() internal override returns (Handler) {
        vm.startPrank(deployer);
        feed = new TestPriceFeed(deployer, 8, 2000e8);
        netted.risk.initialize(MarketId.wrap(0), _parameters0());
        netted.risk.grantRoles(carol, netted.risk.GUARDIAN());
        vm.stopPrank();
        // Long enough for the pools' averages: until then the mark is the spot price, which a batch moves.
        vm.warp(vm.getBlockTimestamp() + 1000);
        vm.prank(deployer);
        feed.setAnswer(2000e8);
        uint256[] memory keys = new uint256[](TRADERS);
        for (uint256 i; i < TRADERS; ++i) {
            (, keys[i]) = makeAddrAndKey(string.concat("trader ", vm.toString(i)));
        }
        watch = new Watch(netted.house, netted.engine, netted.risk, netted.registry, traders);
        return new RiskHandler(
            netted.house, netted.engine, netted.vault, netted.risk, feed, store, watch, [deployer, carol], traders, keys
        );
    }

    function _parameters0() private view returns (MarketRisk memory risk) {
        risk = netted.risk.riskOf(MarketId.wrap(0));
        (risk.nettedFeePpm, risk.pooledFeePpm, risk.protocolShareBps) = (100, 500, 2000);
        (risk.feed, risk.feedMaxAge) = (address(feed), 1 hours);
        (risk.priceBandBps, risk.maxDeviationBps) = (500, 2000);
        (risk.maxOpenInterest, risk.maxSkew, risk.minOrderSize) = (150e18, 100e18, 1000);
    }

    function _actions() internal view override returns (bytes4[] memory selectors) {
        bytes4[] memory plain = super._actions();
        bytes4[11] memory more = [
            RiskHandler.openTheMost.selector,
            RiskHandler.liquidate.selector,
            RiskHandler.liquidateUnread.selector,
            RiskHandler.liquidateAll.selector,
            RiskHandler.settleBadDebt.selector,
            RiskHandler.submitOrder.selector,
            RiskHandler.cancelNonce.selector,
            RiskHandler.pause.selector,
            RiskHandler.setState.selector,
            RiskHandler.moveFeed.selector,
            RiskHandler.passTime.selector
        ];
        selectors = new bytes4[](plain.length + more.length + 1);
        for (uint256 i; i < plain.length; ++i) {
            selectors[i] = plain[i];
        }
        for (uint256 i; i < more.length; ++i) {
            selectors[plain.length + i] = more[i];
        }
        selectors[plain.length + more.length] = RiskHandler.collectFees.selector;
    }

    /* NOT IN VAIN */

    /// What the invariants count does happen: positions grow, funding accrues, accounts are liquidated, and nothing is counted that
    /// must not be.
    function test_TheActionsReachWhatTheInvariantsJudge() public {
        RiskHandler actor = RiskHandler(address(handler));
        for (uint256 i; i < 120; ++i) {
            uint256 random = uint256(keccak256(abi.encode(i)));
            actor.openTheMost(random % TRADERS, random >> 16, random >> 8 & 1 == 0, random >> 32);
            if (i % 3 == 0) {
                actor.changePositionDeferred(random >> 64, random >> 16, true, i % 2 == 0, random >> 96, 0);
            }
            // Twenty moves down, twenty up, and so on.
            actor.moveFeed(i / 20 % 2 == 0 ? 9900 : 10_100);
            actor.passTime(60);
            if (i % 8 == 2) actor.liquidateAll(random >> 128);
            if (i % 8 == 3) actor.settle();
        }
        assertGt(watch.growths(), 20, "positions grow");
        assertGt(watch.accruals(), 20, "funding accrues");
        assertGt(watch.liquidations(), 3, "accounts are liquidated");
        assertEq(watch.healthyLiquidated() + watch.openedTooMuch() + watch.debtLeftOpen(), 0, "and rightly so");
        assertEq(watch.fundingOtherThanViewed() + watch.grownInAClosedMarket(), 0, "nothing else");
    }

    /* ACCOUNTS */

    function invariant_NobodyHealthyIsLiquidated() public view {
        assertEq(watch.healthyLiquidated(), 0, "below the maintenance margin when admitted, or not at all");
    }

    function invariant_NobodyWhoOpenedIsLiquidatableRightAfter() public view {
        assertEq(watch.openedTooMuch(), 0, "by the marks of the batch");
    }

    function invariant_LossesAreMetOrRecorded() public view {
        assertEq(watch.debtLeftOpen(), 0, "an account liquidated to nothing owes nothing");
        uint256 recorded;
        for (uint256 i; i < TRADERS; ++i) {
            recorded += netted.vault.badDebtOf(traders[i]);
        }
        assertEq(netted.vault.totalBadDebt(), recorded, "bad debt is somebody's");
        int256 balance = int256(netted.house.insuranceFund()) - int256(netted.house.uncoveredBadDebt());
        assertEq(balance, int256(_insurance() + netted.vault.paidIn()) - int256(recorded), "and the fund's");
    }

    function invariant_MaintenanceIsNotMoreThanInitial() public view {
        for (uint256 i; i < TRADERS; ++i) {
            IPerpClearingHouse.Account memory account = netted.house.getAccount(traders[i]);
            assertLe(account.maintenanceMargin, account.initialMargin, "maintenance <= initial");
        }
    }

    /// The vault's fund is the other side of all that was settled, to the wei.
    function invariant_TheFundIsTheOtherSide() public view {
        int256 expected = int256(netted.vault.paidIn()) - int256(netted.vault.collected());
        expected -= int256(netted.vault.totalBadDebt());
        for (uint256 i; i < TRADERS; ++i) {
            for (uint16 m; m < MARKETS; ++m) {
                Position memory position =
                    PositionTracker(_market(netted, MarketId.wrap(m)).tracker).positionOf(traders[i]);
                expected -= position.settledPnl;
            }
        }
        assertEq(netted.vault.fund(), expected, "paid in - paid out - settled profits - losses that nobody paid");
    }

    /* MARKETS */

    function invariant_NoMarketOpensByItself() public view {
        for (uint16 m; m < MARKETS; ++m) {
            assertEq(
                uint8(netted.risk.stateOf(MarketId.wrap(m))),
                uint8(RiskHandler(address(handler)).said(m)),
                "what owner or guardian said last"
            );
        }
        assertEq(watch.grownInAClosedMarket(), 0, "and no position grows in one that takes no new risk");
    }

    function invariant_FundingIsWhatTheViewSaid() public view {
        assertEq(watch.fundingOtherThanViewed(), 0, "view = applied");
    }

    function invariant_OpenInterestIsTheSumOfPositions() public view {
        for (uint16 m; m < MARKETS; ++m) {
            PositionTracker tracker = PositionTracker(_market(netted, MarketId.wrap(m)).tracker);
            int256 longs;
            int256 shorts;
            for (uint256 i; i < TRADERS; ++i) {
                int256 base = tracker.positionOf(traders[i]).base;
                if (base > 0) longs += base;
                else shorts -= base;
            }
            (uint256 openLongs, uint256 openShorts) = tracker.openInterest();
            assertEq(int256(openLongs), longs, "longs");
            assertEq(int256(openShorts), shorts, "shorts");
            if (m == 0) {
                assertLe(openLongs, 150e18, "within the market's bound");
                assertLe(openShorts, 150e18, "within the market's bound");
            }
        }
    }

    function _insurance() private view returns (uint256 insurance) {
        for (uint16 m; m < MARKETS; ++m) {
            (, uint256 ofMarket) = netted.netting.accountOf(MarketId.wrap(m));
            insurance += ofMarket;
        }
    }
}

/// @notice The same where a batch of more than three orders takes several transactions, and no jobs.
contract ChunkedRiskInvariantsTest is RiskInvariantsTest {
    function _parameters() internal pure override returns (uint256 threads, uint256 chunk) {
        return (0, 3);
    }
}
