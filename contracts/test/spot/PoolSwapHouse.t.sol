// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { PoolSeeder } from "../../baseline/PoolSeeder.sol";
import { PoolSwapHouse } from "../../baseline/PoolSwapHouse.sol";
import { IMarketRegistry } from "../../interfaces/IMarketRegistry.sol";
import { IUniswapV3Pool } from "../../interfaces/external/IUniswapV3Pool.sol";
import { TestToken } from "../../tokens/TestToken.sol";
import { MarketId } from "../../types/MarketId.sol";
import { Defaults } from "../utils/Defaults.sol";
import { SpotBaseTest } from "./SpotBase.t.sol";
import { Vm } from "forge-std/Vm.sol";
import { Ownable } from "solady/auth/Ownable.sol";
import { SafeTransferLib } from "solady/utils/SafeTransferLib.sol";

/// @notice A contract that poses as a pool, to have others pay it.
contract FalsePool {
    address public token0;
    address public token1;
    int24 public constant tickSpacing = 10;

    constructor(address token0_, address token1_) {
        (token0, token1) = (token0_, token1_);
    }

    /// @dev Names another payer than who called.
    function mint(address recipient, int24, int24, uint128 amount, bytes calldata) external returns (uint256, uint256) {
        bytes memory data = abi.encode(token0, token1, address(this));
        PoolSeeder(recipient).uniswapV3MintCallback(amount, amount, data);
        return (amount, amount);
    }
}

contract PoolSwapHouseTest is SpotBaseTest {
    PoolSwapHouse internal house;

    function setUp() public override {
        super.setUp();
        house = new PoolSwapHouse(IMarketRegistry(spot.registry));
    }

    /* SWAP */

    function test_ABuyerPaysThePoolAndGetsTheBase() public {
        _hold(alice, 0, 3000e6);
        int256 quoteDelta = _swapAs(alice, true, ONE, 0);
        // One of 10,000 at 2,000, the fee of 0.05 % included: 2,001.2.
        assertApproxEqAbs(-quoteDelta, 2001.2e6, 0.01e6, "price");
        assertEq(spot.base.balanceOf(alice), ONE, "base got");
        assertEq(spot.quote.balanceOf(alice), uint256(3000e6 + quoteDelta), "quote paid");
        _assertHouseHoldsNothing();
    }

    function test_ASellerPaysThePoolAndGetsTheQuote() public {
        _hold(alice, 2 * ONE, 0);
        int256 quoteDelta = _swapAs(alice, false, ONE, 0);
        assertApproxEqAbs(quoteDelta, 1998.8e6, 0.01e6, "price");
        assertEq(spot.base.balanceOf(alice), ONE, "base paid");
        assertEq(spot.quote.balanceOf(alice), uint256(quoteDelta), "quote got");
        _assertHouseHoldsNothing();
    }

    function test_ALimitHoldsToTheWei() public {
        _hold(alice, 0, 3000e6);
        uint256 snapshot = vm.snapshotState();
        uint256 quote = uint256(-_swapAs(alice, true, ONE, 0));
        vm.revertToState(snapshot);
        vm.expectRevert(
            abi.encodeWithSelector(PoolSwapHouse.PoolSwapHouse_BeyondLimit.selector, ONE, ONE, quote, quote - 1)
        );
        vm.prank(alice);
        house.swap(ETH, true, ONE, quote - 1, 0);
        _swapAs(alice, true, ONE, quote);
        assertEq(spot.base.balanceOf(alice), ONE, "filled at its limit");
    }

    function test_ASellersLimitHoldsToTheWei() public {
        _hold(alice, ONE, 0);
        uint256 snapshot = vm.snapshotState();
        uint256 quote = uint256(_swapAs(alice, false, ONE, 0));
        vm.revertToState(snapshot);
        vm.expectRevert(
            abi.encodeWithSelector(PoolSwapHouse.PoolSwapHouse_BeyondLimit.selector, ONE, ONE, quote, quote + 1)
        );
        vm.prank(alice);
        house.swap(ETH, false, ONE, quote + 1, 0);
        _swapAs(alice, false, ONE, quote);
        assertEq(spot.quote.balanceOf(alice), quote, "filled at its limit");
    }

    function test_RevertWhen_TheMarketsBoundStopsTheSwap() public {
        // 500 of 10,000 would move the price by more than 5 %.
        _hold(alice, 500 * ONE, 0);
        vm.expectPartialRevert(PoolSwapHouse.PoolSwapHouse_BeyondLimit.selector);
        vm.prank(alice);
        house.swap(ETH, false, 500 * ONE, 0, 0);
        assertEq(spot.base.balanceOf(alice), 500 * ONE, "nothing moved");
    }

    function test_RevertWhen_TheTermsAreWrong() public {
        vm.startPrank(alice);
        vm.expectRevert(PoolSwapHouse.PoolSwapHouse_ZeroSize.selector);
        house.swap(ETH, true, 0, 0, 0);
        uint256 max = type(uint96).max;
        vm.expectRevert(abi.encodeWithSelector(PoolSwapHouse.PoolSwapHouse_SizeTooLarge.selector, max + 1, max));
        house.swap(ETH, true, max + 1, 0, 0);
        uint256 past = block.timestamp - 1;
        vm.expectRevert(abi.encodeWithSelector(PoolSwapHouse.PoolSwapHouse_Expired.selector, past, block.timestamp));
        house.swap(ETH, true, ONE, 0, past);
        MarketId unknown = MarketId.wrap(7);
        vm.expectRevert(abi.encodeWithSelector(IMarketRegistry.MarketRegistry_UnknownMarket.selector, unknown));
        house.swap(unknown, true, ONE, 0, 0);
        vm.stopPrank();
    }

    function test_RevertWhen_TheCallbackComesFromAnybodyElse() public {
        _hold(alice, ONE, 3000e6);
        vm.expectRevert(abi.encodeWithSelector(PoolSwapHouse.PoolSwapHouse_NotThePool.selector, bob));
        vm.prank(bob);
        house.uniswapV3SwapCallback(int256(ONE), 0, abi.encode(ETH, alice));
    }

    /* LIQUIDITY */

    function test_TheSeederAddsLiquidityOutOfItsCallersTokens() public {
        PoolSeeder seeder = new PoolSeeder();
        spot.base.mint(alice, 20_000 * ONE);
        spot.quote.mint(alice, 40_000_000e6);
        vm.startPrank(alice);
        spot.base.approve(address(seeder), type(uint256).max);
        spot.quote.approve(address(seeder), type(uint256).max);
        uint256 poolBase = spot.base.balanceOf(address(spot.pool));
        seeder.addLiquidity(spot.pool, LIQUIDITY);
        vm.stopPrank();
        assertEq(spot.pool.liquidity(), 2 * LIQUIDITY, "as much as was there");
        assertEq(spot.base.balanceOf(address(spot.pool)), 2 * poolBase, "paid");
        assertEq(spot.base.balanceOf(alice), 20_000 * ONE - poolBase, "by the caller");
    }

    function test_RevertWhen_TheSeedersCallbackComesFromAnybodyElse() public {
        PoolSeeder seeder = new PoolSeeder();
        vm.expectRevert(abi.encodeWithSelector(PoolSeeder.PoolSeeder_NotThePool.selector, bob));
        vm.prank(bob);
        seeder.uniswapV3MintCallback(1, 1, "");
    }

    function test_AFalsePoolTakesItsCallersTokensAlone() public {
        PoolSeeder seeder = new PoolSeeder();
        FalsePool pool = new FalsePool(address(spot.base), address(spot.quote));
        spot.base.mint(alice, 5);
        spot.quote.mint(alice, 5);
        vm.startPrank(alice);
        spot.base.approve(address(seeder), type(uint256).max);
        spot.quote.approve(address(seeder), type(uint256).max);
        vm.stopPrank();
        vm.expectRevert(SafeTransferLib.TransferFromFailed.selector);
        vm.prank(bob);
        seeder.addLiquidity(IUniswapV3Pool(address(pool)), 5);
        assertEq(spot.base.balanceOf(alice), 5, "who did not call does not pay");
    }

    /* TOKEN */

    function test_OnlyTheOwnerMintsTestTokens() public {
        TestToken token = new TestToken("Base 0", "tB0", deployer);
        vm.prank(deployer);
        token.mint(alice, 7);
        assertEq(token.balanceOf(alice), 7, "minted");
        assertEq(token.decimals(), 18, "decimals");
        vm.expectRevert(Ownable.Unauthorized.selector);
        vm.prank(alice);
        token.mint(alice, 7);
    }

    /* HELPERS */

    function _hold(address trader, uint256 base, uint256 quote) private {
        spot.base.mint(trader, base);
        spot.quote.mint(trader, quote);
        vm.startPrank(trader);
        spot.base.approve(address(house), type(uint256).max);
        spot.quote.approve(address(house), type(uint256).max);
        vm.stopPrank();
    }

    /// @dev Swaps and holds the event against what moved. @return quoteDelta Quote got or, negative, paid.
    function _swapAs(address trader, bool buys, uint256 size, uint256 limit) private returns (int256 quoteDelta) {
        uint256 before = spot.quote.balanceOf(trader);
        vm.recordLogs();
        vm.prank(trader);
        house.swap(ETH, buys, size, limit, 0);
        quoteDelta = int256(spot.quote.balanceOf(trader)) - int256(before);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(_count(logs, SwapSettled.selector), 1, "one event");
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != SwapSettled.selector) continue;
            assertEq(logs[i].topics[2], bytes32(uint256(uint160(trader))), "of the trader");
            int256 baseDelta = buys ? int256(size) : -int256(size);
            assertEq(logs[i].data, abi.encode(ETH, baseDelta, quoteDelta, 0, size, 0), "says what moved");
        }
    }

    function _assertHouseHoldsNothing() private view {
        assertEq(spot.base.balanceOf(address(house)), 0, "no base");
        assertEq(spot.quote.balanceOf(address(house)), 0, "no quote");
    }
}
