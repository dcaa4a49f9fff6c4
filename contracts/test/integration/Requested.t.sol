// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpClearingHouse } from "../../interfaces/IPerpClearingHouse.sol";
import { IUniswapV3Pool } from "../../interfaces/external/IUniswapV3Pool.sol";
import { BaseTest } from "../Base.t.sol";
import { Defaults } from "../utils/Defaults.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice The requested architecture's worked examples, with its numbers.
contract RequestedTest is BaseTest {
    function setUp() public override {
        super.setUp();
        _deposit(netted, alice, Defaults.COLLATERAL);
        _deposit(netted, bob, Defaults.COLLATERAL);
        _deposit(netted, carol, 10 * Defaults.COLLATERAL);
    }

    /// Scenario 1: A long 1, B short 1, both at 2000, no pool interaction.
    function test_Scenario1_OppositeOrdersNetAtTheMid() public {
        vm.recordLogs();
        _open(alice, true, 1e18);
        _openDeferred(bob, false, 1e18);

        (int256 base, int256 quote, int256 pnl) = netted.house.getPosition(alice, ETH);
        assertEq(base, 1e18, "A: +1 vETH");
        assertEq(quote, -2000e18, "A: -2000 vUSDC");
        assertEq(pnl, 0, "A: nothing realised");
        (base, quote, pnl) = netted.house.getPosition(bob, ETH);
        assertEq(base, -1e18, "B: -1 vETH");
        assertEq(quote, 2000e18, "B: +2000 vUSDC");
        assertEq(pnl, 0, "B: nothing realised");

        address baseToken = _market(netted, ETH).baseToken;
        address quoteToken = _market(netted, ETH).quoteToken;
        assertEq(_token(baseToken).balanceOf(alice), 1e18, "1 vETH minted to A");
        assertEq(_token(quoteToken).balanceOf(alice), 0, "A holds no vUSDC");
        assertEq(_token(baseToken).balanceOf(bob), 0, "B holds no vETH");
        assertEq(_token(quoteToken).balanceOf(bob), 2000e18, "2000 vUSDC minted to B");

        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(_countSwaps(logs, netted, ETH), 0, "no pool interaction");
        assertEq(netted.house.getMarkPrice(ETH), 2000e18, "zero price impact");
    }

    /// Scenario 2: C wants 5, only 2 of shorts: 2 net at 2000, 3 go to the pool in one swap.
    function test_Scenario2_TheResidualIsOneSwap() public {
        vm.recordLogs();
        _open(alice, false, 1e18);
        _open(bob, false, 1e18);
        _openDeferred(carol, true, 5e18);

        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(_countSwaps(logs, netted, ETH), 1, "one swap");
        (int256 bought, int256 paid) = _swapOf(logs);
        assertEq(bought, -3e18, "the pool gives 3 vETH");

        (int256 base, int256 quote,) = netted.house.getPosition(carol, ETH);
        assertEq(base, 5e18, "C: +5 vETH");
        assertEq(quote, -4000e18 - paid, "C: 2 at 2000, 3 at what the pool took");
        assertGt(paid, 6000e18, "the pool's part has slippage and fee");
        (base, quote,) = netted.house.getPosition(alice, ETH);
        assertEq(base, -1e18, "shorts fill whole");
        assertEq(quote, 2000e18, "at exactly 2000");
    }

    /// The comparison: A +1, B -1, C +2 touch the pool 3 times without netting, once with it: 67 % fewer.
    function test_TraditionalAgainstNetting_TouchesFallBy67Percent() public {
        _deposit(direct, alice, Defaults.COLLATERAL);
        _deposit(direct, bob, Defaults.COLLATERAL);
        _deposit(direct, carol, Defaults.COLLATERAL);

        vm.recordLogs();
        vm.prank(alice, alice);
        direct.house.changePosition(ETH, true, true, 1e18, 0, 0);
        vm.prank(bob, bob);
        direct.house.changePosition(ETH, true, false, 1e18, 0, 0);
        vm.prank(carol, carol);
        direct.house.changePosition(ETH, true, true, 2e18, 0, 0);
        uint256 traditional = _countSwaps(vm.getRecordedLogs(), direct, ETH);

        vm.recordLogs();
        _open(alice, true, 1e18);
        _open(bob, false, 1e18);
        _openDeferred(carol, true, 2e18);
        uint256 netting = _countSwaps(vm.getRecordedLogs(), netted, ETH);

        assertEq(traditional, 3, "three interactions without netting");
        assertEq(netting, 1, "one with it");
        assertEq((traditional - netting) * 100 / traditional, 66, "a 67 % reduction (66.6 rounded down)");
        assertLt(
            netted.house.getMarkPrice(ETH), direct.house.getMarkPrice(ETH) + 1, "no more price impact than without"
        );
    }

    /// Margin: 1000 USDC and +1 vETH from 2000: nothing is required at 2000.
    function test_Margin_FreeCollateralIs1000AtTheEntryPrice() public {
        _open(alice, true, 1e18);
        _openDeferred(bob, false, 1e18);
        assertEq(netted.house.getFreeCollateral(alice), 1000e18, "free collateral at 2000");
    }

    /// Margin: at 2500 the position is worth 500, 50 are required, 950 are free; 951 cannot be withdrawn, 950 can.
    function test_Margin_950AreFreeAndCanBeWithdrawnAt2500() public {
        _open(alice, true, 1e18);
        _openDeferred(bob, false, 1e18);
        _setPrice(2500e18);

        IPerpClearingHouse.Account memory account = netted.house.getAccount(alice);
        assertEq(account.unrealizedPnl, 500e18, "500 USDC profit");
        assertEq(account.requiredMargin, 50e18, "10 % of it");
        assertEq(account.freeCollateral, 950e18, "free collateral at 2500");

        vm.expectRevert(
            abi.encodeWithSelector(
                IPerpClearingHouse.ClearingHouse_NotWithdrawable.selector, alice, 951e18, uint256(950e18)
            )
        );
        vm.prank(alice);
        netted.house.withdraw(951 * Defaults.USDC);

        vm.prank(alice);
        netted.house.withdraw(950 * Defaults.USDC);
        assertEq(usdc.balanceOf(alice), 950 * Defaults.USDC, "950 USDC were paid out");
    }

    /// @dev Puts the pool's price where a test needs it: √2500 = 50, so the root is exact.
    function _setPrice(uint256 price) internal {
        assertEq(price, 2500e18, "the only price with an exact root here");
        address pool = _market(netted, ETH).pool;
        (, int24 tick, uint16 index, uint16 cardinality, uint16 next, uint8 feeProtocol, bool unlocked) =
            IUniswapV3Pool(pool).slot0();
        vm.mockCall(
            pool,
            abi.encodeCall(IUniswapV3Pool.slot0, ()),
            abi.encode(uint160(50 << 96), tick, index, cardinality, next, feeProtocol, unlocked)
        );
    }

    /// @dev Amounts of the first swap: positive into the pool.
    function _swapOf(Vm.Log[] memory logs) internal pure returns (int256 base, int256 quote) {
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != IUniswapV3Pool.Swap.selector) continue;
            (base, quote,,,) = abi.decode(logs[i].data, (int256, int256, uint160, uint128, int24));
            return (base, quote);
        }
    }
}
