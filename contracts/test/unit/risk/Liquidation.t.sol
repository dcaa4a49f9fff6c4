// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpClearingHouse } from "../../../interfaces/IPerpClearingHouse.sol";
import { RejectReason } from "../../../types/RejectReason.sol";
import { LiquidationTest } from "../../utils/LiquidationTest.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice Liquidations with real numbers: what they close, what they cost, and who gets it. docs/risk.md quotes them.
/// @dev Maintenance is 5 % and initial margin 10 %; the fee is 1.5 %, half of it the keeper's.
contract LiquidationWorkedTest is LiquidationTest {
    /// alice holds 4.2 from 2000 with 1000 of collateral. At 1849: E = 1000 - 4.2 x 151 = 365.8, below 5 % of 7765.8 = 388.29.
    /// 10 % of it, 776.58, are short by 410.78. Each base closed frees 184.9 and costs 27.735, so that 410.78 / 157.165 =
    /// 2.613686253300671270 restore the account. It pays 1.5 % of 4832.705882352941178230 = 72.490588235294117674.
    function test_Partial_RestoresTheInitialMargin() public {
        _trade(alice, ETH, true, 4.2e18);
        _setPrice(ETH, 1849e18);
        assertEq(netted.house.getAccount(alice).equity, 365.8e18, "1000 - 634.2");
        assertEq(netted.house.getAccount(alice).maintenanceMargin, 388.29e18, "5 % of 7765.8");
        Vm.Log[] memory logs = _liquidateAgainstBob(ALL, uint256(PART));

        assertEq(_base(alice, ETH), 4.2e18 - PART, "a part is closed");
        (address by, uint256 fee, uint256 reward) = _fees(logs);
        assertEq(by, keeper, "by the keeper");
        assertEq(fee, FEE, "1.5 % of the quote, rounded up");
        assertEq(reward, FEE / 2, "half of it");
        assertEq(_insuranceOf(ETH), FEE / 2, "the other half");
        assertEq(_countSwaps(logs, netted, ETH), 0, "it nets with bob's order: the pool is not touched");

        IPerpClearingHouse.Account memory account = netted.house.getAccount(alice);
        assertGe(account.equity, int256(account.initialMargin), "the initial margin is there again");
        assertLe(account.equity, int256(account.initialMargin) + 200, "and no more was closed than that takes");
        _nextBlock();
        _liquidate(keeper, alice, ETH, true, ALL);
        assertEq(_rejectedBySettle(RejectReason.NotLiquidatable), 1, "nobody closes more");
    }

    /// The keeper's share is a realised profit of its own, that it can withdraw.
    function test_Reward_IsTheKeepersToWithdraw() public {
        _trade(alice, ETH, true, 4.2e18);
        _setPrice(ETH, 1849e18);
        _liquidateAgainstBob(ALL, uint256(PART));
        assertEq(netted.house.getAccount(keeper).collateral, int256(FEE / 2), "36.245294117647058837");
        _nextBlock();
        vm.prank(keeper);
        netted.house.withdraw(36_245_294);
        assertEq(usdc.balanceOf(keeper), 36_245_294, "paid");
    }

    /// At 1764 the 4 are worth 944 less than they cost: E = 56. Closing all of 7056 costs 105.84, so 49.84 are missing: bad debt.
    /// The insurance fund got 52.92 of the fee and has 3.08 left.
    function test_Full_BadDebtWithinTheFund() public {
        _trade(alice, ETH, true, 4e18);
        _setPrice(ETH, 1764e18);
        _liquidateAgainstBob(ALL, 4e18);
        assertEq(_base(alice, ETH), 0, "nothing restores it: all is closed");
        assertEq(netted.vault.badDebtOf(alice), 49.84e18, "1000 - 944 - 105.84");
        assertEq(netted.house.getAccount(alice).collateral, 0, "the account owes nothing any more");
        assertEq(netted.house.getAccount(keeper).collateral, 52.92e18, "the keeper gets its half all the same");
        assertEq(netted.house.insuranceFund(), 3.08e18, "52.92 - 49.84");
        assertEq(netted.house.uncoveredBadDebt(), 0, "the fund covers it");
    }

    /// At 1600: E = 1000 - 1600 = -600. The fee of 96 leaves 696 of bad debt against 48 of insurance: 648 are not covered.
    function test_Full_BadDebtBeyondTheFund() public {
        _trade(alice, ETH, true, 4e18);
        _setPrice(ETH, 1600e18);
        _liquidateAgainstBob(ALL, 4e18);
        assertEq(netted.vault.badDebtOf(alice), 696e18, "1000 - 1600 - 96");
        assertEq(netted.house.insuranceFund(), 0, "48 are gone");
        assertEq(netted.house.uncoveredBadDebt(), 648e18, "and 648 stay");
    }

    /// A short of 4.2 at 2116: E = 1000 - 4.2 x 116 = 512.8 against 5 % of 8887.2 = 444.36: healthy. At 2209: 122.2 against
    /// 463.89; 927.78 - 122.2 = 805.58 are missing, and 4.2 x 2209 x 8.5 % = 788.613 cannot bring that: all is closed.
    function test_Short_IsBoughtBack() public {
        _trade(alice, ETH, false, 4.2e18);
        _setPrice(ETH, 2116e18);
        _liquidate(keeper, alice, ETH, false, ALL);
        assertEq(_rejectedBySettle(RejectReason.NotLiquidatable), 1, "healthy at 2116");
        _setPrice(ETH, 2209e18);
        _liquidate(keeper, alice, ETH, false, ALL);
        _changeDeferred(bob, ETH, false, true, 4.2e18, 0);
        assertEq(_base(alice, ETH), 0, "closed");
        assertEq(netted.house.getAccount(keeper).collateral, 69.5835e18, "half of 1.5 % of 9277.8");
    }

    /// 2.1 in each market: the same account as 4.2 in one. The first market's 2.1 cost 58.2435 and free 388.29; of the 80.7335
    /// that are missing then, 80.7335 / 157.165 = 0.513686253300671270 of the second market bring the rest: together what
    /// 4.2 in one market takes.
    function test_TwoMarkets_TheSecondClosesWhatTheFirstLeaves() public {
        _tradeInTwo();
        _liquidate(keeper, alice, ETH, true, ALL);
        _liquidate(keeper, alice, BTC, true, ALL);
        _closeByBob(2.1e18, uint256(PART) - 2.1e18);
        assertEq(_base(alice, ETH), 0, "all of the first");
        assertEq(_base(alice, BTC), 4.2e18 - PART, "a part of the second");
    }

    /// What the account lacks is dealt out once, whichever market's liquidation was queued first.
    function test_TwoMarkets_TheOrderOfQueueingDoesNotMatter() public {
        _tradeInTwo();
        _liquidate(keeper, alice, BTC, true, ALL);
        _liquidate(keeper, alice, ETH, true, ALL);
        _closeByBob(2.1e18, uint256(PART) - 2.1e18);
        assertEq(_base(alice, ETH), 0, "all of the first market");
        assertEq(_base(alice, BTC), 4.2e18 - PART, "a part of the second");
    }

    /// A liquidation of one market alone brings what it can: all 2.1, and the account stays short.
    function test_TwoMarkets_OneAloneIsClosedWhole() public {
        _tradeInTwo();
        _liquidate(keeper, alice, BTC, true, ALL);
        _closeByBob(0, 2.1e18);
        assertEq(_base(alice, ETH), 2.1e18, "nobody asked for this one");
        assertEq(_base(alice, BTC), 0, "2.61 would be needed, there are 2.1");
    }

    /// Two keepers, one shortfall: one of them closes 2.6137, the other nothing.
    function test_TwoKeepers_OneShortfallIsClosedOnce() public {
        _trade(alice, ETH, true, 4.2e18);
        _setPrice(ETH, 1849e18);
        _liquidate(second, alice, ETH, true, ALL);
        Vm.Log[] memory logs = _liquidateAgainstBob(ALL, uint256(PART));
        assertEq(_base(alice, ETH), 4.2e18 - PART, "once");
        assertEq(_count(logs, RejectReason.NotLiquidatable), 1, "the other one is told");
        (address by,, uint256 reward) = _fees(logs);
        assertTrue(by == keeper || by == second, "one of the two");
        assertEq(netted.house.getAccount(by).collateral, int256(reward), "gets the reward");
        assertEq(netted.house.getAccount(by == keeper ? second : keeper).collateral, 0, "the other one nothing");
    }

    /// alice asks for a liquidation of a few wei of her own, again and again: the one that restores her account counts.
    function test_TwoKeepers_ASmallOneKeepsNobodyOut() public {
        _trade(alice, ETH, true, 4.2e18);
        _setPrice(ETH, 1849e18);
        for (uint256 i = 1; i < 6; ++i) {
            _liquidate(alice, alice, ETH, true, i);
        }
        Vm.Log[] memory logs = _liquidateAgainstBob(ALL, uint256(PART));
        assertEq(_base(alice, ETH), 4.2e18 - PART, "the whole shortfall is closed");
        assertEq(_count(logs, RejectReason.NotLiquidatable), 5, "hers close nothing");
    }

    /// Her own closes come after the liquidation, however large they are: it is not diluted.
    function test_OwnCloses_DoNotDiluteALiquidation() public {
        _trade(alice, ETH, true, 4.2e18);
        _setPrice(ETH, 1849e18);
        // At her limit she only sells to others, never to the pool.
        _change(alice, ETH, false, true, ALL, 1849e18);
        _change(alice, ETH, false, true, ALL, 1849e18);
        Vm.Log[] memory logs = _liquidateAgainstBob(ALL, 4.2e18);
        (, uint256 fee,) = _fees(logs);
        assertEq(fee, FEE, "the liquidation closes its 2.6137 in full");
        assertEq(_base(alice, ETH), 0, "her closes share the rest");
    }

    /// A keeper's own bound holds.
    function test_Size_IsTheMostThatCloses() public {
        _trade(alice, ETH, true, 4.2e18);
        _setPrice(ETH, 1849e18);
        _liquidateAgainstBob(0.5e18, 0.5e18);
        assertEq(_base(alice, ETH), 3.7e18, "0.5 and no more");
    }

    /// Who is to be liquidated takes no new risk, in no market; closing is free.
    function test_Liquidatable_OpensNothing() public {
        _trade(alice, ETH, true, 4.2e18);
        _setPrice(ETH, 1849e18);
        vm.recordLogs();
        _change(alice, BTC, true, true, 1, 0);
        _change(alice, ETH, false, true, 1e18, 0);
        _changeDeferred(bob, ETH, false, false, 1e18, 0);
        assertEq(_count(vm.getRecordedLogs(), RejectReason.MarginTooLow), 1, "not a wei");
        assertEq(_base(alice, ETH), 3.2e18, "her close fills");
    }

    function _tradeInTwo() private {
        _trade(alice, ETH, true, 2.1e18);
        _trade(alice, BTC, true, 2.1e18);
        _setPrice(ETH, 1849e18);
        _setPrice(BTC, 1849e18);
    }

    /// @dev Just what the liquidations sell: the mocked pool must not be touched.
    function _closeByBob(uint256 ofEth, uint256 ofBtc) private {
        if (ofEth != 0) _change(bob, ETH, false, false, ofEth, 0);
        _changeDeferred(bob, BTC, false, false, ofBtc, 0);
    }
}
