// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Allocation } from "../../../types/Market.sol";
import { BaseTest } from "../../Base.t.sol";
import { Defaults } from "../../utils/Defaults.sol";

/// @notice The runtime can lose the write of a slot that a later call of the same sequence only reads.
contract LostWriteTest is BaseTest {
    /// A settle() finishes a half-settled batch; the next one of the sequence finds nothing and only reads the
    /// bitmap: the bit that the first has cleared comes back.
    function test_BatchesInProgress_AStaleBitBlocksNobody() public {
        netted = _deployNetted(0, 2);
        _list(netted, Allocation.Uniform);
        _deposit(netted, alice, Defaults.COLLATERAL);
        _deposit(netted, bob, Defaults.COLLATERAL);
        _nextBlock();
        for (uint256 i; i < 2; ++i) {
            _open(alice, true, 1e17);
            _open(bob, false, 1e17);
        }
        _settleNextBlock();
        assertEq(netted.engine.batchesInProgress(), 1, "half settled");
        _settleNextBlock();
        assertEq(netted.engine.batchesInProgress(), 0, "settled");

        vm.record();
        netted.engine.batchesInProgress();
        (bytes32[] memory read,) = vm.accesses(address(netted.engine));
        assertEq(read.length, 1, "with no bit set, it reads the bitmap alone");
        vm.store(address(netted.engine), read[0], bytes32(uint256(1)));
        assertEq(netted.engine.batchesInProgress(), 0, "the stale bit does not show");
        _open(alice, true, 1e17);
        _open(bob, false, 1e17);
        assertEq(_settleNextBlock(), 2, "orders still settle");
        vm.prank(alice);
        netted.house.withdraw(1);
    }
}
