// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { TestUSDC } from "../../../tokens/TestUSDC.sol";
import { BaseTest } from "../../Base.t.sol";
import { PermitToken } from "../../mocks/PermitToken.sol";
import { Defaults } from "../../utils/Defaults.sol";
import { ERC20 } from "solady/tokens/ERC20.sol";

/// @notice Deposits with a signed approval. The owner has 1,000 of a token with permit and has approved nothing.
contract PermitTest is BaseTest {
    struct Permit {
        uint256 deadline;
        uint8 v;
        bytes32 r;
        bytes32 s;
    }

    bytes32 private constant PERMIT_TYPEHASH =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");

    address private owner;
    uint256 private ownerKey;
    PermitToken private token;

    function setUp() public override {
        super.setUp();
        token = new PermitToken();
        // The deployment below takes this as its collateral; only `mint` is asked of it here.
        usdc = TestUSDC(address(token));
        netted = _deployNetted(Defaults.THREADS, Defaults.CHUNK);
        (owner, ownerKey) = makeAddrAndKey("owner");
        token.mint(owner, 1000 * Defaults.USDC);
    }

    /// @dev The owner's permit for the vault.
    function _permit(uint256 value) private view returns (Permit memory permit) {
        permit.deadline = vm.getBlockTimestamp() + 1 hours;
        bytes32 structHash = keccak256(
            abi.encode(PERMIT_TYPEHASH, owner, address(netted.vault), value, token.nonces(owner), permit.deadline)
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), structHash));
        (permit.v, permit.r, permit.s) = vm.sign(ownerKey, digest);
    }

    function _deposit(uint256 amount, Permit memory permit) private {
        vm.prank(owner);
        netted.house.depositWithPermit(amount, permit.deadline, permit.v, permit.r, permit.s);
    }

    function test_Deposit_WithoutAnEarlierApproval() public {
        _deposit(600 * Defaults.USDC, _permit(600 * Defaults.USDC));
        assertEq(netted.vault.getBalance(owner), 600e18, "credited");
        assertEq(token.balanceOf(address(netted.vault)), 600 * Defaults.USDC, "paid");
        assertEq(token.allowance(owner, address(netted.vault)), 0, "nothing is left approved");
    }

    /// Anyone who sees the permit may hand it in first. The deposit then finds its allowance.
    function test_Deposit_AFrontRunPermitIsHarmless() public {
        Permit memory permit = _permit(600 * Defaults.USDC);
        vm.prank(carol);
        token.permit(owner, address(netted.vault), 600 * Defaults.USDC, permit.deadline, permit.v, permit.r, permit.s);
        _deposit(600 * Defaults.USDC, permit);
        assertEq(netted.vault.getBalance(owner), 600e18, "credited all the same");
    }

    /// With an allowance the signature is not looked at.
    function test_Deposit_AnAllowanceNeedsNoPermit() public {
        vm.prank(owner);
        token.approve(address(netted.vault), 600 * Defaults.USDC);
        _deposit(600 * Defaults.USDC, Permit(0, 0, 0, 0));
        assertEq(netted.vault.getBalance(owner), 600e18, "credited");
        assertEq(token.nonces(owner), 0, "no permit was used");
    }

    /// A permit of another key, for another amount, that has expired; and one that somebody else hands in for itself.
    function test_RevertWhen_ThePermitIsNotGood() public {
        Permit memory permit = _permit(600 * Defaults.USDC);
        permit.s = bytes32(uint256(permit.s) ^ 1);
        vm.expectRevert(ERC20.InvalidPermit.selector);
        _deposit(600 * Defaults.USDC, permit);

        permit = _permit(599 * Defaults.USDC);
        vm.expectRevert(ERC20.InvalidPermit.selector);
        _deposit(600 * Defaults.USDC, permit);

        permit = _permit(600 * Defaults.USDC);
        vm.expectRevert(ERC20.InvalidPermit.selector);
        vm.prank(carol);
        netted.house.depositWithPermit(600 * Defaults.USDC, permit.deadline, permit.v, permit.r, permit.s);

        vm.warp(permit.deadline + 1);
        vm.expectRevert(ERC20.PermitExpired.selector);
        _deposit(600 * Defaults.USDC, permit);
        assertEq(netted.vault.getBalance(owner), 0, "nothing was credited");
    }

    /// Whatever stood before, and whoever hands the permit in first: the deposit is credited once, and is the owner's.
    function testFuzz_Deposit_GoesThrough(uint256 amount, uint256 approved, uint256 value, bool isFrontRun) public {
        amount = bound(amount, 1, 1000 * Defaults.USDC);
        approved = bound(approved, 0, 1000 * Defaults.USDC);
        // Handed in by somebody else it may be for more; handed in here it is for what is deposited.
        value = isFrontRun ? bound(value, amount, type(uint128).max) : amount;
        vm.prank(owner);
        token.approve(address(netted.vault), approved);
        Permit memory permit = _permit(value);
        if (isFrontRun) {
            vm.prank(carol);
            token.permit(owner, address(netted.vault), value, permit.deadline, permit.v, permit.r, permit.s);
        }
        _deposit(amount, permit);
        assertEq(netted.vault.getBalance(owner), amount * 1e12, "credited once");
        assertEq(netted.vault.getBalance(carol), 0, "nobody else gained");
        assertEq(token.balanceOf(owner), 1000 * Defaults.USDC - amount, "paid once");
        bool isUsed = isFrontRun || approved < amount;
        assertEq(token.nonces(owner), isUsed ? 1 : 0, "the permit is used only where it is needed");
    }
}
