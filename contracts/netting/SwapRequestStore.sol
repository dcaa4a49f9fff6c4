// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Base } from "../arcology/Base.sol";
import { IQueueFactory } from "../interfaces/IQueueFactory.sol";
import { PriceLib } from "../libraries/PriceLib.sol";
import { Order } from "../types/Order.sol";
import { FixedPointMathLib } from "solady/utils/FixedPointMathLib.sol";

/// @notice The queue of one side of one market: a concurrent container of orders.
/// @dev An order is the KEY of its entry, so reading it costs the same however long the queue is. The value holds what
///      settlement changes: the base that may still fill. Appends never conflict with each other. Only the engine
///      writes.
contract SwapRequestStore is Base {
    /// @notice A queued request as the netting engine describes it.
    struct SwapRequest {
        /// Id of the queueing transaction (its hash on Arcology).
        bytes32 txhash;
        address tokenIn;
        address tokenOut;
        /// Fee of the pool, 1e-6.
        uint24 fee;
        address sender;
        address recipient;
        /// Base sold, or the most quote a buyer pays; 0 for a buyer without a limit.
        uint256 amountIn;
        /// Root of the limit price; 0 without a limit.
        uint160 sqrtPriceLimitX96;
        /// Base bought, or the least quote a seller gets.
        uint256 amountOut;
    }

    /// @notice Thrown when anyone but the engine writes.
    error SwapRequestStore_Unauthorized(address caller);

    /// @dev Gas that looking back over a block's orders leaves.
    uint256 private constant LOOK_BACK_GAS = 350_000;

    /// @dev Value of an entry that settlement has not touched.
    bytes private constant UNTOUCHED = hex"01";

    /// @notice The engine that alone writes it.
    address public immutable ENGINE;
    address public immutable POOL;
    address public immutable TOKEN_IN;
    address public immutable TOKEN_OUT;
    uint24 public immutable FEE;
    /// @notice hash(pool, tokenIn): which queue this is.
    bytes32 public immutable KEY;

    constructor() {
        IQueueFactory.QueueParameters memory parameters = IQueueFactory(msg.sender).queueParameters();
        ENGINE = parameters.engine;
        POOL = parameters.pool;
        TOKEN_IN = parameters.tokenIn;
        TOKEN_OUT = parameters.tokenOut;
        FEE = parameters.fee;
        KEY = keccak256(abi.encode(POOL, TOKEN_IN));
    }

    modifier onlyEngine() {
        if (msg.sender != ENGINE) revert SwapRequestStore_Unauthorized(msg.sender);
        _;
    }

    /// @notice Appends an order.
    /// @return The queue's key, so that the engine need not store it.
    function pushRequest(Order calldata order) external onlyEngine returns (bytes32) {
        _setByKey(abi.encode(order), UNTOUCHED);
        return KEY;
    }

    /// @notice True when the queue holds this very order. Reads its entry alone.
    function holds(Order calldata order) external view returns (bool) {
        return _getByKey(abi.encode(order)).length != 0;
    }

    /// @notice Replaces what may still fill of the order at `index`. WAD of base; 0 ends it.
    function update(uint256 index, uint256 amountIn) external onlyEngine {
        _setByKey(_indToKey(index), abi.encode(amountIn));
    }

    /// @notice Empties the queue.
    function clear() external onlyEngine {
        _clear();
    }

    /// @notice The orders of a range of sequences, in queue order.
    /// @param after_ Sequences up to this one are settled.
    /// @param upTo Last sequence to return.
    /// @param length How many entries to look at: {fullLength} or {committedLength}.
    /// @return orders The orders.
    /// @return indexes Where each stands in the queue.
    /// @return later How many entries have a later sequence than `upTo`.
    function load(uint256 after_, uint256 upTo, uint256 length)
        external
        view
        returns (Order[] memory orders, uint256[] memory indexes, uint256 later)
    {
        return loadRange(firstOfBlock((after_ + 1) >> 1, length), length, after_, upTo);
    }

    /// @notice As {load}, of the entries from `first` to before `end`.
    function loadRange(uint256 first, uint256 end, uint256 after_, uint256 upTo)
        public
        view
        returns (Order[] memory orders, uint256[] memory indexes, uint256 later)
    {
        orders = new Order[](end - first);
        indexes = new uint256[](end - first);
        uint256 found;
        for (uint256 i = first; i < end; ++i) {
            Order memory order = getOrder(i);
            uint256 sequence = order.sequence();
            if (sequence > upTo) ++later;
            if (sequence <= after_ || sequence > upTo) continue;
            orders[found] = order;
            indexes[found++] = i;
        }
        assembly ("memory-safe") {
            mstore(orders, found)
            mstore(indexes, found)
        }
    }

    /// @notice Index of the first entry queued in `blockNumber` or later, by bisection: entries are in block order.
    /// @dev Entries that were settled but not cleared (a clear can be lost, or put off) cost O(log n), not O(n). Both ends are looked
    ///      at first: mostly all entries are older, or none is.
    function firstOfBlock(uint256 blockNumber, uint256 length) public view returns (uint256 low) {
        if (length == 0 || !_isBefore(0, blockNumber)) return 0;
        uint256 high = length - 1;
        if (_isBefore(high, blockNumber)) return length;
        low = 1;
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (_isBefore(middle, blockNumber)) low = middle + 1;
            else high = middle;
        }
    }

    /// @notice True when an earlier generation of this block queued a deferrable order.
    /// @dev Looks back over orders of this block that are not deferrable for as long as there is gas to go on with afterwards;
    ///      what it does not find then settles a block later.
    function holdsDeferrable(uint256 blockNumber) external view returns (bool) {
        for (uint256 i = _committedLength(); i > 0 && gasleft() > LOOK_BACK_GAS; --i) {
            uint256 sequence = getOrder(i - 1).sequence();
            if (sequence == blockNumber << 1) return true;
            if (sequence >> 1 < blockNumber) return false;
        }
        return false;
    }

    /// @notice Orders above a sequence. Loops over them: for off-chain use.
    function pending(uint256 after_) external view returns (uint256 orders) {
        uint256 length = _fullLength();
        for (uint256 i = firstOfBlock((after_ + 1) >> 1, length); i < length; ++i) {
            if (getOrder(i).sequence() > after_) ++orders;
        }
    }

    /// @notice Base that may still fill of the order at `index`: its size unless settlement changed it. WAD.
    function admittedOf(uint256 index) external view returns (uint256) {
        bytes memory key = _indToKey(index);
        bytes memory value = _getByKey(key);
        return value.length == 32 ? abi.decode(value, (uint256)) : abi.decode(key, (Order)).size();
    }

    /// @notice The order at `index`; an empty one, of sequence 0, when there is none: a committed length outlives a clear.
    function getOrder(uint256 index) public view returns (Order memory order) {
        bytes memory key = _indToKey(index);
        if (key.length != 0) order = abi.decode(key, (Order));
    }

    /// @notice The request at `index`, unpacked.
    function getRequest(uint256 index) public view returns (SwapRequest memory request) {
        Order memory order = getOrder(index);
        uint256 base = order.size();
        uint256 limit = order.limitPrice();
        bool buys = order.isBuy();
        // A buyer pays at most, a seller gets at least: both rounded against the trader's wish, never past its limit.
        uint256 quote =
            buys ? FixedPointMathLib.fullMulDiv(base, limit, 1e18) : FixedPointMathLib.fullMulDivUp(base, limit, 1e18);
        request = SwapRequest({
            txhash: order.pid,
            tokenIn: TOKEN_IN,
            tokenOut: TOKEN_OUT,
            fee: FEE,
            sender: order.trader(),
            recipient: order.trader(),
            amountIn: buys ? quote : base,
            sqrtPriceLimitX96: limit == 0 ? 0 : PriceLib.toSqrtPriceX96(limit),
            amountOut: buys ? base : quote
        });
    }

    /// @dev Whether the entry at `index` was queued before a block.
    function _isBefore(uint256 index, uint256 blockNumber) private view returns (bool) {
        return getOrder(index).sequence() >> 1 < blockNumber;
    }

    /// @notice Entries, those of the running generation included.
    function fullLength() external view returns (uint256) {
        return _fullLength();
    }

    /// @notice Entries that earlier generations left. Reading it conflicts with no append.
    function committedLength() external view returns (uint256) {
        return _committedLength();
    }
}
