// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Allocation } from "../../types/Market.sol";
import { Access, Accesses } from "../utils/Accesses.sol";
import { Defaults } from "../utils/Defaults.sol";
import { SpotBaseTest } from "./SpotBase.t.sol";

/// @notice Whole batches: their order changes nothing, nothing is lost or made, and what an order costs.
contract SpotBatchTest is SpotBaseTest {
    uint256 internal constant COUNT = 12;

    struct Request {
        address trader;
        bool buys;
        uint256 size;
        uint256 limit;
    }

    function testFuzz_APermutationChangesNothing(uint256 seed) public {
        Request[] memory requests = _random(seed);
        uint256 snapshot = vm.snapshotState();
        uint256[] memory first = _settleAll(requests);
        vm.revertToState(snapshot);
        for (uint256 i = COUNT - 1; i > 0; --i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 j = seed % (i + 1);
            (requests[i], requests[j]) = (requests[j], requests[i]);
        }
        assertEq(_settleAll(requests), first, "every trader gets the same, and the dust is the same");
    }

    function testFuzz_NothingIsLostOrMade(uint256 seed) public {
        Request[] memory requests = _random(seed);
        _settleAll(requests);
        address[] memory traders = new address[](COUNT);
        for (uint256 i; i < COUNT; ++i) {
            traders[i] = requests[i].trader;
        }
        _assertConserved(traders);
        // What is claimable can be claimed, to the last wei.
        for (uint256 i; i < COUNT; ++i) {
            uint256 base = _baseOf(traders[i]);
            uint256 quote = _quoteOf(traders[i]);
            vm.startPrank(traders[i]);
            if (base != 0) assertEq(spot.engine.claim(address(spot.base)), base, "base");
            if (quote != 0) assertEq(spot.engine.claim(address(spot.quote)), quote, "quote");
            vm.stopPrank();
        }
        _assertConserved(traders);
    }

    /// Of two keepers' settlements of a block, with requests left for both, the second touches nothing but the slot that stops it.
    function test_TheSecondSettlementOfABlock_TouchesOneSlot() public {
        spot = _deploySpot(false, 2, Allocation.Uniform);
        _provide(spot, Defaults.MIN_TICK, Defaults.MAX_TICK, LIQUIDITY);
        for (uint256 i; i < 2; ++i) {
            _buy(alice, ONE);
            _sell(bob, ONE);
        }
        assertEq(_settleNextBlock(), 2, "two of four");
        _startRecording();
        vm.prank(keeper, keeper);
        assertEq(spot.engine.netAndExecuteSwaps{ gas: Defaults.SETTLE_GAS }(), 0, "the turn of the block is taken");
        Access[] memory later = _stopRecording();
        assertEq(later.length, 2, "one read, one write");
        assertTrue(Accesses.isWrite(later[1]) && later[0].key == later[1].key, "of one slot");
        assertEq(_settleNextBlock(), 2, "the rest, a block later");
    }

    /// A batch that is begun and not filled is work: what it decided stays decided. One request, and gas from 600,000 up: there is
    /// some that suffices to begin, and not to fill.
    function test_ASettlementThatOnlyBegins_TakesTheTurn() public {
        _buy(alice, ONE);
        _nextBlock();
        for (uint256 gasLimit = 600_000; spot.engine.batchesInProgress() == 0; gasLimit += 20_000) {
            vm.prank(keeper, keeper);
            assertEq(spot.engine.netAndExecuteSwaps{ gas: gasLimit }(), 0, "it ends nothing");
        }
        vm.prank(keeper, keeper);
        assertEq(spot.engine.netAndExecuteSwaps{ gas: Defaults.SETTLE_GAS }(), 0, "nor does the next one of the block");
        assertEq(_settleNextBlock(), 1, "a block later it fills");
    }

    /// An order's gas must stay below what the engine reckons with when it decides how much it settles.
    function test_GasOf100Orders() public {
        address[] memory traders = new address[](100);
        uint256 queued;
        for (uint256 i; i < 100; ++i) {
            traders[i] = address(uint160(0xFEED00 + i));
            bool buys = i % 3 != 0;
            _queue(traders[i], buys, ONE + i, buys ? LOOSE : 0);
            queued += vm.lastCallGas().gasTotalUsed;
        }
        assertEq(_settleNextBlock(), 100, "all end");
        uint256 settled = vm.lastCallGas().gasTotalUsed;
        emit log_named_uint("queue, gas per order", queued / 100);
        emit log_named_uint("settle, gas per order", settled / 100);
        assertLt(settled / 100, Defaults.FILL_GAS, "below FILL_GAS");
        _assertConserved(traders);
    }

    /// Rejections happen when a batch is cleared, so they count against what clearing may cost.
    function test_GasOf100Rejections() public {
        for (uint256 i; i < 100; ++i) {
            _queue(address(uint160(0xFEED00 + i)), true, ONE + i, 1);
        }
        assertEq(_settleNextBlock(), 100, "all end");
        uint256 settled = vm.lastCallGas().gasTotalUsed;
        emit log_named_uint("reject, gas per order", settled / 100);
        assertLt(settled / 100, Defaults.CLEAR_GAS, "below CLEAR_GAS");
    }

    function _random(uint256 seed) private pure returns (Request[] memory requests) {
        requests = new Request[](COUNT);
        for (uint256 i; i < COUNT; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            Request memory request = requests[i];
            request.trader = address(uint160(0xD00D00 + i));
            request.buys = seed & 1 == 0;
            request.size = 1 + (seed >> 8) % (100 * ONE >> (seed >> 128) % 67);
            // From 5 % on the wrong side of the mid to 5 % on the right one.
            request.limit = MID * (95_000 + (seed >> 64) % 10_000) / 100_000;
        }
    }

    /// @dev What each trader can claim of both tokens, by trader, and the dust.
    function _settleAll(Request[] memory requests) private returns (uint256[] memory claims) {
        for (uint256 i; i < COUNT; ++i) {
            _queue(requests[i].trader, requests[i].buys, requests[i].size, requests[i].limit);
        }
        assertEq(_settleNextBlock(), COUNT, "all end");
        claims = new uint256[](2 * COUNT + 2);
        for (uint256 i; i < COUNT; ++i) {
            address trader = address(uint160(0xD00D00 + i));
            (claims[2 * i], claims[2 * i + 1]) = (_baseOf(trader), _quoteOf(trader));
        }
        (int128 base, int128 quote) = spot.netting.dustOf(ETH);
        (claims[2 * COUNT], claims[2 * COUNT + 1]) = (uint128(base), uint128(quote));
    }
}
