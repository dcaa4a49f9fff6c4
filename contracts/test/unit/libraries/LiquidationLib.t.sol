// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { LiquidationLib } from "../../../libraries/LiquidationLib.sol";
import { PerpMath } from "../../../libraries/PerpMath.sol";
import { MarketRisk } from "../../../types/MarketRisk.sol";
import { Test } from "forge-std/Test.sol";

contract LiquidationLibTest is Test {
    MarketRisk internal risk;

    function setUp() public {
        (risk.initialMarginBps, risk.maintenanceMarginBps) = (1000, 500);
        (risk.liquidationFeeBps, risk.keeperShareBps) = (150, 5000);
    }

    /// 410.78 are missing; a base closed at 1849 frees 184.9 - 27.735 = 157.165: 2.61368625330067126999...
    function test_Amount_RoundsUp() public view {
        assertEq(_amount(365.8e18, 776.58e18, 1849e18, 4.2e18), 2_613_686_253_300_671_270, "a part");
    }

    function test_Amount_NothingMissingNothingClosed() public view {
        assertEq(_amount(776.58e18, 776.58e18, 1849e18, 4.2e18), 0, "exactly there");
        assertEq(_amount(776.58e18 - 1, 776.58e18, 1849e18, 4.2e18), 1, "a wei is missing: a wei of base");
    }

    /// 157.165 a base: 4.2 bring 660.093.
    function test_Amount_AllWhenNoPartRestores() public view {
        assertEq(_amount(116.487e18, 776.58e18, 1849e18, 4.2e18), 4.2e18, "660.093 missing: all of it");
        assertEq(_amount(116.487e18 + 1e6, 776.58e18, 1849e18, 4.2e18), 4.2e18 - 6362, "a little less: a little stays");
        assertEq(_amount(0, 776.58e18, 1849e18, 4.2e18), 4.2e18, "nothing left");
        assertEq(_amount(-1, 776.58e18, 1849e18, 4.2e18), 4.2e18, "less than nothing");
    }

    /// A fee as large as the margin that it frees restores nothing.
    function test_Amount_AllWhenTheFeeEatsTheMargin() public {
        (risk.initialMarginBps, risk.maintenanceMarginBps) = (150, 149);
        assertEq(_amount(1, 2, 1849e18, 4.2e18), 4.2e18, "all");
    }

    /// 4.2 - 2.6137 = 1.586313746699328730 stay, unless that is less than the least order.
    function test_Amount_NoRestBelowTheLeastOrder() public {
        risk.minOrderSize = 1_586_313_746_699_328_730;
        assertEq(_amount(365.8e18, 776.58e18, 1849e18, 4.2e18), 2_613_686_253_300_671_270, "exactly the least");
        risk.minOrderSize += 1;
        assertEq(_amount(365.8e18, 776.58e18, 1849e18, 4.2e18), 4.2e18, "a wei less than that");
    }

    /// It nets at 1830.51, 1 % below the mark: a base costs 18.49 and 1.5 % of 1830.51 = 27.45765, and frees 184.9. 410.78 are
    /// missing: 410.78 / 138.95235 = 2.956265568819...
    function test_Amount_IsSizedForWhereItNets() public view {
        uint256 amount =
            _amountAt(365.8e18, 776.58e18, LiquidationLib.Closing(true, 4.2e18, 1849e18, 1830.51e18, 1830.51e18));
        assertEq(amount, _ratioUp(410.78e18, 138.95235e18), "410.78 / 138.95235");
        assertEq(amount / 1e12, 2_956_265, "2.956265");
        // A short that nets 1 % above the mark: 18.49 and 1.5 % of 1867.49 = 28.01235 of 184.9.
        amount = _amountAt(365.8e18, 776.58e18, LiquidationLib.Closing(false, 4.2e18, 1849e18, 1867.49e18, 1867.49e18));
        assertEq(amount, _ratioUp(410.78e18, 138.39765e18), "410.78 / 138.39765");
        // A better price than the mark: its profit is not counted on.
        amount = _amountAt(365.8e18, 776.58e18, LiquidationLib.Closing(true, 4.2e18, 1849e18, 1867.49e18, 1849e18));
        assertEq(amount, 2_613_686_253_300_671_270, "as at the mark");
    }

    /// At its worst price w the part of 2.6137 costs 1849 - 0.985 w a base, and frees 92.45 of maintenance margin, of which 365.8 are
    /// short by 22.49: 92.45 - (1849 - 0.985 w) >= 22.49 / 2.613686... = 8.604705... holds from w = 1792.0352... on.
    function test_Amount_AllWhenTheWorstFillWouldLeaveTooLittle() public view {
        LiquidationLib.Closing memory closing = LiquidationLib.Closing(true, 4.2e18, 1849e18, 1849e18, 1793e18);
        assertEq(_amountAt(365.8e18, 776.58e18, closing), 2_613_686_253_300_671_270, "a part keeps the margin");
        closing.worstPrice = 1792e18;
        assertEq(_amountAt(365.8e18, 776.58e18, closing), 4.2e18, "no part is sure to");
    }

    /// What closed in another market before this restores the account by its mid price, 100 against 90, and not at its worst, 40 against
    /// a maintenance margin of 45: this is closed too. At 46 it stays.
    function test_Amount_AllWhereWhatClosedBeforeMayHaveFilledBadly() public view {
        LiquidationLib.Closing memory closing = LiquidationLib.Closing(true, 4.2e18, 1849e18, 1849e18, 1849e18);
        LiquidationLib.Account memory account = LiquidationLib.Account(100e18, 40e18, 90e18, 45e18);
        assertEq(LiquidationLib.amount(account, closing, risk), 4.2e18, "all");
        account.worstEquity = 46e18;
        assertEq(LiquidationLib.amount(account, closing, risk), 0, "none");
    }

    /// 1.5 % of 7.000000000000000001 is 0.105000000000000000015, rounded up; half of it is rounded down.
    function test_Fee_RoundsUpAndTheRewardDown() public view {
        (uint256 total, uint256 reward) = LiquidationLib.fee(7e18 + 1, risk);
        assertEq(total, 0.105e18 + 1, "up");
        assertEq(reward, 0.0525e18, "down");
    }

    /// After closing the amount at the mark, equity meets the initial margin, or nothing is left. Never more than the position,
    /// and with a smaller amount it would not: less 2 wei of rounding it is the least.
    function testFuzz_Amount_RestoresAndNoMore(uint256 size, uint256 mark, uint256 equity) public view {
        size = bound(size, 1e9, type(uint96).max);
        mark = bound(mark, 1e12, 1e26);
        uint256 initial = PerpMath.ratioOf(PerpMath.notional(int256(size), mark), 1000);
        equity = bound(equity, 1, initial - 1);
        uint256 amount = _amount(int256(equity), initial, mark, size);
        assertGt(amount, 0, "something is missing");
        assertLe(amount, size, "never more than there is");
        if (amount == size) return;
        assertGe(_excess(equity, size - amount, amount, mark), -4, "restored, but for the rounding of margins and fee");
        uint256 less = amount - 1 - amount / 1e9;
        if (amount > 1e12 && mark > 1e18) {
            assertLt(_excess(equity, size - less, less, mark), 4, "with less it would not be");
        }
    }

    /// No input reverts: settlement would stop.
    function testFuzz_Amount_NeverReverts(int256 equity, uint256 initial, uint256 mark, uint256 size, uint96 least)
        public
    {
        risk.minOrderSize = least;
        initial = bound(initial, 0, type(uint240).max);
        equity = bound(equity, -int256(uint256(type(uint240).max)), int256(uint256(type(uint240).max)));
        mark = bound(mark, 0, 1 << 180);
        size = bound(size, 0, type(uint128).max);
        assertLe(_amount(equity, initial, mark, size), size, "never more than there is");
    }

    /// @dev Equity less initial margin once `closed` was closed at the mark and `rest` stays.
    function _excess(uint256 equity, uint256 rest, uint256 closed, uint256 mark) private view returns (int256) {
        (uint256 fee,) = LiquidationLib.fee(PerpMath.notional(int256(closed), mark), risk);
        uint256 initial = PerpMath.ratioOf(PerpMath.notional(int256(rest), mark), 1000);
        return int256(equity) - int256(fee) - int256(initial);
    }

    function _ratioUp(uint256 dividend, uint256 divisor) private pure returns (uint256) {
        return (dividend * 1e18 + divisor - 1) / divisor;
    }

    function _amount(int256 equity, uint256 initial, uint256 mark, uint256 size) private view returns (uint256) {
        return _amountAt(equity, initial, LiquidationLib.Closing(true, size, mark, mark, mark));
    }

    /// @dev An account whose maintenance margin is half of its initial margin, as the ratios say.
    function _amountAt(int256 equity, uint256 initial, LiquidationLib.Closing memory closing)
        private
        view
        returns (uint256)
    {
        return LiquidationLib.amount(LiquidationLib.Account(equity, equity, initial, initial / 2), closing, risk);
    }
}
