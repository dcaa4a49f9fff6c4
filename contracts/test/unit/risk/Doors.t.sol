// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IMarketRegistry } from "../../../interfaces/IMarketRegistry.sol";
import { IPerpClearingHouse } from "../../../interfaces/IPerpClearingHouse.sol";
import { IPerpEvents } from "../../../interfaces/IPerpEvents.sol";
import { MarketId } from "../../../types/MarketId.sol";
import { RejectReason } from "../../../types/RejectReason.sol";
import { LiquidationTest } from "../../utils/LiquidationTest.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice The two doors of a liquidation: the one that checks, and the one that reads nothing. States of markets: DoorStates.t.sol.
contract DoorsTest is LiquidationTest {
    /* THE WORD */

    /// account × 2^96 + size.
    function testFuzz_LiquidationOf_PacksAccountAndSize(address account, uint96 size) public {
        vm.assume(account != address(0) && size != 0);
        assertEq(
            netted.house.liquidationOf(account, size), uint256(uint160(account)) * 2 ** 96 + size, "the packed word"
        );
        assertEq(direct.house.liquidationOf(account, size), netted.house.liquidationOf(account, size), "of both houses");
    }

    function test_RevertWhen_TheWordWouldBeAnotherOrder() public {
        vm.expectRevert(IPerpClearingHouse.ClearingHouse_NoAccount.selector);
        netted.house.liquidationOf(address(0), 1e18);
        vm.expectRevert(IPerpClearingHouse.ClearingHouse_ZeroSize.selector);
        netted.house.liquidationOf(alice, 0);
        vm.expectRevert(abi.encodeWithSelector(IPerpClearingHouse.ClearingHouse_SizeTooLarge.selector, 1 << 96, ALL));
        netted.house.liquidationOf(alice, 1 << 96);
    }

    /// 2^96 and more is a liquidation only without any other term: with a limit, a deadline or isOpen, alone or together, it is an
    /// order that is too large. At both houses.
    function test_RevertWhen_AWordHasOtherTerms() public {
        uint256 deadline = vm.getBlockTimestamp() + 1;
        for (uint256 terms = 1; terms < 8; ++terms) {
            _expectTooLarge(1 << 96, terms, 1, deadline);
            _expectTooLarge(netted.house.liquidationOf(alice, ALL), terms, type(uint128).max, type(uint40).max);
        }
    }

    function testFuzz_RevertWhen_AWordHasOtherTerms(uint256 word, uint256 terms, uint256 limit, uint256 deadline)
        public
    {
        _expectTooLarge(
            bound(word, 1 << 96, type(uint256).max),
            bound(terms, 1, 7),
            bound(limit, 1, type(uint128).max),
            bound(deadline, vm.getBlockTimestamp(), type(uint40).max)
        );
    }

    /// @dev Bits of `terms`: a limit, a deadline, isOpen.
    function _expectTooLarge(uint256 word, uint256 terms, uint256 limit, uint256 deadline) private {
        bytes memory error_ = abi.encodeWithSelector(IPerpClearingHouse.ClearingHouse_SizeTooLarge.selector, word, ALL);
        if (terms & 1 == 0) limit = 0;
        if (terms & 2 == 0) deadline = 0;
        IPerpClearingHouse[2] memory houses = [netted.house, direct.house];
        for (uint256 i; i < 2; ++i) {
            vm.expectRevert(error_);
            vm.prank(keeper, keeper);
            houses[i].changePosition(ETH, terms & 4 != 0, true, word, limit, deadline);
        }
    }

    function test_RevertWhen_AWordHasNoSize() public {
        vm.expectRevert(IPerpClearingHouse.ClearingHouse_ZeroSize.selector);
        vm.prank(keeper, keeper);
        netted.house.changePosition(ETH, false, true, uint256(uint160(alice)) << 96, 0, 0);
    }

    /// One less is the largest order there is, and the caller's own.
    function test_ASizeBelowTheWords_IsTheCallersOwnClose() public {
        _trade(alice, ETH, true, 1e18);
        _change(alice, ETH, false, true, ALL, 0);
        _settleNextBlock();
        assertEq(_base(alice, ETH), 0, "closed");
    }

    /* WHAT IS QUEUED */

    /// Unread: just what the keeper says. It is rejected, because the account is healthy, and nothing happens to it.
    function test_Unread_IsQueuedAsSaidAndRejected() public {
        _trade(alice, ETH, true, 1e18);
        vm.recordLogs();
        _liquidate(keeper, alice, ETH, true, 3e18);
        _assertQueued(vm.getRecordedLogs(), alice, true, 3e18, keeper);
        assertEq(netted.engine.swapTotals(_queue(ETH, false).KEY()), 3e18, "on the sellers' side");
        assertEq(_rejectedBySettle(RejectReason.NotLiquidatable), 1, "healthy");
        assertEq(_base(alice, ETH), 1e18, "untouched");
        assertEq(netted.engine.swapTotals(_queue(ETH, false).KEY()), 0, "nothing waits");
    }

    /// A short's liquidation buys.
    function test_Unread_OfAShortJoinsTheBuyers() public {
        _liquidate(keeper, alice, ETH, false, 3e18);
        assertEq(netted.engine.swapTotals(_queue(ETH, true).KEY()), 3e18, "on the buyers' side");
    }

    /// Checked: the side is read, and the size capped.
    function test_Checked_TakesSideAndSizeFromThePosition() public {
        _trade(alice, ETH, false, 4.2e18);
        _setPrice(ETH, 2209e18);
        vm.recordLogs();
        vm.prank(keeper);
        netted.house.liquidate(alice, ETH, type(uint256).max);
        _assertQueued(vm.getRecordedLogs(), alice, false, 4.2e18, keeper);
        vm.recordLogs();
        vm.prank(keeper);
        netted.house.liquidate(alice, ETH, 1e18);
        _assertQueued(vm.getRecordedLogs(), alice, false, 1e18, keeper);
    }

    /// A wallet may be a keeper, by the door that checks.
    function test_Checked_TakesContracts() public {
        _trade(alice, ETH, true, 4.2e18);
        _setPrice(ETH, 1849e18);
        vm.prank(address(netted.vault));
        netted.house.liquidate(alice, ETH, ALL);
        assertEq(netted.engine.swapTotals(_queue(ETH, false).KEY()), 4.2e18, "queued");
    }

    /* REFUSALS */

    /// 4 at 1849 are worth 604 less than they cost: 396 of equity, above 5 % of 7396 = 369.8.
    function test_RevertWhen_TheAccountIsHealthy() public {
        _trade(alice, ETH, true, 4e18);
        _setPrice(ETH, 1849e18);
        vm.expectRevert(
            abi.encodeWithSelector(
                IPerpClearingHouse.ClearingHouse_NotLiquidatable.selector, alice, int256(396e18), 369.8e18
            )
        );
        netted.house.liquidate(alice, ETH, ALL);
        vm.expectRevert(
            abi.encodeWithSelector(IPerpClearingHouse.ClearingHouse_NotLiquidatable.selector, keeper, int256(0), 0)
        );
        netted.house.liquidate(keeper, ETH, ALL);
    }

    function test_RevertWhen_ThereIsNothingToLiquidate() public {
        _trade(alice, ETH, true, 4.2e18);
        _setPrice(ETH, 1849e18);
        vm.expectRevert(abi.encodeWithSelector(IPerpClearingHouse.ClearingHouse_NothingToClose.selector, alice, BTC));
        netted.house.liquidate(alice, BTC, ALL);
        vm.expectRevert(IPerpClearingHouse.ClearingHouse_ZeroSize.selector);
        netted.house.liquidate(alice, ETH, 0);
        vm.expectRevert(abi.encodeWithSelector(IMarketRegistry.MarketRegistry_UnknownMarket.selector, 7));
        netted.house.liquidate(alice, MarketId.wrap(7), ALL);
    }

    /// The unread door takes externally owned accounts alone, as for every order.
    function test_RevertWhen_AContractLiquidatesUnread() public {
        uint256 word = netted.house.liquidationOf(alice, 1e18);
        vm.expectRevert(
            abi.encodeWithSelector(IPerpClearingHouse.ClearingHouse_OnlyOrigin.selector, address(netted.vault))
        );
        vm.prank(address(netted.vault), keeper);
        netted.house.changePosition(ETH, false, true, word, 0, 0);
    }

    function _assertQueued(Vm.Log[] memory logs, address account, bool isLong, uint256 size, address by) private pure {
        uint256 found;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != IPerpEvents.LiquidationQueued.selector) continue;
            ++found;
            (bool side, uint256 most, address keeper_,) = abi.decode(logs[i].data, (bool, uint256, address, bytes32));
            assertEq(address(uint160(uint256(logs[i].topics[2]))), account, "the account");
            assertEq(uint256(logs[i].topics[3]), 0, "the market");
            assertEq(side, isLong, "the side of its position");
            assertEq(most, size, "the most that closes");
            assertEq(keeper_, by, "the keeper");
        }
        assertEq(found, 1, "one liquidation was queued");
    }
}
