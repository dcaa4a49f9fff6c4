// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IPositionTracker } from "../interfaces/IPositionTracker.sol";
import { IVirtualToken } from "../interfaces/IVirtualToken.sol";
import { ERC20 } from "solady/tokens/ERC20.sol";

/// @notice One leg of a market: vETH (base) or vUSDC (quote). 18 decimals.
/// @dev Only pool and router ever hold it for real: it moves by the router's hand or to the router. totalSupply counts that part.
contract VirtualToken is ERC20, IVirtualToken {
    /// @notice Mints, burns and receives what the pool pays.
    address public immutable ROUTER;
    /// @notice Announces traders' legs.
    address public immutable NETTING;
    /// @notice Holds the positions whose positive leg is a trader's balance.
    IPositionTracker public immutable TRACKER;
    /// @notice True for the base leg, false for the quote leg.
    bool public immutable IS_BASE;

    string internal _name;
    string internal _symbol;

    constructor(
        string memory name_,
        string memory symbol_,
        bool isBase,
        address router,
        address netting,
        IPositionTracker tracker
    ) {
        _name = name_;
        _symbol = symbol_;
        IS_BASE = isBase;
        ROUTER = router;
        NETTING = netting;
        TRACKER = tracker;
    }

    /// @inheritdoc IVirtualToken
    function mint(address to, uint256 amount) external {
        if (msg.sender != ROUTER) revert VirtualToken_Unauthorized(msg.sender);
        _mint(to, amount);
    }

    /// @inheritdoc IVirtualToken
    function burn(uint256 amount) external {
        if (msg.sender != ROUTER) revert VirtualToken_Unauthorized(msg.sender);
        _burn(msg.sender, amount);
    }

    /// @inheritdoc IVirtualToken
    function announce(address trader, int256 delta) external {
        if (msg.sender != NETTING) revert VirtualToken_Unauthorized(msg.sender);
        if (delta > 0) emit Transfer(address(0), trader, uint256(delta));
        else emit Transfer(trader, address(0), uint256(-delta));
    }

    /// @notice What `account` holds: for pool and router the tokens, for a trader the positive leg of its position. WAD.
    function balanceOf(address account) public view override returns (uint256) {
        uint256 held = super.balanceOf(account);
        if (held != 0) return held;
        (int256 base, int256 quote,) = TRACKER.getPosition(account);
        int256 leg = IS_BASE ? base : quote;
        return leg > 0 ? uint256(leg) : 0;
    }

    /// @inheritdoc ERC20
    function name() public view override returns (string memory) {
        return _name;
    }

    /// @inheritdoc ERC20
    function symbol() public view override returns (string memory) {
        return _symbol;
    }

    /// @dev The pool pays the router, the router pays the pool; anything else would hand out real tokens.
    function _beforeTokenTransfer(address, address to, uint256) internal view override {
        if (msg.sender != ROUTER && to != ROUTER) revert VirtualToken_Unauthorized(msg.sender);
    }
}
