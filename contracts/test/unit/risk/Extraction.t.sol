// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpClearingHouse } from "../../../interfaces/IPerpClearingHouse.sol";
import { IUniswapV3Pool } from "../../../interfaces/external/IUniswapV3Pool.sol";
import { Defaults } from "../../utils/Defaults.sol";
import { LiquidationTest } from "../../utils/LiquidationTest.sol";

/// @notice One hand with two accounts: it pushes the pool, has one account lose to the other there, and would leave the loss to the
///         fund. A market an hour old, blocks of a second, and all of 20 million a side in the pool.
contract ExtractionTest is LiquidationTest {
    address private attacker = makeAddr("attacker");
    address private victim = makeAddr("victim");

    function setUp() public override {
        super.setUp();
        _deposit(netted, attacker, 10_000_000 * Defaults.USDC);
        _deposit(netted, victim, 100_000 * Defaults.USDC);
        vm.warp(vm.getBlockTimestamp() + 1 hours);
        _nextBlock();
    }

    /// The victim is long 490 from 2000 with 100,000 when others take the price to 1885: 43,700 are left, less than 5 % of 923,650. The
    /// attacker pushes the pool as far as it goes, liquidates its victim there, and buys. With a bound of 5 % it won 8,473. Now the fill
    /// takes 3.45 %, and of what is left the fee.
    function test_LiquidatingAnOwnAccount() public {
        _pair(490e18);
        _change(bob, ETH, true, false, 300e18, 0);
        _settleLater();
        _change(bob, ETH, true, false, 124e18, 0);
        _settleLater();
        IPerpClearingHouse.Account memory account = netted.house.getAccount(victim);
        assertLt(account.equity, int256(account.maintenanceMargin), "below");
        assertGt(account.equity, int256(account.maintenanceMargin) * 9 / 10, "by little");
        _change(attacker, ETH, true, false, 400e18, 0);
        _settleNextBlock();
        _nextBlock();
        _liquidateByAttacker(490e18);
        assertLe(_won(), 0, "nothing won");
    }

    /// A busy pool, 128 blocks with a move of a tick, and a stranger who pays for more observations just then: the average stays, and with
    /// it the bound. When the mark went back to the spot price four batches took both to 1629, and this won 70,390.
    function test_GrowingTheRecordOfObservations() public {
        address pool = _market(netted, ETH).pool;
        for (uint256 i; i < 270; ++i) {
            _change(bob, ETH, true, i % 2 == 0, 2e18, 0);
            _settleNextBlock();
            if (i == 133) IUniswapV3Pool(pool).increaseObservationCardinalityNext(1000);
        }
        _pair(450e18);
        for (uint256 i; i < 4; ++i) {
            _change(attacker, ETH, true, false, 300e18, 0);
            _settleNextBlock();
        }
        assertGt(netted.house.getMarkPrice(ETH), 1990e18, "the average of the last minutes");
        assertGt(netted.registry.midPrice(ETH), 1920e18, "and the pool near it");
        _nextBlock();
        _liquidateByAttacker(450e18);
        assertLe(_won(), 0, "nothing won");
    }

    /// @dev Opens the victim's long against the attacker's short.
    function _pair(uint256 size) private {
        _change(attacker, ETH, true, false, size, 0);
        _changeDeferred(victim, ETH, true, true, size, 2020e18);
        _nextBlock();
        assertEq(_base(victim, ETH), int256(size), "the pair stands");
    }

    function _settleLater() private {
        _settleNextBlock();
        vm.warp(vm.getBlockTimestamp() + 1000);
        _nextBlock();
    }

    /// @dev Liquidates the victim against the attacker's close, and buys back what pushed the pool.
    function _liquidateByAttacker(uint256 size) private {
        _liquidate(attacker, victim, ETH, true, ALL);
        _changeDeferred(attacker, ETH, false, false, size, 0);
        for (uint256 i; i < 8; ++i) {
            _nextBlock();
            _change(attacker, ETH, false, false, ALL, 0);
            _settleNextBlock();
        }
    }

    /// @dev What both accounts have beyond what was paid in.
    function _won() private view returns (int256) {
        int256 paidIn = 10_100_000e18;
        return netted.house.getAccount(attacker).equity + netted.house.getAccount(victim).equity - paidIn;
    }
}
