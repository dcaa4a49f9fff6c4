// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpClearingHouse } from "../../../interfaces/IPerpClearingHouse.sol";
import { IPerpEvents } from "../../../interfaces/IPerpEvents.sol";
import { Defaults } from "../../utils/Defaults.sol";
import { LiquidationTest } from "../../utils/LiquidationTest.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice Who may trade for whom. alice has 1,000 USDC on both houses.
contract OperatorsTest is LiquidationTest {
    address private operator = makeAddr("operator");

    function setUp() public override {
        super.setUp();
        _deposit(direct, alice, Defaults.COLLATERAL);
        _nextBlock();
    }

    function _allow(IPerpClearingHouse house, bool isAllowed) private {
        vm.prank(alice);
        house.setOperator(operator, isAllowed);
    }

    function _houses() private view returns (IPerpClearingHouse[2] memory) {
        return [netted.house, direct.house];
    }

    /* TRADING */

    function test_Operator_OpensAndClosesForATrader() public {
        _allow(netted.house, true);
        vm.recordLogs();
        vm.prank(operator);
        netted.house.openPositionFor(alice, ETH, true, 1e18, 0, 0);
        assertEq(_queuedTrader(vm.getRecordedLogs()), alice, "the order is the trader's");
        _settleNextBlock();
        assertEq(_base(alice, ETH), 1e18, "and so is the position");
        assertEq(_base(operator, ETH), 0, "the operator has none");

        vm.prank(operator);
        netted.house.closePositionFor(alice, ETH, ALL, 0, 0);
        _settleNextBlock();
        assertEq(_base(alice, ETH), 0, "it closes too");
    }

    function test_Operator_TradesOnTheBaselineToo() public {
        _allow(direct.house, true);
        vm.startPrank(operator);
        direct.house.openPositionFor(alice, ETH, false, 1e18, 0, 0);
        (int256 base,,) = direct.house.getPosition(alice, ETH);
        assertEq(base, -1e18, "a short of the trader's");
        direct.house.closePositionFor(alice, ETH, ALL, 0, 0);
        (base,,) = direct.house.getPosition(alice, ETH);
        assertEq(base, 0, "closed");
        vm.stopPrank();
    }

    /// The trader's own margin is what counts, not the operator's.
    function test_Operator_IsBoundByTheTradersMargin() public {
        _deposit(netted, operator, 100 * Defaults.COLLATERAL);
        _allow(netted.house, true);
        vm.expectPartialRevert(IPerpClearingHouse.ClearingHouse_MarginTooLow.selector);
        vm.prank(operator);
        netted.house.openPositionFor(alice, ETH, true, 5e18, 0, 0);
    }

    function test_Trader_NeedsNobodysLeaveForItself() public {
        vm.prank(alice);
        netted.house.openPositionFor(alice, ETH, true, 1e18, 0, 0);
        assertEq(_settleNextBlock(), 1, "queued");
        assertEq(_base(alice, ETH), 1e18, "filled");
    }

    /* LEAVE */

    function test_SetOperator_SaysSo() public {
        vm.expectEmit(address(netted.house));
        emit IPerpClearingHouse.OperatorSet(alice, operator, true);
        _allow(netted.house, true);
        assertTrue(netted.house.isOperator(alice, operator), "allowed");
        assertFalse(netted.house.isOperator(operator, alice), "not the other way round");
        vm.expectEmit(address(netted.house));
        emit IPerpClearingHouse.OperatorSet(alice, operator, false);
        _allow(netted.house, false);
        assertFalse(netted.house.isOperator(alice, operator), "taken back");
    }

    /// Never allowed; allowed and taken back; allowed by somebody else; operator of the operator.
    function test_RevertWhen_ThereIsNoLeave() public {
        for (uint256 i; i < 2; ++i) {
            IPerpClearingHouse house = _houses()[i];
            _expectRefusal(house, operator);
            _allow(house, true);
            _allow(house, false);
            _expectRefusal(house, operator);
            vm.prank(bob);
            house.setOperator(operator, true);
            _expectRefusal(house, operator);
            _allow(house, true);
            vm.prank(operator);
            house.setOperator(second, true);
            _expectRefusal(house, second);
        }
    }

    function _expectRefusal(IPerpClearingHouse house, address by) private {
        bytes memory error_ = abi.encodeWithSelector(IPerpClearingHouse.ClearingHouse_NotOperator.selector, alice, by);
        vm.startPrank(by);
        vm.expectRevert(error_);
        house.openPositionFor(alice, ETH, true, 1e18, 0, 0);
        vm.expectRevert(error_);
        house.closePositionFor(alice, ETH, 1e18, 0, 0);
        vm.stopPrank();
    }

    /* COLLATERAL */

    /// Whatever an operator does, trades included: the trader's collateral stays in the vault and nothing is paid to anyone. 32
    /// actions of the operator, each of which succeeds or reverts as it may.
    function testFuzz_Operator_NeverWithdraws(uint256 seed) public {
        _allow(netted.house, true);
        uint256 held = usdc.balanceOf(address(netted.vault));
        for (uint256 i; i < 32; ++i) {
            uint256 word = uint256(keccak256(abi.encode(seed, i)));
            vm.prank(operator, operator);
            (bool ok,) = address(netted.house).call(_action(word));
            if (word % 11 < 6) assertFalse(ok, "what is not a trade is refused");
            if (i % 4 == 3) _settleNextBlock();
            assertEq(usdc.balanceOf(address(netted.vault)), held, "no token left the vault");
            assertEq(netted.vault.getBalance(alice), 1000e18, "alice's balance is untouched");
            assertEq(netted.vault.getBalance(operator), 0, "the operator gained none");
        }
    }

    /// @dev 0 to 5 would move collateral or act as alice, 6 to 10 are trades.
    function _action(uint256 word) private view returns (bytes memory) {
        uint256 kind = word % 11;
        uint256 amount = (word >> 8) % (1000 * Defaults.USDC) + 1;
        uint256 size = (word >> 8) % 2e18 + 1;
        if (kind == 0) return abi.encodeCall(IPerpClearingHouse.withdraw, (amount));
        if (kind == 1) return abi.encodeCall(IPerpClearingHouse.collectFees, (operator, amount));
        if (kind == 2) return abi.encodeCall(IPerpClearingHouse.deposit, (amount));
        if (kind == 3) return abi.encodeCall(IPerpClearingHouse.openPositionFor, (bob, ETH, true, size, 0, 0));
        if (kind == 4) return abi.encodeCall(IPerpClearingHouse.closePositionFor, (bob, ETH, size, 0, 0));
        if (kind == 5) return abi.encodeCall(IPerpClearingHouse.liquidate, (operator, ETH, size));
        if (kind < 9) {
            return abi.encodeCall(IPerpClearingHouse.openPositionFor, (alice, ETH, kind == 7, size, 0, 0));
        }
        return abi.encodeCall(IPerpClearingHouse.closePositionFor, (alice, ETH, size, 0, 0));
    }

    function _queuedTrader(Vm.Log[] memory logs) private pure returns (address trader) {
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == IPerpEvents.OrderQueued.selector) {
                trader = address(uint160(uint256(logs[i].topics[2])));
            }
        }
    }
}
