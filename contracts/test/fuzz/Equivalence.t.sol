// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { ICollateralVault } from "../../interfaces/ICollateralVault.sol";
import { IPerpClearingHouse } from "../../interfaces/IPerpClearingHouse.sol";
import { BaseTest } from "../Base.t.sol";
import { Defaults } from "../utils/Defaults.sol";

/// @notice The same orders through the netting house and the baseline.
contract EquivalenceFuzzTest is BaseTest {
    uint256 internal constant TRADERS = 5;
    uint256 internal constant COLLATERAL = 1_000_000 * Defaults.USDC;

    address[TRADERS] internal traders;

    function setUp() public override {
        super.setUp();
        for (uint256 i; i < TRADERS; ++i) {
            traders[i] = makeAddr(string.concat("trader ", vm.toString(i)));
            _deposit(netted, traders[i], COLLATERAL);
            _deposit(direct, traders[i], COLLATERAL);
        }
    }

    /// Nothing nets in a one-sided batch: both houses give every order its size, and the pool ends at the same price. In the
    /// baseline the first is cheapest; the batch's total is the same but for rounding.
    function testFuzz_OneSidedOrders(uint80[TRADERS] memory sizes, bool isLong) public {
        uint256 total = _open(sizes, isLong, isLong);
        int256 paidNetted;
        int256 paidDirect;
        for (uint256 i; i < TRADERS; ++i) {
            (int256 base, int256 quote,) = netted.house.getPosition(traders[i], ETH);
            (int256 otherBase, int256 otherQuote,) = direct.house.getPosition(traders[i], ETH);
            assertEq(base, otherBase, "the same position in both houses");
            paidNetted += quote;
            paidDirect += otherQuote;
        }
        assertGt(total, 0, "there were orders");
        // Each of the five swaps rounds to wei of quote and of base.
        assertApproxEqAbs(paidNetted, paidDirect, 5 * 2 * 2200, "the same quote in all");
        // The fee is taken of each swap's base and rounded up: up to a wei of 1e22 each.
        assertApproxEqRel(
            netted.house.getMarkPrice(ETH), direct.house.getMarkPrice(ETH), 1e3, "the pool ends at the same price"
        );
    }

    /// Orders of both sides: the same sizes, and whoever nets pays less than in the pool.
    function testFuzz_TwoSidedOrders(uint80[TRADERS] memory sizes) public {
        _open(sizes, true, false);
        int256 sumNetted;
        int256 sumDirect;
        for (uint256 i; i < TRADERS; ++i) {
            (int256 base, int256 quote,) = netted.house.getPosition(traders[i], ETH);
            (int256 otherBase, int256 otherQuote,) = direct.house.getPosition(traders[i], ETH);
            assertEq(base, otherBase, "the same position in both houses");
            sumNetted += quote;
            sumDirect += otherQuote;
        }
        assertGe(sumNetted + 5, sumDirect, "netting costs the traders together no more than the pool");
    }

    /// After everybody has closed and taken out what there is, each vault has what it owes.
    function testFuzz_BothVaultsStaySolvent(uint80[TRADERS] memory sizes, bool isLong) public {
        _open(sizes, isLong, !isLong);
        for (uint256 i; i < TRADERS; ++i) {
            (int256 base,,) = direct.house.getPosition(traders[i], ETH);
            if (base == 0) continue;
            vm.prank(traders[i]);
            netted.house.closePosition(ETH, type(uint96).max, 0, 0);
            vm.prank(traders[i]);
            direct.house.closePosition(ETH, type(uint96).max, 0, 0);
        }
        _settleNextBlock();
        _leave(netted);
        _leave(direct);
    }

    /// @dev All withdraw all. Losers first, as their losses are what winners get.
    function _leave(System memory system) private {
        _nextBlock();
        uint256 left;
        for (uint256 round; round < 2; ++round) {
            for (uint256 i; i < TRADERS; ++i) {
                IPerpClearingHouse.Account memory account = system.house.getAccount(traders[i]);
                assertEq(account.openNotional, 0, "all is closed");
                bool isLoser = account.collateral < int256(COLLATERAL * 1e12);
                if (isLoser != (round == 0)) continue;
                uint256 amount = account.withdrawable / 1e12;
                left += account.withdrawable % 1e12;
                if (amount == 0) continue;
                vm.prank(traders[i]);
                system.house.withdraw(amount);
                assertEq(system.vault.badDebtOf(traders[i]), 0, "nobody lost more than there was");
            }
        }
        ICollateralVault vault = system.vault;
        int256 owed = vault.fund() + int256(left);
        assertEq(
            int256(usdc.balanceOf(address(vault)) * 1e12), owed, "what is left is the fund's and fractions of a unit"
        );
        assertGe(vault.fund(), -int256(TRADERS), "the pool's fees stay with the fund, not a debt");
    }

    /// @dev Trader i opens sizes[i]; the even ones on one side, the odd ones on the other.
    function _open(uint80[TRADERS] memory sizes, bool evenIsLong, bool oddIsLong) private returns (uint256 total) {
        _nextBlock();
        for (uint256 i; i < TRADERS; ++i) {
            uint256 size = bound(sizes[i], 1e12, 40e18);
            bool isLong = i % 2 == 0 ? evenIsLong : oddIsLong;
            total += size;
            vm.prank(traders[i]);
            netted.house.openPosition(ETH, isLong, size, 0, 0);
            vm.prank(traders[i]);
            direct.house.openPosition(ETH, isLong, size, 0, 0);
        }
        assertEq(_settleNextBlock(), TRADERS, "all orders settled");
    }
}
