// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { MULTIPROCESS } from "../../arcology/Addresses.sol";
import { Base } from "../../arcology/Base.sol";
import { Containers } from "../../arcology/Containers.sol";
import { HashU256Map } from "../../arcology/HashU256Map.sol";
import { IContainer, IContainerOps } from "../../arcology/IContainer.sol";
import { Multiprocess } from "../../arcology/Multiprocess.sol";
import { Runtime } from "../../arcology/Runtime.sol";
import { U256Cumulative } from "../../arcology/U256Cumulative.sol";
import { WriteBack } from "../../arcology/WriteBack.sol";

/// @notice {Base} with its functions open.
contract OpenContainer is Base {
    function set(bytes calldata key, bytes calldata value) external {
        _setByKey(key, value);
    }

    function deleteKey(bytes calldata key) external {
        _delByKey(key);
    }

    function deleteLast() external returns (bytes memory) {
        return _delLast();
    }

    function clear() external {
        _clear();
    }

    /// @notice Clears, appends one and reads all lengths within one transaction.
    function clearAndAppend(bytes calldata key) external returns (uint256 full, uint256 live, uint256 committed) {
        _clear();
        _setByKey(key, "1");
        return lengths();
    }

    function get(bytes calldata key) external view returns (bytes memory) {
        return _getByKey(key);
    }

    function valueAt(uint256 index) external view returns (bytes memory) {
        return _getByIndex(index);
    }

    function keyAt(uint256 index) external view returns (bytes memory) {
        return _indToKey(index);
    }

    function indexOf(bytes calldata key) external view returns (uint256) {
        return _keyToInd(key);
    }

    function lengths() public view returns (uint256 full, uint256 live, uint256 committed) {
        return (_fullLength(), _nonNilCount(), _committedLength());
    }
}

/// @notice {HashU256Map} with its functions open.
contract OpenMap is HashU256Map {
    function init(bytes32 key, uint256 min, uint256 max) external {
        _init(key, min, max);
    }

    function add(bytes32 key, uint256 delta) external {
        _add(key, delta);
    }

    function sub(bytes32 key, uint256 delta) external {
        _sub(key, delta);
    }

    function addThenSub(bytes32 key, uint256 gain, uint256 loss) external {
        _add(key, gain);
        _sub(key, loss);
    }

    function get(bytes32 key) external view returns (uint256) {
        return _get(key);
    }

    function contains(bytes32 key) external view returns (bool) {
        return _contains(key);
    }
}

/// @notice {U256Cumulative} with its functions open.
contract OpenCumulative is U256Cumulative {
    constructor(uint256 min, uint256 max) U256Cumulative(min, max) { }

    function add(uint256 delta) external {
        _add(delta);
    }

    function sub(uint256 delta) external {
        _sub(delta);
    }

    function addThenSub(uint256 gain, uint256 loss) external {
        _add(gain);
        _sub(loss);
    }

    function total() external view returns (uint256) {
        return _total();
    }

    function bounds() external view returns (uint256 min, uint256 max) {
        return (_min(), _max());
    }
}

/// @notice Contracts that want two containers, which the runtime does not give.
contract ContainerThenCumulative is Base, U256Cumulative(0, 1) { }

contract CumulativeThenContainer is U256Cumulative(0, 1), Base { }

contract ContainerThenJobs is Base {
    constructor() {
        Containers.create(MULTIPROCESS, Containers.BYTES);
    }
}

/// @notice The runtime's answers, opened; makes {deferred} deferrable when told to.
contract RuntimeUser {
    error RuntimeUser_Refused(bytes32 pid);

    constructor(bool defers) {
        if (defers) Runtime.defer(RuntimeUser.deferred.selector, 500_000);
    }

    function deferred() external view returns (bool) {
        return Runtime.isInDeferred();
    }

    function deferLate() external {
        Runtime.defer(RuntimeUser.deferred.selector, 500_000);
    }

    function pids() external returns (bytes32 first, bytes32 second) {
        return (Runtime.pid(), Runtime.pid());
    }

    function pidThenRevert() external {
        revert RuntimeUser_Refused(Runtime.pid());
    }

    function uuids() external returns (bytes memory first, bytes memory second) {
        return (Runtime.uuid(), Runtime.uuid());
    }

    function writeBack(bytes32 pid, bytes32 signature, bytes calldata topics, bytes calldata data) external {
        WriteBack.emitTo(pid, signature, WriteBack.encode(topics, data));
    }
}

/// @notice Uses the job precompile without {Multiprocess}, which clears after every run.
contract BareJobs {
    uint256 public done;

    constructor() {
        Containers.create(MULTIPROCESS, Containers.BYTES);
    }

    function addAndInvokeTwice() external {
        _addAndInvoke("1");
        _addAndInvoke("2");
    }

    function job() external {
        ++done;
    }

    function _addAndInvoke(bytes memory key) private {
        bytes memory encoded = abi.encode(uint256(100_000), uint256(0), address(this), abi.encodeCall(this.job, ()));
        Containers.write(MULTIPROCESS, abi.encodeCall(IContainerOps.setByKey, (key, encoded)));
        IContainer(MULTIPROCESS).invoke(abi.encodePacked(uint256(1)));
    }
}

/// @notice Adds jobs that call itself, and remembers what they did.
contract JobOwner {
    error JobOwner_Refused(uint256 number);

    Multiprocess public immutable JOBS = new Multiprocess();

    uint256[] public done;
    address public jobCaller;
    bool public jobSawFlag;
    uint256 public results;
    uint256 public successes;

    function runJobs(uint256 count, uint256 failing) external {
        _add(count, failing);
        _count(JOBS.run(20));
    }

    function runTwice(uint256 count) external {
        _add(count, type(uint256).max);
        _count(JOBS.run(20));
        _add(count, type(uint256).max);
        _count(JOBS.run(20));
    }

    function job(uint256 number, bool fails, bytes calldata) external returns (uint256) {
        if (fails) revert JobOwner_Refused(number);
        done.push(number);
        jobCaller = msg.sender;
        if (Runtime.isInDeferred()) jobSawFlag = true;
        return number;
    }

    function runOnePayload(bytes calldata payload) external returns (Multiprocess.Result[] memory) {
        JOBS.addJob(10_000_000, 0, address(this), abi.encodeCall(this.job, (7, false, payload)));
        return JOBS.run(1);
    }

    function runPaidJob() external returns (Multiprocess.Result[] memory) {
        JOBS.addJob(1_000_000, 1, address(this), abi.encodeCall(this.job, (1, false, "")));
        return JOBS.run(1);
    }

    function countDone() external view returns (uint256) {
        return done.length;
    }

    function _add(uint256 count, uint256 failing) private {
        for (uint256 i; i < count; ++i) {
            JOBS.addJob(1_000_000, 0, address(this), abi.encodeCall(this.job, (i, i == failing, "")));
        }
    }

    function _count(Multiprocess.Result[] memory outcome) private {
        for (uint256 i; i < outcome.length; ++i) {
            ++results;
            if (outcome[i].success) ++successes;
        }
    }
}
