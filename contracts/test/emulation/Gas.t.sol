// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Base } from "../../arcology/Base.sol";
import { HashU256Map } from "../../arcology/HashU256Map.sol";
import { Runtime } from "../../arcology/Runtime.sol";
import { Emulation } from "../utils/Emulation.sol";

/// @notice Measures its own calls: what one costs in a transaction, without the transaction's intrinsic gas.
contract MeteredContainer is Base {
    function set(bytes calldata key, bytes calldata value) external returns (uint256 used) {
        used = gasleft();
        _setByKey(key, value);
        used -= gasleft();
    }

    function get(bytes calldata key) external view returns (uint256 used) {
        used = gasleft();
        _getByKey(key);
        used -= gasleft();
    }

    /// @notice Two reads: the first one finds all slots cold.
    function keyAt(uint256 first, uint256 second) external view returns (uint256 cold, uint256 next) {
        cold = gasleft();
        _indToKey(first);
        cold -= gasleft();
        next = gasleft();
        _indToKey(second);
        next -= gasleft();
    }

    function clear() external returns (uint256 used) {
        used = gasleft();
        _clear();
        used -= gasleft();
    }

    function identify() external returns (uint256 flag, uint256 pid) {
        flag = gasleft();
        Runtime.isInDeferred();
        flag -= gasleft();
        pid = gasleft();
        Runtime.pid();
        pid -= gasleft();
    }
}

contract MeteredMap is HashU256Map {
    function init(bytes32 key, uint256 max) external {
        _init(key, 0, max);
    }

    function add(bytes32 key, uint256 delta) external returns (uint256 used) {
        used = gasleft();
        _add(key, delta);
        used -= gasleft();
    }
}

/// @notice Gas of the emulated calls in steady state, held under bounds that a slot more would break. It stands in for Arcology's
/// own gas, which docs tell apart from it.
contract EmulationGasTest is Emulation {
    MeteredContainer internal box;

    function setUp() public {
        _installEmulation();
        box = new MeteredContainer();
    }

    function _order(uint256 round, uint256 i) internal pure returns (bytes memory) {
        return abi.encodePacked(keccak256(abi.encode(round, i)), keccak256(abi.encode(i)), round + 1);
    }

    function test_Queue() public {
        uint256 first = box.set(_order(0, 0), "1");
        uint256 steady;
        uint256 total;
        for (uint256 round; round < 6; ++round) {
            total = 0;
            for (uint256 i; i < 1000; ++i) {
                steady = box.set(_order(round + 1, i), "1");
                total += steady;
            }
            _nextBlock();
            emit log_named_uint("append of 96 + 1 bytes, mean of 1000 in a round", total / 1000);
            uint256 clear = box.clear();
            if (round == 5) emit log_named_uint("clear", clear);
            _nextBlock();
        }
        emit log_named_uint("append, the first ever", first);
        assertLt(first, 134_300, "the first append");
        assertLt(total / 1000, 45_800, "an append over old slots");

        box.set(_order(9, 0), "1");
        box.set(_order(9, 1), "1");
        (uint256 cold, uint256 next) = box.keyAt(0, 1);
        emit log_named_uint("indToKey, the first of a transaction", cold);
        emit log_named_uint("indToKey, the next", next);
        assertLt(next, 15_000, "a read of a key by index");
    }

    function test_Map() public {
        bytes memory key = abi.encodePacked(address(0xA11CE));
        box.set(abi.encodePacked(address(0xB0B)), new bytes(64));
        uint256 created = box.set(key, abi.encode(1, 2));
        uint256 updated = box.set(key, abi.encode(3, 4));
        uint256 read = box.get(key);
        emit log_named_uint("map set of 20 + 64 bytes, new", created);
        emit log_named_uint("map set, update", updated);
        emit log_named_uint("map get", read);
        assertLt(created, 111_800, "a new entry");
        assertLt(updated, 33_300, "an update");
        assertLt(read, 25_300, "a read");
    }

    function test_Cumulative() public {
        MeteredMap map = new MeteredMap();
        map.init("short", type(uint96).max);
        map.init("long", type(uint256).max);
        map.add("short", 1);
        map.add("long", 1);
        uint256 short = map.add("short", 1);
        uint256 long = map.add("long", 1);
        emit log_named_uint("add to a cumulative of up to 96 bits", short);
        emit log_named_uint("add to another cumulative", long);
        assertLt(short, 24_300, "one slot");
        assertLt(long, 33_300, "four slots");
    }

    function test_Runtime() public {
        box.identify();
        (uint256 flag, uint256 pid) = box.identify();
        emit log_named_uint("isInDeferred", flag);
        emit log_named_uint("pid after it", pid);
        assertLt(flag + pid, 11_500, "flag and pid");
    }
}
