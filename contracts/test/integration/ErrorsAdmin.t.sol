// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { ICollateralVault } from "../../interfaces/ICollateralVault.sol";
import { IMarketRegistry } from "../../interfaces/IMarketRegistry.sol";
import { INetting } from "../../interfaces/INetting.sol";
import { IPerpAdmission } from "../../interfaces/IPerpAdmission.sol";
import { IPositionTracker } from "../../interfaces/IPositionTracker.sol";
import { IQueueFactory } from "../../interfaces/IQueueFactory.sol";
import { NettingEngine } from "../../netting/NettingEngine.sol";
import { PerpNettingEngine } from "../../perp/PerpNettingEngine.sol";
import { ParallelERC20 } from "../../tokens/ParallelERC20.sol";
import { Market } from "../../types/Market.sol";
import { MarketId } from "../../types/MarketId.sol";
import { CollateralVault } from "../../vault/CollateralVault.sol";
import { BaseTest } from "../Base.t.sol";
import { WideToken } from "../mocks/WideToken.sol";
import { Defaults } from "../utils/Defaults.sol";
import { Ownable } from "solady/auth/Ownable.sol";

/// @notice What listing, deploying and paying can do wrong, each with its named error.
contract ErrorsAdminTest is BaseTest {
    Market internal market;

    function setUp() public override {
        super.setUp();
        market = _market(netted, ETH);
        vm.startPrank(alice);
    }

    /// @dev All calls from here on are of this account.
    function _as(address account) private {
        vm.stopPrank();
        vm.startPrank(account);
    }

    /* LISTING */

    function test_RevertWhen_AnyoneLists() public {
        vm.expectRevert(Ownable.Unauthorized.selector);
        netted.registry.list(market);
    }

    function test_RevertWhen_APriceMoveIsOutOfRange() public {
        _as(deployer);
        uint16[2] memory wrong = [uint16(0), 5001];
        for (uint256 i; i < 2; ++i) {
            market.maxPriceMoveBps = wrong[i];
            vm.expectRevert(
                abi.encodeWithSelector(IMarketRegistry.MarketRegistry_PriceMoveOutOfRange.selector, uint256(wrong[i]))
            );
            netted.registry.list(market);
        }
    }

    function test_RevertWhen_PoolAndTokensDoNotBelongTogether() public {
        _as(deployer);
        (market.baseToken, market.quoteToken) = (market.quoteToken, market.baseToken);
        vm.expectRevert(abi.encodeWithSelector(IMarketRegistry.MarketRegistry_WrongPool.selector, market.pool));
        netted.registry.list(market);
    }

    function test_RevertWhen_ThePoolHasNoPrice() public {
        _as(deployer);
        market.pool = factory.createPool(market.baseToken, market.quoteToken, 3000);
        vm.expectRevert(abi.encodeWithSelector(IMarketRegistry.MarketRegistry_PoolNotInitialized.selector, market.pool));
        netted.registry.list(market);
    }

    /// 32 markets are the most.
    function test_RevertWhen_TheRegistryIsFull() public {
        _as(deployer);
        for (uint256 i = 1; i < 32; ++i) {
            netted.registry.list(market);
        }
        vm.expectRevert(abi.encodeWithSelector(IMarketRegistry.MarketRegistry_Full.selector, uint256(32)));
        netted.registry.list(market);
    }

    /// Queues are created for listed markets alone, and orders of a market that has none yet are refused.
    function test_RevertWhen_QueuesAreMissing() public {
        bytes4 unknown = IMarketRegistry.MarketRegistry_UnknownMarket.selector;
        vm.expectRevert(abi.encodeWithSelector(unknown, 1));
        netted.engine.createQueues();
        _as(deployer);
        netted.registry.list(market);
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(unknown, 1));
        vm.prank(alice, alice);
        netted.house.changePosition(MarketId.wrap(1), true, true, 1e18, 0, 0);
    }

    /// An order finds its queue by the factory's count of contracts: when that is off, creation fails, and not the order.
    function test_RevertWhen_AQueueIsMisplaced() public {
        _as(deployer);
        netted.registry.list(market);
        address queues = address(netted.engine.QUEUES());
        vm.setNonce(queues, 10);
        vm.expectPartialRevert(IQueueFactory.QueueFactory_Misplaced.selector);
        netted.engine.createQueues();
    }

    /* DEPLOYMENT */

    /// No orders a chunk, or a gas figure of 0.
    function test_RevertWhen_AnEngineIsBadlyConfigured() public {
        IQueueFactory queues = netted.engine.QUEUES();
        for (uint256 i; i < 4; ++i) {
            NettingEngine.Config memory config = NettingEngine.Config({
                threads: 1,
                chunk: i == 0 ? 0 : 1,
                marketGas: i == 1 ? 0 : Defaults.MARKET_GAS,
                clearGas: i == 2 ? 0 : Defaults.CLEAR_GAS,
                fillGas: i == 3 ? 0 : Defaults.FILL_GAS
            });
            vm.expectRevert(abi.encodeWithSelector(NettingEngine.NettingEngine_BadConfig.selector, config));
            new PerpNettingEngine(
                alice,
                IMarketRegistry(netted.registry),
                INetting(netted.netting),
                queues,
                IPerpAdmission(netted.admission),
                config
            );
        }
    }

    function test_RevertWhen_TheCollateralHasTooManyDecimals() public {
        address token = address(new WideToken());
        vm.expectRevert(
            abi.encodeWithSelector(ICollateralVault.CollateralVault_UnsupportedDecimals.selector, uint8(19))
        );
        new CollateralVault(alice, token);
    }

    /// A position has 128 bits.
    function test_RevertWhen_APositionOverflows() public {
        _as(address(netted.netting));
        int256 tooMuch = int256(type(int128).max) + 1;
        vm.expectRevert(abi.encodeWithSelector(IPositionTracker.PositionTracker_Overflow.selector, tooMuch));
        IPositionTracker(market.tracker).updatePosition(alice, tooMuch, -1, 0);
    }

    /* COLLATERAL */

    function test_RevertWhen_TheAllowanceDoesNotCoverADeposit() public {
        _as(deployer);
        usdc.mint(alice, 100);
        _nextBlock();
        _as(alice);
        usdc.approve(address(netted.vault), 99);
        vm.expectRevert(bytes4(keccak256("TransferFromFailed()")));
        netted.house.deposit(100);
        vm.expectRevert(
            abi.encodeWithSelector(ParallelERC20.ParallelERC20_InsufficientAllowance.selector, alice, bob, 0, 1)
        );
        _as(bob);
        usdc.transferFrom(alice, bob, 1);
        _as(alice);
        vm.expectRevert(ParallelERC20.ParallelERC20_ZeroRecipient.selector);
        usdc.transfer(address(0), 1);
    }

    /// A payment that fails leaves no credit behind.
    function test_AFailedDeposit_CreditsNothing() public {
        _as(bob);
        usdc.approve(address(netted.vault), 100);
        vm.expectRevert(bytes4(keccak256("TransferFromFailed()")));
        netted.house.deposit(100);
        assertEq(netted.vault.getBalance(bob), 0, "no credit");
    }

    function test_RevertWhen_TheVaultPaysMoreThanABalance() public {
        vm.stopPrank();
        _deposit(netted, alice, Defaults.COLLATERAL);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICollateralVault.CollateralVault_InsufficientBalance.selector, alice, 1000e18, 1000e18 + 1e12
            )
        );
        _as(address(netted.house));
        netted.vault.withdraw(alice, Defaults.COLLATERAL + 1);
    }
}
