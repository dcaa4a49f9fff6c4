// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { U256Cumulative } from "../arcology/U256Cumulative.sol";
import { ICollateralVault } from "../interfaces/ICollateralVault.sol";
import { IERC20 } from "../interfaces/external/IERC20.sol";
import { SafeTransferLib } from "solady/utils/SafeTransferLib.sol";

/// @notice Holds the collateral of one clearing house.
/// @dev The fund is a commutative cumulative: two traders that settle in one generation do not conflict on it.
/// @dev Warning: for plain ERC-20 tokens. One that takes a fee on transfers would leave the vault short.
contract CollateralVault is U256Cumulative, ICollateralVault {
    using SafeTransferLib for address;

    /// @dev The cumulative is unsigned: this much stands for a fund of 0.
    uint256 private constant FUND_ZERO = 1 << 254;

    /// @notice The only contract whose word moves collateral.
    address public immutable HOUSE;
    /// @inheritdoc ICollateralVault
    address public immutable token;
    /// @inheritdoc ICollateralVault
    uint256 public immutable scale;

    /// @notice Balances in WAD.
    mapping(address trader => uint256 balance) public balances;
    /// @inheritdoc ICollateralVault
    mapping(address trader => uint256 amount) public badDebtOf;
    /// @inheritdoc ICollateralVault
    uint256 public totalBadDebt;
    /// @inheritdoc ICollateralVault
    uint256 public paidIn;
    /// @inheritdoc ICollateralVault
    uint256 public collected;

    constructor(address house, address token_) U256Cumulative(0, type(uint256).max) {
        HOUSE = house;
        token = token_;
        uint8 decimals = IERC20(token_).decimals();
        if (decimals > 18) revert CollateralVault_UnsupportedDecimals(decimals);
        scale = 10 ** (18 - decimals);
        _add(FUND_ZERO);
    }

    modifier onlyHouse() {
        if (msg.sender != HOUSE) revert CollateralVault_Unauthorized(msg.sender);
        _;
    }

    /// @inheritdoc ICollateralVault
    function deposit(address trader, uint256 amount) external onlyHouse {
        balances[trader] += amount * scale;
        token.safeTransferFrom(trader, address(this), amount);
    }

    /// @inheritdoc ICollateralVault
    function withdraw(address trader, uint256 amount) external onlyHouse {
        uint256 balance = balances[trader];
        if (amount * scale > balance) {
            revert CollateralVault_InsufficientBalance(trader, balance, amount * scale);
        }
        balances[trader] = balance - amount * scale;
        token.safeTransfer(trader, amount);
    }

    /// @inheritdoc ICollateralVault
    function settlePnl(address trader, int256 pnl) external onlyHouse {
        if (pnl >= 0) {
            balances[trader] += uint256(pnl);
            if (pnl != 0) _sub(uint256(pnl));
        } else {
            uint256 loss = uint256(-pnl);
            uint256 balance = balances[trader];
            uint256 paid = loss < balance ? loss : balance;
            balances[trader] = balance - paid;
            _add(paid);
            if (paid < loss) {
                badDebtOf[trader] += loss - paid;
                totalBadDebt += loss - paid;
                emit BadDebt(trader, loss - paid);
            }
        }
    }

    /// @inheritdoc ICollateralVault
    function payFund(uint256 amount) external {
        _add(amount * scale);
        paidIn += amount * scale;
        token.safeTransferFrom(msg.sender, address(this), amount);
        emit FundPaid(msg.sender, amount);
    }

    /// @inheritdoc ICollateralVault
    function collect(address to, uint256 amount) external onlyHouse {
        collected += amount * scale;
        _sub(amount * scale);
        token.safeTransfer(to, amount);
    }

    /// @inheritdoc ICollateralVault
    function getBalance(address trader) external view returns (uint256) {
        return balances[trader];
    }

    /// @inheritdoc ICollateralVault
    function fund() external view returns (int256) {
        return int256(_total()) - int256(FUND_ZERO);
    }
}
