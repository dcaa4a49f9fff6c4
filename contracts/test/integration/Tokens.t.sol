// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { ISwapRouter } from "../../interfaces/ISwapRouter.sol";
import { IVirtualToken } from "../../interfaces/IVirtualToken.sol";
import { IUniswapV3Pool } from "../../interfaces/external/IUniswapV3Pool.sol";
import { PoolSwapper } from "../../netting/PoolSwapper.sol";
import { VirtualToken } from "../../tokens/VirtualToken.sol";
import { Market } from "../../types/Market.sol";
import { OrderTracking } from "../mocks/OrderTracking.sol";
import { PoolAttacker } from "../mocks/PoolAttacker.sol";
import { Defaults } from "../utils/Defaults.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice Virtual tokens: what their events say, and that nobody outside of the protocol moves them or the pool's price.
contract TokensTest is OrderTracking {
    event Transfer(address indexed from, address indexed to, uint256 amount);

    Market internal market;
    VirtualToken internal base;
    VirtualToken internal quote;
    PoolAttacker internal attacker;

    function setUp() public override {
        super.setUp();
        market = _market(netted, ETH);
        (base, quote) = (_token(market.baseToken), _token(market.quoteToken));
        attacker = new PoolAttacker(market.pool);
        _fund(3, Defaults.COLLATERAL);
    }

    /* LEGS */

    /// A long of 1 at 2000 gains 1 vETH, a short gains 2000 vUSDC; closing burns them. Each leg once, and no other.
    function test_Legs_AreMintedAndBurnedInEvents() public {
        vm.recordLogs();
        _open(_trader(0), true, 1e18);
        _openDeferred(_trader(1), false, 1e18);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(_transfers(logs, address(base), address(0), _trader(0)), 1e18, "1 vETH minted to the long");
        assertEq(_transfers(logs, address(quote), address(0), _trader(1)), 2000e18, "2000 vUSDC minted to the short");
        assertEq(_countTransfers(logs), 2, "and nothing else moves");

        _nextBlock();
        vm.recordLogs();
        _change(_trader(0), ETH, false, true, 0.25e18, 0);
        _changeDeferred(_trader(1), ETH, false, false, 0.25e18, 0);
        logs = vm.getRecordedLogs();
        assertEq(_transfers(logs, address(base), _trader(0), address(0)), 0.25e18, "a quarter of the vETH burned");
        assertEq(_transfers(logs, address(quote), _trader(1), address(0)), 500e18, "a quarter of the vUSDC burned");
        assertEq(_countTransfers(logs), 2, "and nothing else moves");
    }

    /// From +1 to -1 in one order: the vETH is burned, vUSDC of the new short minted.
    function test_Legs_OfAReversalChangeSides() public {
        _open(_trader(0), true, 1e18);
        _openDeferred(_trader(1), false, 1e18);
        _nextBlock();
        vm.recordLogs();
        _open(_trader(0), false, 2e18);
        _openDeferred(_trader(2), true, 2e18);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(_transfers(logs, address(base), _trader(0), address(0)), 1e18, "its vETH burned");
        assertEq(_transfers(logs, address(quote), address(0), _trader(0)), 2000e18, "vUSDC of the short minted");
        assertEq(base.balanceOf(_trader(0)), 0, "no vETH");
        assertEq(quote.balanceOf(_trader(0)), 2000e18, "2000 vUSDC");
    }

    /// Events of a trader add up to its balance, whatever the pool does; the supply is what the pool holds.
    function test_Legs_AddUpToBalances() public {
        vm.recordLogs();
        _open(_trader(0), true, 1e18);
        _openDeferred(_trader(1), false, 0.3e18); // 0.7 from the pool
        _nextBlock();
        _change(_trader(0), ETH, false, true, 0.4e18, 0);
        _openDeferred(_trader(2), false, 0.1e18); // 0.5 to the pool
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 t; t < 3; ++t) {
            address trader = _trader(t);
            uint256 minted = _transfers(logs, address(base), address(0), trader);
            assertEq(
                minted - _transfers(logs, address(base), trader, address(0)), base.balanceOf(trader), "vETH by events"
            );
            minted = _transfers(logs, address(quote), address(0), trader);
            assertEq(
                minted - _transfers(logs, address(quote), trader, address(0)),
                quote.balanceOf(trader),
                "vUSDC by events"
            );
        }
        assertEq(base.totalSupply(), base.balanceOf(market.pool), "all real vETH is the pool's");
        assertEq(quote.totalSupply(), quote.balanceOf(market.pool), "all real vUSDC is the pool's");
        assertEq(base.balanceOf(address(netted.router)), 0, "the router keeps nothing");
    }

    /* NOBODY ELSE */

    function test_RevertWhen_AnyoneMintsBurnsOrAnnounces() public {
        bytes memory error_ = abi.encodeWithSelector(IVirtualToken.VirtualToken_Unauthorized.selector, alice);
        vm.startPrank(alice);
        vm.expectRevert(error_);
        base.mint(alice, 1);
        vm.expectRevert(error_);
        base.burn(1);
        vm.expectRevert(error_);
        base.announce(alice, 1);
        vm.stopPrank();
    }

    /// A trader's balance is its position: it cannot be sent anywhere, not even to the router, which may receive.
    function test_RevertWhen_ATraderSendsItsLeg() public {
        _open(_trader(0), true, 1e18);
        _openDeferred(_trader(1), false, 1e18);
        assertEq(base.balanceOf(_trader(0)), 1e18, "it holds 1 vETH");
        vm.startPrank(_trader(0));
        vm.expectRevert(abi.encodeWithSelector(IVirtualToken.VirtualToken_Unauthorized.selector, _trader(0)));
        base.transfer(alice, 1);
        vm.expectRevert(bytes4(keccak256("InsufficientBalance()")));
        base.transfer(address(netted.router), 1);
        base.approve(alice, type(uint256).max);
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(IVirtualToken.VirtualToken_Unauthorized.selector, alice));
        vm.prank(alice);
        base.transferFrom(_trader(0), alice, 1);
    }

    /// The pool pays nobody but the router: the attacker gets no token out, and can pay none in.
    function test_RevertWhen_AnAttackerSwaps() public {
        vm.expectRevert(bytes("TF"));
        attacker.swap(address(attacker), true, 1e18);
        vm.expectRevert(bytes("TF"));
        attacker.swap(address(attacker), false, 1e18);
        vm.expectRevert(bytes("IIA"));
        attacker.swap(address(netted.router), true, 1e18);
        vm.expectRevert(bytes("IIA"));
        attacker.swap(address(netted.router), false, -1);
        attacker.prepare(address(base), abi.encodeCall(IVirtualToken.mint, (market.pool, 1e18)));
        vm.expectRevert(abi.encodeWithSelector(IVirtualToken.VirtualToken_Unauthorized.selector, address(attacker)));
        attacker.swap(address(netted.router), true, 1e18);
        _assertPoolUntouched();
    }

    /// A callback into the router that names the pool as if it had asked for payment.
    function test_RevertWhen_AnAttackerAsksTheRouterToPay() public {
        bytes memory key = abi.encode(address(base), address(quote), market.fee, address(attacker));
        attacker.prepare(address(netted.router), abi.encodeCall(PoolSwapper.uniswapV3SwapCallback, (1e18, 0, key)));
        vm.expectRevert(abi.encodeWithSelector(ISwapRouter.SwapRouter_NotThePool.selector, address(attacker)));
        attacker.swap(address(netted.router), true, 1e18);
        _assertPoolUntouched();
    }

    function test_RevertWhen_AnAttackerBorrows() public {
        vm.expectRevert(bytes("TF"));
        attacker.flash(address(attacker), 1e18, 0);
        vm.expectRevert(bytes("F0"));
        attacker.flash(address(netted.router), 1e18, 0);
        vm.expectRevert(bytes("F1"));
        attacker.flash(address(netted.router), 0, 1e18);
        _assertPoolUntouched();
    }

    function test_RevertWhen_AnAttackerMintsLiquidity() public {
        vm.expectRevert(bytes("M0"));
        attacker.mint(Defaults.MIN_TICK, Defaults.MAX_TICK, 1);
        vm.expectRevert(bytes("M1"));
        attacker.mint(Defaults.MIN_TICK, 0, 1); // below the price: quote alone
        _assertPoolUntouched();
    }

    function test_AnAttackerCollectsNothing() public {
        vm.expectRevert(bytes("NP"));
        attacker.burn(Defaults.MIN_TICK, Defaults.MAX_TICK, 0);
        (uint128 amount0, uint128 amount1) = attacker.collect(address(attacker), Defaults.MIN_TICK, Defaults.MAX_TICK);
        assertEq(uint256(amount0) + amount1, 0, "it has no position, so it gets nothing");
        _assertPoolUntouched();
    }

    function _assertPoolUntouched() private view {
        (uint160 sqrtPriceX96,,,,,,) = IUniswapV3Pool(market.pool).slot0();
        assertEq(sqrtPriceX96, Defaults.SQRT_PRICE, "the price has not moved");
        assertEq(IUniswapV3Pool(market.pool).liquidity(), Defaults.LIQUIDITY, "the liquidity has not changed");
        assertEq(base.balanceOf(address(attacker)) + quote.balanceOf(address(attacker)), 0, "it holds nothing");
    }

    /* EVENTS */

    /// @dev Σ of a token's transfers between two accounts.
    function _transfers(Vm.Log[] memory logs, address token, address from, address to)
        private
        pure
        returns (uint256 sum)
    {
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].emitter != token || logs[i].topics[0] != Transfer.selector) continue;
            if (address(uint160(uint256(logs[i].topics[1]))) != from) continue;
            if (address(uint160(uint256(logs[i].topics[2]))) != to) continue;
            sum += abi.decode(logs[i].data, (uint256));
        }
    }

    function _countTransfers(Vm.Log[] memory logs) private view returns (uint256 count) {
        for (uint256 i; i < logs.length; ++i) {
            bool isToken = logs[i].emitter == address(base) || logs[i].emitter == address(quote);
            if (isToken && logs[i].topics[0] == Transfer.selector) ++count;
        }
    }
}
