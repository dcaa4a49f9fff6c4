// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IRiskRegistry } from "../../../interfaces/IRiskRegistry.sol";
import { RiskBounds } from "../../../risk/RiskBounds.sol";
import { MarketRisk } from "../../../types/MarketRisk.sol";
import { Test } from "forge-std/Test.sol";

/// @notice The bounds of every parameter: what lies on them is taken, what lies beyond is not.
contract RiskBoundsTest is Test {
    address internal constant FEED = address(0xfeed);
    /// @dev Of the market's listing: 30 %, so that the bounds here are those of the parameters themselves.
    uint256 internal constant MAX_MOVE = 3000;

    function check(MarketRisk memory risk) external pure {
        RiskBounds.check(risk, MAX_MOVE);
    }

    function checkFor(MarketRisk memory risk, uint256 maxPriceMoveBps) external pure {
        RiskBounds.check(risk, maxPriceMoveBps);
    }

    function test_Check_TakesTheDefaults() public view {
        this.check(RiskBounds.defaults());
        this.check(_risk());
    }

    /// Both ends of each, with the others as in {_risk}.
    function test_Check_BothEndsOfEach() public {
        // Maintenance is 500 there.
        _checkEnds("initialMarginBps", 501, 10_000);
        _checkEnds("maintenanceMarginBps", 150, 999);
        _checkEnds("pooledFeePpm", 300, 10_000);
        _checkEnds("nettedFeePpm", 0, 500);
        _checkEnds("protocolShareBps", 0, 10_000);
        _checkEnds("liquidationFeeBps", 0, 500);
        _checkEnds("keeperShareBps", 0, 10_000);
        _checkEnds("maxFundingBpsPerDay", 0, 10_000);
        _checkEnds("twapSeconds", 0, 1 days);
        _checkEnds("priceBandBps", 1, 999);
        _checkEnds("maxDeviationBps", 201, 5000);
        _checkEnds("feedMaxAge", 1, 2 days);
    }

    function test_Check_TheBandIsBoundedWhereTheDeviationIsWide() public {
        MarketRisk memory risk = _risk();
        (risk.maxDeviationBps, risk.priceBandBps) = (5000, 2000);
        this.check(risk);
        risk.priceBandBps = 2001;
        _expect("priceBandBps", 2001, 1, 2000);
        this.check(risk);
        risk.feed = address(0);
        _expect("priceBandBps", 2001, 0, 2000);
        this.check(risk);
    }

    /// A market that moves by less than 20 % in a batch bounds the band of its feed; the band of no feed is bounded by nothing but itself.
    function test_Check_TheBandIsNoWiderThanTheMarketMoves() public {
        MarketRisk memory risk = _risk();
        RiskBounds.check(risk, 200);
        _expect("priceBandBps", 200, 1, 199);
        this.checkFor(risk, 199);
        (risk.priceBandBps, risk.maxDeviationBps) = (1, 2);
        RiskBounds.check(risk, 1);
        (risk.priceBandBps, risk.feed) = (2000, address(0));
        RiskBounds.check(risk, 1);
    }

    /// A market that lives by its pool needs nothing of what belongs to a feed.
    function test_Check_WithoutAFeed() public view {
        MarketRisk memory risk = _risk();
        risk.feed = address(0);
        (risk.priceBandBps, risk.maxDeviationBps, risk.feedMaxAge) = (0, 0, 0);
        this.check(risk);
    }

    function test_RevertWhen_MarginsAreNothing() public {
        MarketRisk memory risk = _risk();
        (risk.initialMarginBps, risk.maintenanceMarginBps, risk.liquidationFeeBps) = (2, 1, 0);
        this.check(risk);
        risk.maintenanceMarginBps = 0;
        _expect("maintenanceMarginBps", 0, 1, 1);
        this.check(risk);
        risk.initialMarginBps = 0;
        _expect("initialMarginBps", 0, 2, 10_000);
        this.check(risk);
    }

    /// Whatever is taken keeps what the rest of the protocol builds on.
    function testFuzz_Check_WhatIsTakenIsSound(MarketRisk memory risk, bool isLikely) public view {
        if (isLikely) _fold(risk);
        (bool taken,) = address(this).staticcall(abi.encodeCall(this.check, (risk)));
        bool sound = risk.initialMarginBps <= 10_000 && risk.maintenanceMarginBps < risk.initialMarginBps
            && risk.maintenanceMarginBps > 0 && risk.liquidationFeeBps <= risk.maintenanceMarginBps
            && risk.nettedFeePpm <= risk.pooledFeePpm && risk.pooledFeePpm <= 10_000 && risk.protocolShareBps <= 10_000
            && risk.keeperShareBps <= 10_000 && risk.maxFundingBpsPerDay <= 10_000 && risk.twapSeconds <= 1 days
            && risk.priceBandBps <= 2000;
        if (risk.feed != address(0)) {
            sound = sound && risk.priceBandBps > 0 && risk.maxDeviationBps > risk.priceBandBps
                && risk.maxDeviationBps <= 5000 && risk.feedMaxAge > 0 && risk.feedMaxAge <= 2 days;
        }
        assertEq(taken, sound, "taken exactly when sound");
    }

    /// @dev Random words are hardly ever sound: folds each field to about its range.
    function _fold(MarketRisk memory risk) private pure {
        risk.initialMarginBps %= 10_001;
        risk.maintenanceMarginBps %= risk.initialMarginBps + 2;
        risk.liquidationFeeBps %= risk.maintenanceMarginBps + 2;
        risk.pooledFeePpm %= 10_001;
        risk.nettedFeePpm %= risk.pooledFeePpm + 2;
        risk.protocolShareBps %= 10_001;
        risk.keeperShareBps %= 10_001;
        risk.maxFundingBpsPerDay %= 10_001;
        risk.twapSeconds %= 1 days + 1;
        risk.priceBandBps %= 2001;
        risk.maxDeviationBps %= 5002;
        risk.feedMaxAge %= 2 days + 1;
    }

    function _checkEnds(string memory parameter, uint256 least, uint256 most) private {
        MarketRisk memory risk = _risk();
        _set(risk, parameter, least);
        this.check(risk);
        _set(risk, parameter, most);
        this.check(risk);
        _set(risk, parameter, most + 1);
        _expectSome();
        this.check(risk);
        if (least == 0) return;
        _set(risk, parameter, least - 1);
        _expectSome();
        this.check(risk);
    }

    function _risk() private pure returns (MarketRisk memory risk) {
        risk = RiskBounds.defaults();
        (risk.nettedFeePpm, risk.pooledFeePpm) = (300, 500);
        (risk.feed, risk.priceBandBps, risk.maxDeviationBps, risk.feedMaxAge) = (FEED, 200, 1000, 3600);
    }

    function _set(MarketRisk memory risk, string memory parameter, uint256 value) private pure {
        bytes32 name = keccak256(bytes(parameter));
        if (name == keccak256("initialMarginBps")) risk.initialMarginBps = uint16(value);
        else if (name == keccak256("maintenanceMarginBps")) risk.maintenanceMarginBps = uint16(value);
        else if (name == keccak256("pooledFeePpm")) risk.pooledFeePpm = uint24(value);
        else if (name == keccak256("nettedFeePpm")) risk.nettedFeePpm = uint24(value);
        else if (name == keccak256("protocolShareBps")) risk.protocolShareBps = uint16(value);
        else if (name == keccak256("liquidationFeeBps")) risk.liquidationFeeBps = uint16(value);
        else if (name == keccak256("keeperShareBps")) risk.keeperShareBps = uint16(value);
        else if (name == keccak256("maxFundingBpsPerDay")) risk.maxFundingBpsPerDay = uint16(value);
        else if (name == keccak256("twapSeconds")) risk.twapSeconds = uint32(value);
        else if (name == keccak256("priceBandBps")) risk.priceBandBps = uint16(value);
        else if (name == keccak256("maxDeviationBps")) risk.maxDeviationBps = uint16(value);
        else if (name == keccak256("feedMaxAge")) risk.feedMaxAge = uint32(value);
        else revert(parameter);
    }

    function _expect(string memory parameter, uint256 value, uint256 least, uint256 most) private {
        vm.expectRevert(
            abi.encodeWithSelector(IRiskRegistry.RiskRegistry_OutOfBounds.selector, parameter, value, least, most)
        );
    }

    function _expectSome() private {
        vm.expectPartialRevert(IRiskRegistry.RiskRegistry_OutOfBounds.selector);
    }
}
