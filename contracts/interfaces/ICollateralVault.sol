// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice Holds the collateral token; moves only on the clearing house's word. Balances in WAD, payments in token units.
interface ICollateralVault {
    /// @notice A realised loss was larger than the balance. `amount` in WAD.
    event BadDebt(address indexed trader, uint256 amount);
    /// @notice Someone paid into the fund. `amount` in token units.
    event FundPaid(address indexed payer, uint256 amount);

    /// @notice Thrown when anyone but the clearing house calls.
    error CollateralVault_Unauthorized(address caller);
    /// @notice Thrown when more is withdrawn than the balance holds. WAD.
    error CollateralVault_InsufficientBalance(address trader, uint256 balance, uint256 amount);
    /// @notice Thrown for a collateral token of more than 18 decimals.
    error CollateralVault_UnsupportedDecimals(uint8 decimals);

    /// @notice Pulls `amount` token units from `trader` and credits them.
    function deposit(address trader, uint256 amount) external;

    /// @notice Debits and pays `amount` token units to `trader`.
    function withdraw(address trader, uint256 amount) external;

    /// @notice Moves a realised profit from the fund to `trader`, or a loss from `trader` to the fund. WAD.
    /// @dev A loss beyond the balance is bad debt: the balance ends at 0 and the fund takes what there was.
    /// @dev Writes the balance for a `pnl` of 0 too: see Fund on calls of one sequence.
    function settlePnl(address trader, int256 pnl) external;

    /// @notice Pulls `amount` token units from the caller into the fund.
    function payFund(uint256 amount) external;

    /// @notice Pays `amount` token units of collected fees from the fund to `to`. Only the clearing house, which knows how much was collected.
    function collect(address to, uint256 amount) external;

    /// @notice The balance of `trader`, WAD.
    function getBalance(address trader) external view returns (uint256);

    /// @notice Losses of `trader` that its collateral did not cover, WAD.
    function badDebtOf(address trader) external view returns (uint256);

    /// @notice Σ of all bad debt ever, WAD.
    function totalBadDebt() external view returns (uint256);

    /// @notice Σ of what was paid into the fund, WAD.
    function paidIn() external view returns (uint256);

    /// @notice Σ of the fees that were paid out, WAD.
    function collected() external view returns (uint256);

    /// @notice vault tokens (in WAD) − Σ balances: the counterparty of all settled profit and loss. WAD, signed.
    /// @dev Negative while profits were settled whose losses are still open.
    function fund() external view returns (int256);

    /// @notice WAD per token unit: 10^(18 − decimals).
    function scale() external view returns (uint256);

    /// @notice The collateral token.
    function token() external view returns (address);
}
