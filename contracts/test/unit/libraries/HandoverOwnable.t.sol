// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { HandoverOwnable } from "../../../libraries/HandoverOwnable.sol";
import { SwapRouter } from "../../../perp/SwapRouter.sol";
import { RiskTest } from "../../utils/RiskTest.sol";
import { Ownable } from "solady/auth/Ownable.sol";

/// @notice How each contract with a powerful owner changes hands.
contract HandoverOwnableTest is RiskTest {
    address internal next = makeAddr("next owner");
    address[3] internal owned;

    function setUp() public override {
        super.setUp();
        owned = [address(risk), address(registry), address(new SwapRouter(address(factory), address(1), owner))];
    }

    function test_Handover_TakesBothOwners() public {
        for (uint256 i; i < 3; ++i) {
            HandoverOwnable it = HandoverOwnable(owned[i]);
            vm.prank(owner);
            vm.expectRevert(Ownable.NoHandoverRequest.selector);
            it.completeOwnershipHandover(next);
            vm.prank(next);
            it.requestOwnershipHandover();
            assertEq(it.owner(), owner, "asking changes nothing");
            vm.prank(next);
            vm.expectRevert(Ownable.Unauthorized.selector);
            it.completeOwnershipHandover(next);
            vm.prank(owner);
            it.completeOwnershipHandover(next);
            assertEq(it.owner(), next, "until the owner agrees");
        }
    }

    function test_RevertWhen_TheOwnerWouldChangeInOneStep() public {
        address[2] memory callers = [owner, next];
        for (uint256 i; i < 6; ++i) {
            HandoverOwnable it = HandoverOwnable(owned[i / 2]);
            vm.startPrank(callers[i % 2]);
            vm.expectRevert(HandoverOwnable.HandoverOwnable_TwoStepsOnly.selector);
            it.transferOwnership(next);
            vm.expectRevert(HandoverOwnable.HandoverOwnable_TwoStepsOnly.selector);
            it.renounceOwnership();
            vm.stopPrank();
            assertEq(it.owner(), owner, "the owner stays");
        }
    }
}
