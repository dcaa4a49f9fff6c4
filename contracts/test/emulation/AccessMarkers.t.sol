// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { CONTAINERS, CUMULATIVE } from "../../arcology/Addresses.sol";
import { Containers } from "../../arcology/Containers.sol";
import { IContainer, IContainerOps as Ops } from "../../arcology/IContainer.sol";
import { IU256Cumulative } from "../../arcology/IU256Cumulative.sol";
import { AccessKind } from "../../emulation/AccessKind.sol";
import { NEW_CUMULATIVE } from "../../emulation/IPrecompiles.sol";
import { Access } from "../utils/Accesses.sol";
import { MarkerReader } from "./MarkerReader.sol";

/// @notice Each operation of a precompile leaves exactly the markers of what it did. Operations are sent as the owner's own
/// transactions, so that nothing of contracts/arcology adds to them.
contract AccessMarkersTest is MarkerReader {
    address internal box = makeAddr("owner of a container of bytes");
    address internal map = makeAddr("owner of cumulatives by key");
    address internal sum = makeAddr("owner of one cumulative");

    function setUp() public {
        _installEmulation();
        _create(box, Containers.BYTES);
        _create(map, Containers.U256_CUMULATIVE);
        _send(sum, CUMULATIVE, abi.encodeWithSelector(NEW_CUMULATIVE, 0, 100, 0));
        _eval(box, abi.encodeCall(Ops.setByKey, ("old", "1")));
        _eval(map, abi.encodeCall(Ops.init, ("old", abi.encode(0), abi.encode(100))));
        _nextBlock();
    }

    function _set(bytes memory key) internal {
        _eval(box, abi.encodeCall(Ops.setByKey, (key, "2")));
    }

    function _delta(bytes memory key, int256 delta) internal {
        _eval(map, abi.encodeCall(Ops.setByKey, (key, abi.encode(delta))));
    }

    /// @dev The one marker of the last transaction, of a key.
    function _assertKey(AccessKind kind, address owner, bytes memory key, bool succeeds) internal view {
        assertEq(sent.markers.length, 1, "one marker");
        assertEq(sent.markers[0], _marker(kind, owner, keccak256(key)), "marker");
        assertEq(sent.ok, succeeds, "success");
    }

    /// @dev The one marker of the last transaction, of the state as a whole.
    function _assertWhole(AccessKind kind, address owner, bool succeeds) internal view {
        assertEq(sent.markers.length, 1, "one marker");
        assertEq(sent.markers[0], _marker(kind, owner, 0), "marker");
        assertEq(sent.ok, succeeds, "success");
    }

    /* LAYOUT */

    /// @dev The embedded node reads this layout.
    function test_ASlotIsTheKindTheOwnerAndTheKey() public {
        address owner = 0x1111111111111111111111111111111111111111;
        _create(owner, Containers.BYTES);
        _eval(owner, abi.encodeCall(Ops.setByKey, ("a", "1")));
        assertEq(keccak256("a"), 0x3ac225168df54212a25c1c01fd35bebfea408fdac2e31ddd6f80a4bbf9a5f1cb, "hash of the key");
        bytes32 expected = 0xacce0611111111111111111111111111111111111111113ac225168df54212a2;
        assertEq(sent.markers[0], expected, "an append of that key");
        _eval(owner, abi.encodeCall(Ops.clear, ()));
        expected = 0xacce0a1111111111111111111111111111111111111111000000000000000000;
        assertEq(sent.markers[0], expected, "a clear");
    }

    /// @dev The order of ACCESS_KINDS in loadgen/src/parallel/access.ts.
    function test_KindsHaveTheNumbersOfTheNode() public pure {
        AccessKind[11] memory kinds = [
            AccessKind.PlainRead,
            AccessKind.PlainWrite,
            AccessKind.Read,
            AccessKind.ReadCommitted,
            AccessKind.ReadStructure,
            AccessKind.ReadCommittedLength,
            AccessKind.Append,
            AccessKind.Update,
            AccessKind.Delta,
            AccessKind.Delete,
            AccessKind.Clear
        ];
        for (uint256 i; i < kinds.length; ++i) {
            assertEq(uint256(kinds[i]), i, "number");
        }
        assertEq(uint256(type(AccessKind).max), kinds.length - 1, "no other kind");
    }

    /* CONTAINERS OF BYTES */

    function test_SetByKey() public {
        _set("new");
        _assertKey(AccessKind.Append, box, "new", true);
        _set("new");
        _assertKey(AccessKind.Update, box, "new", true);
        _eval(box, abi.encodeCall(Ops.delByKey, ("new")));
        _set("new");
        _assertKey(AccessKind.Append, box, "new", true);
        _set("");
        _assertKey(AccessKind.Append, box, "", false);
    }

    function test_GetByKey() public {
        _eval(box, abi.encodeCall(Ops.getByKey, ("old")));
        _assertKey(AccessKind.Read, box, "old", true);
        _eval(box, abi.encodeCall(Ops.getByKey, ("absent")));
        _assertKey(AccessKind.Read, box, "absent", false);
    }

    function test_ByIndex() public {
        _set("of this generation");
        _byIndex(0, AccessKind.ReadCommitted, true);
        _byIndex(1, AccessKind.ReadStructure, true);
        _byIndex(2, AccessKind.ReadStructure, false);
        _eval(box, abi.encodeCall(Ops.delByKey, ("old")));
        _byIndex(0, AccessKind.ReadCommitted, false);
        _beginDeferred();
        _byIndex(1, AccessKind.ReadCommitted, true);
    }

    function _byIndex(uint256 index, AccessKind kind, bool succeeds) internal {
        _eval(box, abi.encodeCall(Ops.getByIndex, (index)));
        _assertWhole(kind, box, succeeds);
        _eval(box, abi.encodeCall(Ops.indToKey, (index)));
        _assertWhole(kind, box, succeeds);
    }

    function test_KeyToInd_IsTwoAccesses() public {
        string[2] memory keys = ["old", "absent"];
        for (uint256 i; i < keys.length; ++i) {
            _eval(box, abi.encodeCall(Ops.keyToInd, (bytes(keys[i]))));
            assertEq(sent.markers.length, 2, "markers");
            assertEq(sent.markers[0], _marker(AccessKind.Read, box, keccak256(bytes(keys[i]))), "the key");
            assertEq(sent.markers[1], _marker(AccessKind.ReadStructure, box, 0), "where it stands");
            assertEq(sent.ok, i == 0, "success");
        }
    }

    function test_Lengths() public {
        _eval(box, abi.encodeCall(Ops.fullLength, ()));
        _assertWhole(AccessKind.ReadStructure, box, true);
        _eval(box, abi.encodeCall(Ops.length, ()));
        _assertWhole(AccessKind.ReadStructure, box, true);
        _eval(box, abi.encodeCall(Ops.committedLength, ()));
        _assertWhole(AccessKind.ReadCommittedLength, box, true);
    }

    function test_Deletion() public {
        _eval(box, abi.encodeCall(Ops.delByKey, ("absent")));
        _assertKey(AccessKind.Delete, box, "absent", false);
        _eval(box, abi.encodeCall(Ops.delByKey, ("old")));
        _assertKey(AccessKind.Delete, box, "old", true);
        _eval(box, abi.encodeCall(Ops.delLast, ()));
        _assertWhole(AccessKind.Clear, box, true);
        _loseClears(true);
        _eval(box, abi.encodeCall(Ops.clear, ()));
        _assertWhole(AccessKind.Clear, box, true);
    }

    /* CUMULATIVES */

    function test_CumulativesByKey() public {
        _eval(map, abi.encodeCall(Ops.init, ("new", abi.encode(0), abi.encode(9))));
        _assertKey(AccessKind.Append, map, "new", true);
        _eval(map, abi.encodeCall(Ops.init, ("new", abi.encode(0), abi.encode(9))));
        _assertKey(AccessKind.Append, map, "new", false);
        _delta("old", 5);
        _assertKey(AccessKind.Delta, map, "old", true);
        _delta("old", 0);
        _assertKey(AccessKind.Delta, map, "old", true);
        _delta("old", -6);
        _assertKey(AccessKind.Delta, map, "old", false);
        _delta("absent", 1);
        _assertKey(AccessKind.Delta, map, "absent", false);
        _eval(map, abi.encodeCall(Ops.getByKey, ("old")));
        _assertKey(AccessKind.Read, map, "old", true);
        _eval(map, abi.encodeCall(Ops.getByKey, ("absent")));
        _assertKey(AccessKind.Read, map, "absent", false);
        _eval(map, abi.encodeCall(Ops.getByIndex, (0)));
        _assertWhole(AccessKind.ReadCommitted, map, true);
    }

    function test_OneCumulative() public {
        uint256[3] memory deltas = [uint256(5), 0, 101];
        for (uint256 i; i < deltas.length; ++i) {
            bool fits = deltas[i] <= 100;
            _send(sum, CUMULATIVE, abi.encodeCall(IU256Cumulative.add, (deltas[i])));
            _assertWhole(AccessKind.Delta, sum, fits);
            _send(sum, CUMULATIVE, abi.encodeCall(IU256Cumulative.sub, (deltas[i])));
            _assertWhole(AccessKind.Delta, sum, deltas[i] == 0);
        }
        bytes4[3] memory reads =
            [IU256Cumulative.get.selector, IU256Cumulative.min.selector, IU256Cumulative.max.selector];
        for (uint256 i; i < reads.length; ++i) {
            _send(sum, CUMULATIVE, abi.encodeWithSelector(reads[i]));
            _assertWhole(AccessKind.Read, sum, true);
        }
    }

    /// @dev Nobody else knows the owner yet.
    function test_CreationLeavesNone() public {
        _create(address(1001), Containers.BYTES);
        assertTrue(sent.ok, "a container");
        assertEq(sent.markers.length, 0, "markers of a container");
        _send(address(1002), CUMULATIVE, abi.encodeWithSelector(NEW_CUMULATIVE, 0, 1, 0));
        assertTrue(sent.ok, "a cumulative");
        assertEq(sent.markers.length, 0, "markers of a cumulative");
    }

    /* AGAINST THE RECORDER */

    /// @dev Markers say what the recorder finds in the calls' arguments, whatever was done before.
    function testFuzz_MarkersAgreeWithTheRecorder(uint8[12] memory operations, uint8[12] memory keys) public {
        bytes[3] memory names = [bytes("old"), "b", "c"];
        for (uint256 i; i < operations.length; ++i) {
            bytes memory command = _command(operations[i] % 12, names[keys[i] % 3], keys[i] % 4);
            if (keys[i] > 200) _nextBlock();
            address owner = operations[i] < 128 ? box : map;
            uint256 before = vm.snapshotState();
            _startRecording();
            _call(owner, CONTAINERS, abi.encodeCall(IContainer.eval, (command)));
            Access[] memory accesses = _stopRecording();
            vm.revertToState(before);

            _eval(owner, command);
            assertEq(sent.markers.length, accesses.length, "number of accesses");
            for (uint256 j; j < accesses.length; ++j) {
                assertEq(sent.markers[j], _marker(accesses[j].kind, accesses[j].owner, accesses[j].key), "access");
            }
        }
    }

    function _command(uint256 operation, bytes memory key, uint256 index) internal pure returns (bytes memory) {
        if (operation < 3) return abi.encodeCall(Ops.setByKey, (key, abi.encode(index)));
        if (operation == 3) return abi.encodeCall(Ops.init, (key, abi.encode(0), abi.encode(100)));
        if (operation == 4) return abi.encodeCall(Ops.getByKey, (key));
        if (operation == 5) return abi.encodeCall(Ops.getByIndex, (index));
        if (operation == 6) return abi.encodeCall(Ops.indToKey, (index));
        if (operation == 7) return abi.encodeCall(Ops.keyToInd, (key));
        if (operation == 8) return abi.encodeCall(Ops.fullLength, ());
        if (operation == 9) return abi.encodeCall(Ops.delByKey, (key));
        if (operation == 10) return abi.encodeCall(Ops.delLast, ());
        return abi.encodeCall(Ops.clear, ());
    }
}
