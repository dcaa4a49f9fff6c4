// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IMarketRegistry } from "../../../interfaces/IMarketRegistry.sol";
import { IRiskRegistry } from "../../../interfaces/IRiskRegistry.sol";
import { MarketId } from "../../../types/MarketId.sol";
import { MarketRisk, MarketState } from "../../../types/MarketRisk.sol";
import { RiskTest } from "../../utils/RiskTest.sol";
import { Ownable } from "solady/auth/Ownable.sol";

/// @notice Who may change what of a market, and when.
contract RiskRegistryTest is RiskTest {
    MarketId internal constant UNKNOWN = MarketId.wrap(1);
    address internal mallory = makeAddr("mallory");

    /* DEFAULTS */

    function test_RiskOf_TheDefaults() public view {
        MarketRisk memory expected;
        expected.initialMarginBps = 1000; // the requested 10 %
        expected.maintenanceMarginBps = 500; // half of it
        expected.liquidationFeeBps = 150;
        expected.keeperShareBps = 5000;
        expected.maxFundingBpsPerDay = 1000;
        expected.twapSeconds = 900;
        assertEq(abi.encode(risk.riskOf(ETH)), abi.encode(expected), "no fees, no feed, no caps");
        assertTrue(risk.stateOf(ETH) == MarketState.Open, "open");
        (, uint256 eta) = risk.proposalOf(ETH);
        assertEq(eta, 0, "nothing waits");
    }

    /* INITIALISATION */

    function test_Initialize_TakesEffectAtOnce() public {
        MarketRisk memory parameters = _parameters();
        vm.expectEmit(address(risk));
        emit IRiskRegistry.RiskChanged(ETH, parameters);
        _initialize(parameters);
        assertEq(abi.encode(risk.riskOf(ETH)), abi.encode(parameters), "every field");
    }

    function test_RevertWhen_InitializedTwice() public {
        _initialize(_parameters());
        _expectInUse();
        risk.initialize(ETH, _parameters());
    }

    function test_RevertWhen_InitializedAfterAChange() public {
        vm.startPrank(owner);
        risk.propose(ETH, _parameters());
        _after(2 days);
        risk.accept(ETH);
        vm.stopPrank();
        _expectInUse();
        risk.initialize(ETH, _parameters());
    }

    function test_RevertGiven_APositionIsOpen() public {
        tracker.updatePosition(mallory, 1, -1, 0);
        _expectInUse();
        risk.initialize(ETH, _parameters());
        tracker.updatePosition(mallory, -2, 2, 0);
        _expectInUse();
        risk.initialize(ETH, _parameters());
        tracker.updatePosition(mallory, 1, -1, 0);
        _initialize(_parameters());
    }

    /* TWO STEPS */

    function test_Change_TakesEffectAfterTheDelay() public {
        MarketRisk memory before = risk.riskOf(ETH);
        MarketRisk memory parameters = _parameters();
        vm.startPrank(owner);
        vm.expectEmit(address(risk));
        emit IRiskRegistry.RiskProposed(ETH, parameters, START + 2 days);
        risk.propose(ETH, parameters);
        (MarketRisk memory waiting, uint256 eta) = risk.proposalOf(ETH);
        assertEq(abi.encode(waiting, eta), abi.encode(parameters, START + 2 days), "who looks can see it");

        vm.warp(START + 2 days - 1);
        vm.expectRevert(abi.encodeWithSelector(IRiskRegistry.RiskRegistry_TooEarly.selector, ETH, START + 2 days));
        risk.accept(ETH);
        assertEq(abi.encode(risk.riskOf(ETH)), abi.encode(before), "nothing changed yet");

        vm.warp(START + 2 days);
        vm.expectEmit(address(risk));
        emit IRiskRegistry.RiskChanged(ETH, parameters);
        risk.accept(ETH);
        assertEq(abi.encode(risk.riskOf(ETH)), abi.encode(parameters), "changed");
        _expectNothingProposed();
        risk.accept(ETH);
        vm.stopPrank();
    }

    function test_Change_AnewStartsTheDelayAnew() public {
        vm.startPrank(owner);
        risk.propose(ETH, _parameters());
        _after(1 days);
        MarketRisk memory second = _parameters();
        second.initialMarginBps = 3000;
        risk.propose(ETH, second);
        vm.warp(START + 3 days - 1);
        vm.expectRevert(abi.encodeWithSelector(IRiskRegistry.RiskRegistry_TooEarly.selector, ETH, START + 3 days));
        risk.accept(ETH);
        _after(1);
        risk.accept(ETH);
        vm.stopPrank();
        assertEq(risk.riskOf(ETH).initialMarginBps, 3000, "the second");
    }

    function test_Change_CanBeTakenBack() public {
        vm.startPrank(owner);
        risk.propose(ETH, _parameters());
        vm.expectEmit(address(risk));
        emit IRiskRegistry.RiskCancelled(ETH);
        risk.cancel(ETH);
        _after(2 days);
        _expectNothingProposed();
        risk.accept(ETH);
        _expectNothingProposed();
        risk.cancel(ETH);
        vm.stopPrank();
    }

    /* STATES */

    function test_Guardian_PausesAndNothingElse() public {
        MarketRisk memory parameters = _parameters();
        vm.startPrank(owner);
        risk.propose(ETH, parameters);
        vm.stopPrank();
        _after(2 days);

        vm.startPrank(guardian);
        _expectUnauthorized();
        risk.setState(ETH, MarketState.CloseOnly);
        _expectUnauthorized();
        risk.initialize(ETH, parameters);
        _expectUnauthorized();
        risk.propose(ETH, parameters);
        _expectUnauthorized();
        risk.accept(ETH);
        _expectUnauthorized();
        risk.cancel(ETH);
        _expectUnauthorized();
        risk.grantRoles(mallory, 1);
        vm.expectEmit(address(risk));
        emit IRiskRegistry.MarketStateChanged(ETH, MarketState.Paused);
        risk.pause(ETH);
        assertTrue(risk.stateOf(ETH) == MarketState.Paused, "paused");
        _expectUnauthorized();
        risk.setState(ETH, MarketState.Open);
        vm.stopPrank();
        assertTrue(risk.stateOf(ETH) == MarketState.Paused, "no guardian opens it again");
    }

    function test_Guardian_PausesAMarketThatOnlyCloses() public {
        vm.prank(owner);
        risk.setState(ETH, MarketState.CloseOnly);
        vm.prank(guardian);
        risk.pause(ETH);
        assertTrue(risk.stateOf(ETH) == MarketState.Paused, "paused");
    }

    function test_Guardian_WhoWasRemovedPausesNoMore() public {
        uint256 role = risk.GUARDIAN();
        vm.prank(owner);
        risk.revokeRoles(guardian, role);
        vm.prank(guardian);
        _expectUnauthorized();
        risk.pause(ETH);
    }

    function test_Owner_SetsEachState() public {
        MarketState[4] memory states = [MarketState.CloseOnly, MarketState.Paused, MarketState.Open, MarketState.Paused];
        for (uint256 i; i < states.length; ++i) {
            vm.expectEmit(address(risk));
            emit IRiskRegistry.MarketStateChanged(ETH, states[i]);
            vm.prank(owner);
            risk.setState(ETH, states[i]);
            assertTrue(risk.stateOf(ETH) == states[i], "the state");
        }
        vm.prank(owner);
        risk.pause(ETH);
    }

    /// Neither time, nor a change of parameters, nor anyone but the owner opens a market.
    function testFuzz_State_NeverReopensByItself(uint256 seed) public {
        vm.prank(guardian);
        risk.pause(ETH);
        MarketRisk memory parameters = _parameters();
        for (uint256 i; i < 20; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            _after(seed >> 128 & 0xfffff);
            address caller = seed & 1 == 0 ? guardian : mallory;
            // Calls that fail are part of the mix: whatever happens, the state stays.
            bytes[6] memory calls = [
                abi.encodeCall(risk.pause, (ETH)),
                abi.encodeCall(risk.setState, (ETH, MarketState.Open)),
                abi.encodeCall(risk.accept, (ETH)),
                abi.encodeCall(risk.cancel, (ETH)),
                abi.encodeCall(risk.propose, (ETH, parameters)),
                abi.encodeCall(risk.initialize, (ETH, parameters))
            ];
            uint256 which = (seed >> 8) % 6;
            if (which == 2 || which == 4) caller = owner;
            vm.prank(caller);
            (bool ok,) = address(risk).call(calls[which]);
            if (which == 1 || which == 3 || which == 5) assertFalse(ok, "not theirs");
            assertTrue(risk.stateOf(ETH) == MarketState.Paused, "still paused");
        }
    }

    function test_RevertWhen_AnyoneElseCalls() public {
        MarketRisk memory parameters = _parameters();
        vm.startPrank(mallory);
        _expectUnauthorized();
        risk.initialize(ETH, parameters);
        _expectUnauthorized();
        risk.propose(ETH, parameters);
        _expectUnauthorized();
        risk.accept(ETH);
        _expectUnauthorized();
        risk.cancel(ETH);
        _expectUnauthorized();
        risk.pause(ETH);
        _expectUnauthorized();
        risk.setState(ETH, MarketState.Open);
        vm.stopPrank();
    }

    function test_RevertWhen_TheMarketIsUnknown() public {
        MarketRisk memory parameters = _parameters();
        vm.startPrank(owner);
        _expectUnknown();
        risk.initialize(UNKNOWN, parameters);
        _expectUnknown();
        risk.propose(UNKNOWN, parameters);
        _expectUnknown();
        risk.pause(UNKNOWN);
        _expectUnknown();
        risk.setState(UNKNOWN, MarketState.Paused);
        vm.stopPrank();
        _expectUnknown();
        risk.pricesOf(UNKNOWN);
    }

    /* HELPERS */

    /// @dev Every field another number.
    function _parameters() private pure returns (MarketRisk memory parameters) {
        parameters.initialMarginBps = 2000;
        parameters.maintenanceMarginBps = 700;
        parameters.nettedFeePpm = 100;
        parameters.pooledFeePpm = 500;
        parameters.protocolShareBps = 3000;
        parameters.liquidationFeeBps = 250;
        parameters.keeperShareBps = 4000;
        parameters.priceBandBps = 300;
        parameters.maxDeviationBps = 1100;
        parameters.maxFundingBpsPerDay = 600;
        parameters.twapSeconds = 60;
        parameters.feedMaxAge = 1800;
        parameters.minOrderSize = 0.01e18;
        parameters.maxOpenInterest = 5000e18;
        parameters.maxSkew = 900e18;
    }

    function _expectUnauthorized() private {
        vm.expectRevert(Ownable.Unauthorized.selector);
    }

    function _expectUnknown() private {
        vm.expectRevert(abi.encodeWithSelector(IMarketRegistry.MarketRegistry_UnknownMarket.selector, UNKNOWN));
    }

    function _expectNothingProposed() private {
        vm.expectRevert(abi.encodeWithSelector(IRiskRegistry.RiskRegistry_NothingProposed.selector, ETH));
    }

    function _expectInUse() private {
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(IRiskRegistry.RiskRegistry_AlreadyInUse.selector, ETH));
    }
}
