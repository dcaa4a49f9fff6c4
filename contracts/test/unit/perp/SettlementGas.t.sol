// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpClearingHouse } from "../../../interfaces/IPerpClearingHouse.sol";
import { IPerpEvents } from "../../../interfaces/IPerpEvents.sol";
import { Allocation } from "../../../types/Market.sol";
import { MarketId } from "../../../types/MarketId.sol";
import { BaseTest } from "../../Base.t.sol";
import { Defaults } from "../../utils/Defaults.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice Settlement with any gas limit, over many markets at once: it never reverts, and what it said stays said.
contract SettlementGasTest is BaseTest {
    uint16 internal constant MARKETS = 8;
    uint256 internal constant PAIRS = 10;

    function setUp() public override {
        super.setUp();
        netted = _deployNetted(0, Defaults.CHUNK);
        for (uint16 m; m < MARKETS; ++m) {
            _list(netted, Allocation.Uniform);
        }
        _deposit(netted, bob, 1_000_000 * Defaults.USDC);
        _deposit(netted, carol, 1_000_000 * Defaults.USDC);
        _nextBlock();
        for (uint16 m; m < MARKETS; ++m) {
            for (uint256 i; i < PAIRS; ++i) {
                _change(bob, MarketId.wrap(m), true, true, 1e18, 0);
                _change(carol, MarketId.wrap(m), true, false, 1e18, 0);
            }
            // Without collateral: rejected, in every market.
            _change(alice, MarketId.wrap(m), true, true, 1e18, 0);
        }
        _nextBlock();
    }

    function test_AnyGasLimit_NeverRevertsAndEndsEachOrderOnce() public {
        for (uint256 gasLimit = 500_000; gasLimit < 40_000_000; gasLimit += gasLimit / 12) {
            uint256 snapshot = vm.snapshotState();
            vm.recordLogs();
            vm.prank(keeper);
            (bool ok,) = address(netted.house).call{ gas: gasLimit }(abi.encodeCall(IPerpClearingHouse.settle, ()));
            assertTrue(ok, string.concat("settle() reverts with a gas limit of ", vm.toString(gasLimit)));
            while (_settleNextBlock() != 0) { }
            _checkEnds(vm.getRecordedLogs(), gasLimit);
            vm.revertToState(snapshot);
        }
    }

    function _checkEnds(Vm.Log[] memory logs, uint256 gasLimit) private pure {
        uint256 settled;
        uint256 rejected;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == IPerpEvents.OrderSettled.selector) ++settled;
            if (logs[i].topics[0] == IPerpEvents.OrderRejected.selector) ++rejected;
        }
        string memory when = string.concat(" once, with a first gas limit of ", vm.toString(gasLimit));
        assertEq(settled, MARKETS * PAIRS * 2, string.concat("every order settles", when));
        assertEq(rejected, MARKETS, string.concat("every order without margin is rejected", when));
    }
}
