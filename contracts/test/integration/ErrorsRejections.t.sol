// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpEvents } from "../../interfaces/IPerpEvents.sol";
import { IUniswapV3Pool } from "../../interfaces/external/IUniswapV3Pool.sol";
import { Allocation } from "../../types/Market.sol";
import { MarketId } from "../../types/MarketId.sol";
import { RejectReason } from "../../types/RejectReason.sol";
import { OrderTracking } from "../mocks/OrderTracking.sol";
import { Defaults } from "../utils/Defaults.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice Every reason for which settlement rejects an order. The market is at 2000; traders have 1000 USDC.
contract ErrorsRejectionsTest is OrderTracking {
    function setUp() public override {
        super.setUp();
        _fund(3, Defaults.COLLATERAL);
        vm.recordLogs();
    }

    /// The last second still settles, the next one does not.
    function test_Expired_AfterTheDeadlineNotAtIt() public {
        uint256 now_ = vm.getBlockTimestamp();
        vm.prank(_trader(0), _trader(0));
        netted.house.changePosition(ETH, true, true, 1e18, 0, now_ + BLOCK_SECONDS);
        vm.prank(_trader(1), _trader(1));
        netted.house.changePosition(ETH, true, false, 1e18, 0, now_);
        _settleNextBlock();
        _assertRejected(_trader(1), RejectReason.Expired);
        assertEq(_baseOf(_trader(0), ETH), 1e18, "at its deadline an order settles");
        assertEq(_baseOf(_trader(1), ETH), 0, "a second later it does not");
    }

    function test_LimitPrice_WhenTheMidIsBeyondIt() public {
        _change(_trader(0), ETH, true, true, 1e18, 2000e18 - 1); // buys below the mid
        _change(_trader(1), ETH, true, false, 1e18, 2000e18 + 1); // sells above it
        _settleNextBlock();
        Tally memory tally = _assertRejected(_trader(0), RejectReason.LimitPrice);
        assertEq(tally.rejected, 2, "both sides");
        assertEq(tally.swaps, 0, "no swap");
    }

    /// A limit at the mid nets, and gets nothing of the pool: the pool's price with its fee is worse.
    function test_NoLiquidity_WhenOnlyThePoolIsLeftAndItIsTooDear() public {
        _change(_trader(0), ETH, true, true, 1e18, 2000e18);
        _settleNextBlock();
        Tally memory tally = _assertRejected(_trader(0), RejectReason.NoLiquidity);
        assertEq(tally.swaps, 0, "the pool is not touched for nothing");
        assertEq(netted.house.getMarkPrice(ETH), Defaults.PRICE, "its price stays");
    }

    function test_NoLiquidity_WhenThePoolIsEmpty() public {
        MarketId empty = _listEmpty();
        _change(_trader(0), empty, true, true, 1e18, 0);
        _settleNextBlock();
        _assertRejected(_trader(0), RejectReason.NoLiquidity);
    }

    /// An order with a limit in a market without liquidity must not stop the others.
    function test_NoLiquidity_WhenThePoolIsEmptyAndTheOrderIsLimited() public {
        MarketId empty = _listEmpty();
        _change(_trader(0), empty, true, true, 1e18, 2050e18);
        _change(_trader(1), empty, true, true, 1e18, 2060e18);
        _open(_trader(2), true, 1e18);
        assertEq(_settleNextBlock(), 3, "all three end");
        assertEq(_assertRejected(_trader(0), RejectReason.NoLiquidity).rejected, 2, "two have no liquidity");
        assertEq(_baseOf(_trader(2), ETH), 1e18, "the other market settles");
    }

    /// Sellers too: the swap would stop where it starts.
    function test_NoLiquidity_WhenThePoolIsEmptyAndASellerIsLimited() public {
        MarketId empty = _listEmpty();
        _change(_trader(0), empty, true, false, 1e18, 1950e18);
        assertEq(_settleNextBlock(), 1, "it ends");
        _assertRejected(_trader(0), RejectReason.NoLiquidity);
    }

    /// 5 at about 2101 (the market's bound and the pool's fee) need 1051 USDC of margin: more than 1000.
    function test_MarginTooLow() public {
        _open(_trader(0), true, 5e18);
        _settleNextBlock();
        _assertRejected(_trader(0), RejectReason.MarginTooLow);
        assertEq(_baseOf(_trader(0), ETH), 0, "no position");
    }

    /// The collateral leaves after queueing: settlement counts what is there.
    function test_MarginTooLow_WhenTheCollateralWasWithdrawn() public {
        _openPosition(_trader(0), ETH, true, 1e18); // needs about 211 USDC, which the pre-check finds
        vm.prank(_trader(0));
        netted.house.withdraw(900 * Defaults.USDC);
        _settleNextBlock();
        _assertRejected(_trader(0), RejectReason.MarginTooLow);
        assertEq(_baseOf(_trader(0), ETH), 0, "no position");
    }

    /// Two orders that pass the pre-check one by one, and not together: 3 and 3 at about 2101 need 1261 USDC.
    function test_MarginTooLow_ForOrdersThatTogetherAreTooLarge() public {
        _openPosition(_trader(0), ETH, true, 3e18);
        _openPosition(_trader(0), ETH, true, 3e18);
        _settleNextBlock();
        assertEq(_assertRejected(_trader(0), RejectReason.MarginTooLow).rejected, 2, "both, whatever their order");
    }

    /// In two markets, each of which it could carry alone.
    function test_MarginTooLow_ForOrdersInTwoMarketsThatTogetherAreTooLarge() public {
        MarketId second = _list(netted, Allocation.Uniform);
        _openPosition(_trader(0), ETH, true, 3e18);
        _openPosition(_trader(0), second, true, 3e18);
        _settleNextBlock();
        assertEq(_assertRejected(_trader(0), RejectReason.MarginTooLow).rejected, 2, "an account is one");
    }

    function test_NothingToClose_WithoutAPosition() public {
        _change(_trader(0), ETH, false, true, 1e18, 0);
        _settleNextBlock();
        _assertRejected(_trader(0), RejectReason.NothingToClose);
    }

    /// A close of the side that it does not hold, and a close of what another order has closed already.
    function test_NothingToClose_OnTheOtherSideOrTwice() public {
        _open(_trader(0), true, 1e18);
        _settleNextBlock();
        _change(_trader(0), ETH, false, false, 1e18, 0);
        _settleNextBlock();
        _assertRejected(_trader(0), RejectReason.NothingToClose);
        assertEq(_baseOf(_trader(0), ETH), 1e18, "the position stays");

        vm.prank(_trader(0));
        netted.house.closePosition(ETH, 1e18, 0, 0);
        _change(_trader(0), ETH, false, true, 1e18, 0);
        _settleNextBlock();
        assertEq(_baseOf(_trader(0), ETH), 0, "two closes of 1 close the one that there is, and open nothing");
    }

    /* HELPERS */

    /// @dev Lists a market whose pool has a price and no liquidity.
    function _listEmpty() private returns (MarketId id) {
        id = _list(netted, Allocation.Uniform);
        address pool = _market(netted, id).pool;
        vm.startPrank(address(netted.router));
        (bool ok,) = pool.call(
            abi.encodeWithSignature(
                "burn(int24,int24,uint128)", Defaults.MIN_TICK, Defaults.MAX_TICK, Defaults.LIQUIDITY
            )
        );
        vm.stopPrank();
        assertTrue(ok, "the router's liquidity is taken out");
        assertEq(IUniswapV3Pool(pool).liquidity(), 0, "the pool is empty");
        vm.recordLogs();
    }

    /// @dev Checks the recorded rejections: one of `trader` has this reason, and all have it.
    function _assertRejected(address trader, RejectReason expected) private returns (Tally memory tally) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        tally = _tally(logs);
        uint256 found;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != IPerpEvents.OrderRejected.selector) continue;
            (, RejectReason reason) = abi.decode(logs[i].data, (MarketId, RejectReason));
            assertEq(uint256(reason), uint256(expected), "the reason");
            if (logs[i].topics[2] == bytes32(uint256(uint160(trader)))) ++found;
        }
        assertGt(found, 0, "the trader's order was rejected");
        vm.recordLogs();
    }
}
