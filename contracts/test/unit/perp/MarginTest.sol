// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPerpEvents } from "../../../interfaces/IPerpEvents.sol";
import { IUniswapV3Pool } from "../../../interfaces/external/IUniswapV3Pool.sol";
import { PriceLib } from "../../../libraries/PriceLib.sol";
import { Allocation } from "../../../types/Market.sol";
import { MarketId } from "../../../types/MarketId.sol";
import { RejectReason } from "../../../types/RejectReason.sol";
import { BaseTest } from "../../Base.t.sol";
import { Defaults } from "../../utils/Defaults.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice One account over two markets. All its fills net, so all are at the mid price.
abstract contract MarginTest is BaseTest {
    MarketId internal constant BTC = MarketId.wrap(1);

    function setUp() public override {
        super.setUp();
        _list(netted, Allocation.Uniform);
        _deposit(netted, alice, Defaults.COLLATERAL);
        // The other side of every order.
        _deposit(netted, bob, 1000 * Defaults.COLLATERAL);
        _nextBlock();
    }

    /// @dev Fills an order against bob, at the mid.
    function _trade(address trader, MarketId id, bool isLong, uint256 size) internal {
        _change(trader, id, true, isLong, size, 0);
        _changeDeferred(bob, id, true, !isLong, size, 0);
        _nextBlock();
    }

    function _base(address trader, MarketId id) internal view returns (int256 base) {
        (base,,) = netted.house.getPosition(trader, id);
    }

    function _rejections(RejectReason reason) internal returns (uint256 count) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != IPerpEvents.OrderRejected.selector) continue;
            (, RejectReason said) = abi.decode(logs[i].data, (MarketId, RejectReason));
            if (said == reason) ++count;
        }
    }

    /// @dev Puts the mark where a test needs it; nothing here swaps with the pool. Squares have exact roots: 1600, 2500, 3600.
    function _setPrice(MarketId id, uint256 price) internal {
        address pool = _market(netted, id).pool;
        uint160 root = PriceLib.toSqrtPriceX96(price);
        vm.mockCall(
            pool,
            abi.encodeCall(IUniswapV3Pool.slot0, ()),
            abi.encode(root, int24(0), uint16(0), uint16(1), uint16(1), uint8(0), true)
        );
    }
}
