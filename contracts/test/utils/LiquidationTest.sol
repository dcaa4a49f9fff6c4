// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpClearingHouse } from "../../interfaces/IPerpClearingHouse.sol";
import { IPerpEvents } from "../../interfaces/IPerpEvents.sol";
import { IRiskRegistry } from "../../interfaces/IRiskRegistry.sol";
import { IUniswapV3Pool } from "../../interfaces/external/IUniswapV3Pool.sol";
import { PriceLib } from "../../libraries/PriceLib.sol";
import { PositionTracker } from "../../perp/PositionTracker.sol";
import { Allocation } from "../../types/Market.sol";
import { MarketId } from "../../types/MarketId.sol";
import { MarketRisk, PriceStatus, Prices } from "../../types/MarketRisk.sol";
import { Position } from "../../types/Position.sol";
import { RejectReason } from "../../types/RejectReason.sol";
import { BaseTest } from "../Base.t.sol";
import { Defaults } from "./Defaults.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice alice with 1,000 USDC, bob and carol with a million each, and two markets at 2000 with the default parameters.
abstract contract LiquidationTest is BaseTest {
    MarketId internal constant BTC = MarketId.wrap(1);
    uint256 internal constant ALL = type(uint96).max;
    /// @dev What closes of 4.2 from 2000 at 1849 with 1000 of collateral, and 1.5 % of its quote: Liquidation.t.sol derives them.
    int256 internal constant PART = 2_613_686_253_300_671_270;
    uint256 internal constant FEE = 72_490_588_235_294_117_674;

    address internal second = makeAddr("second keeper");

    function setUp() public virtual override {
        super.setUp();
        _list(netted, Allocation.Uniform);
        _initializeRisk();
        _deposit(netted, alice, Defaults.COLLATERAL);
        _deposit(netted, bob, 1000 * Defaults.COLLATERAL);
        _deposit(netted, carol, 1000 * Defaults.COLLATERAL);
        _nextBlock();
    }

    /// @dev For tests whose markets have other parameters.
    function _initializeRisk() internal virtual { }

    function _initialize(MarketId id, MarketRisk memory parameters) internal {
        vm.prank(deployer);
        netted.risk.initialize(id, parameters);
    }

    /* ACTING */

    /// @dev Fills an order against bob, at the mid.
    function _trade(address trader, MarketId id, bool isLong, uint256 size) internal {
        _change(trader, id, true, isLong, size, 0);
        _changeDeferred(bob, id, true, !isLong, size, 0);
        _nextBlock();
        assertEq(_base(trader, id), isLong ? int256(size) : -int256(size), "the position is open");
    }

    /// @dev Queues a liquidation as an externally owned account does.
    function _liquidate(address by, address account, MarketId id, bool isLong, uint256 size) internal {
        uint256 word = netted.house.liquidationOf(account, size);
        vm.prank(by, by);
        netted.house.changePosition{ gas: Defaults.SETTLE_GAS }(id, false, isLong, word, 0, 0);
    }

    /// @dev Moves mid and mark. The pool itself stays: it must not be swapped with. Squares have exact roots.
    function _setPrice(MarketId id, uint256 price) internal {
        vm.mockCall(
            _market(netted, id).pool,
            abi.encodeCall(IUniswapV3Pool.slot0, ()),
            abi.encode(PriceLib.toSqrtPriceX96(price), int24(0), uint16(0), uint16(1), uint16(1), uint8(0), true)
        );
        assertEq(netted.house.getMarkPrice(id), price, "mark and mid");
    }

    /// @dev A mark apart from the mid price, which stays.
    function _setMark(MarketId id, uint256 mark, PriceStatus status) internal {
        vm.mockCall(
            address(netted.risk), abi.encodeCall(IRiskRegistry.pricesOf, (id)), abi.encode(Prices(mark, 0, status))
        );
    }

    /// @dev The keeper's liquidation of alice's long against bob's close of `against` on the other side, in one deferred settlement.
    function _liquidateAgainstBob(uint256 size, uint256 against) internal returns (Vm.Log[] memory) {
        vm.recordLogs();
        _liquidate(keeper, alice, ETH, true, size);
        _changeDeferred(bob, ETH, false, false, against, 0);
        return vm.getRecordedLogs();
    }

    /// @dev Liquidates all that alice holds in a market against bob. Where `leavesDebt`, the settlement does not take up what she owes
    ///      then, as where its gas is short.
    function _liquidateAll(MarketId id, bool isLong, uint256 size, bool leavesDebt) internal {
        bytes memory call = abi.encodeCall(IPerpClearingHouse.settleBadDebt, (alice));
        if (leavesDebt) vm.mockCall(address(netted.house), call, abi.encode(0));
        _liquidate(keeper, alice, id, isLong, ALL);
        _changeDeferred(bob, id, false, !isLong, size, 0);
        _nextBlock();
        assertEq(_base(alice, id), 0, "closed");
        if (leavesDebt) vm.clearMockedCalls();
    }

    function _rejectedBySettle(RejectReason reason) internal returns (uint256) {
        vm.recordLogs();
        _settleNextBlock();
        return _count(vm.getRecordedLogs(), reason);
    }

    /* READS */

    function _base(address trader, MarketId id) internal view returns (int256 base) {
        (base,,) = netted.house.getPosition(trader, id);
    }

    function _positionOf(address trader, MarketId id) internal view returns (Position memory) {
        return PositionTracker(_market(netted, id).tracker).positionOf(trader);
    }

    function _insuranceOf(MarketId id) internal view returns (uint256 insurance) {
        (, insurance) = netted.netting.accountOf(id);
    }

    function _count(Vm.Log[] memory logs, RejectReason reason) internal pure returns (uint256 count) {
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != IPerpEvents.OrderRejected.selector) continue;
            (, RejectReason said) = abi.decode(logs[i].data, (MarketId, RejectReason));
            if (said == reason) ++count;
        }
    }

    /// @dev What the one liquidation among the logs paid.
    function _fees(Vm.Log[] memory logs) internal pure returns (address by, uint256 fee, uint256 reward) {
        uint256 found;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != IPerpEvents.Liquidated.selector) continue;
            (by, fee, reward) = abi.decode(logs[i].data, (address, uint256, uint256));
            ++found;
        }
        assertEq(found, 1, "one liquidation");
    }
}
