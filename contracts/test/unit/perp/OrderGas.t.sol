// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { OrderTracking } from "../../mocks/OrderTracking.sol";
import { Defaults } from "../../utils/Defaults.sol";

/// @notice Gas an order, held against what the engine reckons with when it decides how much it settles.
contract OrderGasTest is OrderTracking {
    uint256 private constant COUNT = 100;

    function setUp() public override {
        super.setUp();
        _fund(COUNT, Defaults.COLLATERAL);
    }

    /// First positions, the dearest: a new entry each.
    function test_Gas_FirstPositions() public {
        uint256 settled = _openAll();
        emit log_named_uint("settle, first position, gas per order", settled / COUNT);
        assertLt(settled, Defaults.MARKET_GAS + COUNT * (Defaults.CLEAR_GAS + Defaults.FILL_GAS), "below the bounds");
    }

    function test_Gas_PositionsThatAreThere() public {
        _openAll();
        _nextBlock();
        uint256 settled = _openAll();
        emit log_named_uint("settle, gas per order", settled / COUNT);
        assertLt(settled, Defaults.MARKET_GAS + COUNT * (Defaults.CLEAR_GAS + Defaults.FILL_GAS), "below the bounds");
    }

    /// Without collateral: admitted by nobody, so all of it is what clearing costs.
    function test_Gas_Rejections() public {
        for (uint256 i; i < COUNT; ++i) {
            _change(address(uint160(0xFEED00 + i)), ETH, true, i % 2 == 0, 1e18, 0);
        }
        assertEq(_settleNextBlock(), COUNT, "all end");
        uint256 settled = vm.lastCallGas().gasTotalUsed;
        emit log_named_uint("reject, gas per order", settled / COUNT);
        assertLt(settled, Defaults.MARKET_GAS + COUNT * Defaults.CLEAR_GAS, "below the bounds");
    }

    /// Half of the accounts are liquidated at a loss, each by a keeper that has no entry yet: two updates, a reward, bad debt.
    function test_Gas_Liquidations() public {
        _openAll();
        _nextBlock();
        vm.mockCall(
            address(netted.risk),
            abi.encodeCall(netted.risk.pricesOf, (ETH)),
            abi.encode(uint256(100e18), uint256(0), 0)
        );
        for (uint256 i; i < COUNT; i += 2) {
            address by = address(uint160(0xFEED00 + i));
            uint256 word = netted.house.liquidationOf(_trader(i), type(uint96).max);
            vm.prank(by, by);
            netted.house.changePosition{ gas: Defaults.SETTLE_GAS }(ETH, false, true, word, 0, 0);
            _change(_trader(i + 1), ETH, false, false, type(uint96).max, 0);
        }
        assertEq(_settleNextBlock(), COUNT, "all end");
        uint256 settled = vm.lastCallGas().gasTotalUsed;
        assertEq(_baseOf(_trader(0), ETH), 0, "liquidated");
        assertGt(netted.engine.marketsOf(address(uint160(0xFEED00))), 0, "the keeper was paid");
        emit log_named_uint("settle, half of them liquidations, gas per order", settled / COUNT);
        assertLt(settled, Defaults.MARKET_GAS + COUNT * (Defaults.CLEAR_GAS + Defaults.FILL_GAS), "below the bounds");
    }

    /// @dev As many longs as shorts, of one size: all nets.
    function _openAll() private returns (uint256) {
        for (uint256 i; i < COUNT; ++i) {
            _change(_trader(i), ETH, true, i % 2 == 0, 1e18, 0);
        }
        assertEq(_settleNextBlock(), COUNT, "all end");
        return vm.lastCallGas().gasTotalUsed;
    }
}
