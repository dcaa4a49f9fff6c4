// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { AccessRecorder } from "../utils/AccessRecorder.sol";
import { Access, Accesses } from "../utils/Accesses.sol";
import { JobOwner, OpenContainer, OpenCumulative, OpenMap } from "./Fixtures.sol";

/// @notice Appends, and counts what it appended in a plain slot: the fault that the recorder is made to find.
contract CountingContainer is OpenContainer {
    uint256 public count;

    function setAndCount(bytes calldata key, bytes calldata value) external {
        _setByKey(key, value);
        ++count;
    }
}

/// @notice A plain slot for each caller.
contract PlainMapping {
    mapping(address account => uint256) public values;

    function set(uint256 value) external {
        values[msg.sender] = value;
    }
}

contract AccessRecorderTest is AccessRecorder {
    OpenContainer internal box;
    CountingContainer internal counting;
    OpenMap internal map;
    OpenCumulative internal sum;

    function setUp() public {
        _installEmulation();
        box = new OpenContainer();
        counting = new CountingContainer();
        map = new OpenMap();
        sum = new OpenCumulative(0, 1e18);
        box.set("committed", "1");
        map.init("a", 0, 1e18);
        map.init("b", 0, 1e18);
        map.add("a", 100);
        _nextBlock();
    }

    /// @dev Records one transaction.
    function _record(address target, bytes memory data) internal returns (Access[] memory) {
        _startRecording();
        (bool ok,) = target.call(data);
        assertTrue(ok, "the recorded call succeeds");
        return _stopRecording();
    }

    function _set(string memory key) internal returns (Access[] memory) {
        return _record(address(box), abi.encodeCall(box.set, (bytes(key), "1")));
    }

    function _get(string memory key) internal returns (Access[] memory) {
        return _record(address(box), abi.encodeCall(box.get, (bytes(key))));
    }

    function _assertFree(Access[] memory a, Access[] memory b, string memory why) internal pure {
        (bool found, string memory what) = Accesses.conflict(a, b);
        assertFalse(found, string.concat(why, ": ", what));
        (found, what) = Accesses.conflict(b, a);
        assertFalse(found, string.concat(why, ", the other way: ", what));
    }

    function _assertConflict(Access[] memory a, Access[] memory b, string memory why) internal pure {
        (bool found,) = Accesses.conflict(a, b);
        assertTrue(found, why);
        (found,) = Accesses.conflict(b, a);
        assertTrue(found, string.concat(why, ", the other way"));
    }

    /* PLAIN STORAGE */

    function test_AppendsAloneDoNotConflict() public {
        Access[] memory a = _record(address(counting), abi.encodeCall(counting.set, ("a", "1")));
        Access[] memory b = _record(address(counting), abi.encodeCall(counting.set, ("b", "1")));
        assertGt(a.length, 0, "something was recorded");
        _assertFree(a, b, "two appends");
    }

    function test_APlainCounterConflicts() public {
        Access[] memory a = _record(address(counting), abi.encodeCall(counting.setAndCount, ("a", "1")));
        Access[] memory b = _record(address(counting), abi.encodeCall(counting.setAndCount, ("b", "1")));
        _assertConflict(a, b, "two counters");
        Access[] memory read = _record(address(counting), abi.encodeCall(counting.count, ()));
        _assertConflict(a, read, "a counter and its reader");
        _assertFree(read, read, "two readers");
    }

    function test_SlotsOfTheirOwnDoNotConflict() public {
        PlainMapping plain = new PlainMapping();
        Access[] memory mine = _record(address(plain), abi.encodeCall(plain.set, (1)));
        Access[] memory again = _record(address(plain), abi.encodeCall(plain.set, (2)));
        vm.prank(address(0xB0B));
        plain.values(address(0));
        _startRecording();
        vm.prank(address(0xB0B));
        plain.set(3);
        Access[] memory theirs = _stopRecording();
        _assertFree(mine, theirs, "slots of two senders");
        _assertConflict(mine, again, "one slot");
    }

    /* CONTAINERS */

    function test_AppendAgainstReads() public {
        Access[] memory append = _set("new");
        _assertFree(append, _get("committed"), "append and a read of another key");
        _assertFree(
            append, _record(address(box), abi.encodeCall(box.keyAt, (0))), "append and a read of a committed index"
        );
        _assertConflict(
            append, _record(address(box), abi.encodeCall(box.keyAt, (1))), "append and a read of a later index"
        );
        _assertConflict(append, _record(address(box), abi.encodeCall(box.lengths, ())), "append and the length");
        _assertConflict(append, _get("new"), "append and a read of its key");
    }

    function test_SameKeyConflictsOtherKeysDoNot() public {
        Access[] memory append = _set("x");
        Access[] memory update = _set("x");
        _assertConflict(append, update, "append and update of a key");
        _assertConflict(update, update, "two updates of a key");
        _assertConflict(update, _get("x"), "update and read of a key");
        _assertFree(update, _set("y"), "two keys");
        _assertFree(_get("x"), _get("x"), "two reads");
        _assertFree(update, _record(address(counting), abi.encodeCall(counting.set, ("x", "1"))), "two owners");
    }

    function test_ClearAndDeleteConflict() public {
        Access[] memory append = _set("x");
        Access[] memory remove = _record(address(box), abi.encodeCall(box.deleteKey, ("committed")));
        Access[] memory clear = _record(address(box), abi.encodeCall(box.clear, ()));
        _assertConflict(clear, append, "clear and append");
        _assertConflict(clear, clear, "two clears");
        _assertConflict(remove, _get("committed"), "deletion and read of a key");
        _assertFree(remove, append, "deletion of one key, append of another");
    }

    /* CUMULATIVES */

    function test_DeltasDoNotConflictReadsDo() public {
        Access[] memory add = _record(address(sum), abi.encodeCall(sum.add, (5)));
        Access[] memory read = _record(address(sum), abi.encodeCall(sum.total, ()));
        _assertFree(add, add, "two additions");
        _assertConflict(add, read, "an addition and a read");

        Access[] memory addA = _record(address(map), abi.encodeCall(map.add, ("a", 5)));
        Access[] memory subA = _record(address(map), abi.encodeCall(map.sub, ("a", 5)));
        _assertFree(addA, subA, "deltas of one key");
        _assertFree(addA, _record(address(map), abi.encodeCall(map.get, ("b"))), "a delta and a read of another key");
        _assertConflict(addA, _record(address(map), abi.encodeCall(map.get, ("a"))), "a delta and a read of its key");
        _assertConflict(
            _record(address(map), abi.encodeCall(map.init, ("c", 0, 9))),
            _record(address(map), abi.encodeCall(map.add, ("c", 1))),
            "creation of a key and a delta"
        );
    }

    /* JOBS */

    /// @dev The jobs of the fixture push to one array: each writes its length.
    function test_JobsAreRecordedApart() public {
        JobOwner owner = new JobOwner();
        _startRecording();
        owner.runJobs(3, type(uint256).max);
        Access[][] memory jobs = _stopRecordingJobs();
        assertEq(jobs.length, 3, "jobs");
        for (uint256 i; i < 3; ++i) {
            assertGt(jobs[i].length, 0, "accesses of a job");
        }
        _assertConflict(jobs[0], jobs[1], "pushes to one array");
    }
}
