// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { PoolClearingHouse } from "../../../baseline/PoolClearingHouse.sol";
import { IPerpAdmission } from "../../../interfaces/IPerpAdmission.sol";
import { IPerpClearingHouse } from "../../../interfaces/IPerpClearingHouse.sol";
import { IPerpEvents } from "../../../interfaces/IPerpEvents.sol";
import { PositionTracker } from "../../../perp/PositionTracker.sol";
import { MarketRisk, PriceStatus } from "../../../types/MarketRisk.sol";
import { Position } from "../../../types/Position.sol";
import { BaselineTest } from "../../utils/BaselineTest.sol";
import { Defaults } from "../../utils/Defaults.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice Fees, funding and signed orders without netting: everything at once, with the pool.
contract BaselineRiskTest is BaselineTest {
    /* FEES */

    /// 500 ppm of what the pool took, up; 20 % of it, down, is the protocol's, the rest the insurance fund's.
    function test_Fee_OfEveryOrder() public {
        vm.recordLogs();
        _openAt(alice, true, 1e18);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        Position memory position = _position(alice);
        uint256 paid = uint256(-int256(position.quote));
        assertGt(paid, 2000e18, "1 at more than the mid");
        uint256 fee = (paid * 500 + 999_999) / 1e6;
        (uint256 netted_, uint256 pooled) = abi.decode(_dataOf(logs, IPerpEvents.FeePaid.selector), (uint256, uint256));
        assertEq(netted_, 0, "nothing nets here");
        assertEq(pooled, fee, "500 ppm");
        assertEq(position.realizedPnl, -int256(fee), "from the realised profit");
        (uint256 protocol, uint256 insurance) = house.accountOf(ETH);
        assertEq(protocol, fee / 5, "the protocol's");
        assertEq(insurance, fee - fee / 5, "the insurance fund's");
        assertEq(house.insuranceFund(), insurance, "which is all it has");
        uint256 units = protocol / 1e12;
        vm.prank(deployer);
        house.collectFees(deployer, units);
        assertEq(usdc.balanceOf(deployer), units, "the protocol's can be collected");
    }

    /* CAPACITY */

    /// At most 3 a side, and sides at most 2 apart. bob's 2 go through; a wei more is 2 and a wei ahead of 0. After carol's short of 1.5
    /// the skew has room for 1.5 and the open interest for 1. carol's long of 2.6 closes 1.5 and grows 1.1: there is room for none of it,
    /// 2 ahead of 0; nor may bob, who only reduces, be held back.
    function test_Capacity_BoundsWhatGrows() public {
        MarketRisk memory parameters = direct.risk.riskOf(ETH);
        (parameters.maxOpenInterest, parameters.maxSkew) = (3e18, 2e18);
        vm.mockCall(address(direct.risk), abi.encodeCall(direct.risk.riskOf, (ETH)), abi.encode(parameters));
        _openAt(bob, true, 2e18);
        _expectNoRoom(alice, true, 1, 1, 0);
        _openAt(carol, false, 1.5e18);
        _expectNoRoom(alice, true, 1e18 + 1, 1e18 + 1, 1e18);
        _openAt(alice, true, 0.5e18);
        _expectNoRoom(carol, true, 2.6e18, 1.1e18, 0);
        _openAt(bob, false, 1e18);
        assertEq(_position(bob).base, 1e18, "reduced");
    }

    function _expectNoRoom(address trader, bool isLong, uint256 size, uint256 growth, uint256 room) private {
        vm.expectRevert(
            abi.encodeWithSelector(PoolClearingHouse.PoolClearingHouse_OpenInterest.selector, ETH, growth, room)
        );
        _openAt(trader, isLong, size);
    }

    /* FUNDING */

    /// Mark 2040, index 2000: 40 a base and day. 3 for an hour owe 4.9999999999999896; bob's touch moves the index, alice's own books it.
    function test_Funding_ViewIsWhatIsBooked() public {
        _openAt(alice, true, 3e18);
        vm.warp(vm.getBlockTimestamp() + 1 hours);
        _setPrices(2040e18, 2000e18, PriceStatus.Ok);
        assertEq(house.getAccount(alice).funding, 4_999_999_999_999_989_600, "due");
        _openAt(bob, false, 1e18);
        assertEq(house.getAccount(alice).funding, 4_999_999_999_999_989_600, "still due");
        vm.recordLogs();
        vm.prank(alice);
        house.closePosition(ETH, 1e18, 0, 0);
        bytes memory data = _dataOf(vm.getRecordedLogs(), IPerpEvents.FundingPaid.selector);
        assertEq(abi.decode(data, (int256)), 4_999_999_999_999_989_600, "booked");
        assertEq(house.getAccount(alice).funding, 0, "nothing is due");
        assertEq(
            PositionTracker(_market(direct, ETH).tracker).fundingCollected(), 4_999_999_999_999_989_600, "to the fund"
        );
        _assertConserved();
    }

    /* SIGNED ORDERS */

    function test_Signed_TradesAtOnceAndOnce() public {
        (address signer, uint256 key) = makeAddrAndKey("signer");
        _deposit(direct, signer, Defaults.COLLATERAL);
        IPerpClearingHouse.SignedOrder[] memory orders = _signedOrder(signer, key, 1);
        vm.prank(keeper);
        house.submitOrders(orders);
        assertEq(_position(signer).base, 1e18, "at once");
        assertTrue(house.isNonceUsed(signer, 1), "used");
        vm.expectRevert(abi.encodeWithSelector(PoolClearingHouse.PoolClearingHouse_NonceUsed.selector, signer, 1));
        house.submitOrders(orders);

        orders[0].isOpen = false;
        orders[0].nonce = 2;
        _sign(orders[0], key);
        house.submitOrders(orders);
        assertEq(_position(signer).base, 0, "a signed close");
    }

    /// Twice in one transaction; an order that cannot trade keeps its nonce; a cancelled one is off.
    function test_RevertWhen_ASignedOrderCannotTrade() public {
        (address signer, uint256 key) = makeAddrAndKey("signer");
        IPerpClearingHouse.SignedOrder[] memory orders = _signedOrder(signer, key, 1);
        vm.expectPartialRevert(IPerpClearingHouse.ClearingHouse_MarginTooLow.selector);
        house.submitOrders(orders);
        assertFalse(house.isNonceUsed(signer, 1), "not used up");
        _deposit(direct, signer, Defaults.COLLATERAL);

        IPerpClearingHouse.SignedOrder[] memory twice = new IPerpClearingHouse.SignedOrder[](2);
        (twice[0], twice[1]) = (orders[0], orders[0]);
        bytes memory used = abi.encodeWithSelector(PoolClearingHouse.PoolClearingHouse_NonceUsed.selector, signer, 1);
        vm.expectRevert(used);
        house.submitOrders(twice);
        assertEq(_position(signer).base, 0, "all or none");

        vm.expectEmit(address(house));
        emit IPerpAdmission.NonceCancelled(signer, 1);
        vm.prank(signer);
        house.cancelNonce(1);
        vm.expectRevert(used);
        house.submitOrders(orders);
    }

    /* ANY TRADES */

    /// Base and quote are conserved to the wei with fees and funding, and whoever opened is above its maintenance margin.
    function testFuzz_Trades_ConserveAndLeaveNobodyLiquidatable(uint256[6] memory words) public {
        for (uint256 i; i < 6; ++i) {
            uint256 word = words[i];
            address trader = word & 3 == 0 ? bob : word & 3 == 1 ? carol : alice;
            uint256 size = trader == alice ? (word >> 8) % 5e18 + 1 : (word >> 8) % 100e18 + 1;
            vm.warp(vm.getBlockTimestamp() + (word >> 96) % 4 hours);
            uint256 mid = direct.registry.midPrice(ETH);
            _setPrices(mid * (9900 + (word >> 128) % 200) / 1e4, mid, PriceStatus.Ok);
            bool holds = _position(trader).base != 0;
            vm.prank(trader);
            if (word & 4 == 0 || !holds) {
                try house.openPosition(ETH, word & 8 == 0, size, 0, 0) {
                    IPerpClearingHouse.Account memory account = house.getAccount(trader);
                    assertGe(account.equity, int256(account.maintenanceMargin), "above the maintenance margin");
                } catch (bytes memory reason) {
                    assertEq(bytes4(reason), IPerpClearingHouse.ClearingHouse_MarginTooLow.selector, "the one reason");
                }
            } else {
                house.closePosition(ETH, size, 0, 0);
            }
            _assertConserved();
        }
    }

    /* HELPERS */

    function _signedOrder(address signer, uint256 key, uint256 nonce)
        private
        view
        returns (IPerpClearingHouse.SignedOrder[] memory orders)
    {
        orders = new IPerpClearingHouse.SignedOrder[](1);
        orders[0] = IPerpClearingHouse.SignedOrder(
            signer, ETH, true, true, 1e18, 0, vm.getBlockTimestamp() + 1 hours, nonce, ""
        );
        _sign(orders[0], key);
    }

    function _sign(IPerpClearingHouse.SignedOrder memory order, uint256 key) private view {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, house.orderDigest(order));
        order.signature = abi.encodePacked(r, s, v);
    }
}
