// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { MULTIPROCESS } from "../../arcology/Addresses.sol";
import { Containers } from "../../arcology/Containers.sol";
import { Multiprocess } from "../../arcology/Multiprocess.sol";
import { IEmulator, IMultiprocessEmulation, SYSTEM } from "../../emulation/IEmulation.sol";
import { Emulation } from "../utils/Emulation.sol";
import { BareJobs, JobOwner } from "./Fixtures.sol";

contract MultiprocessTest is Emulation {
    uint256 internal constant NONE = type(uint256).max;

    JobOwner internal owner;

    function setUp() public {
        _installEmulation();
        owner = new JobOwner();
    }

    function test_JobsRunInOrder() public {
        owner.runJobs(3, NONE);
        assertEq(owner.results(), 3, "results");
        assertEq(owner.successes(), 3, "successes");
        for (uint256 i; i < 3; ++i) {
            assertEq(owner.done(i), i, "order");
        }
    }

    function test_TheSeventeenthIsNotRun() public {
        owner.runJobs(20, NONE);
        assertEq(owner.results(), 16, "results");
        assertEq(owner.countDone(), 16, "done");
    }

    function test_ASecondBatchInTheTransactionIsDropped() public {
        owner.runTwice(3);
        assertEq(owner.countDone(), 3, "the first batch only");
        assertEq(owner.results(), 3, "its results only");
        owner.runJobs(2, NONE);
        assertEq(owner.countDone(), 5, "the next transaction has its own");
    }

    function test_OneBatchATransactionThoughNothingIsCleared() public {
        BareJobs bare = new BareJobs();
        bare.addAndInvokeTwice();
        assertEq(bare.done(), 1, "done");
    }

    function test_AFailingJobReportsIt() public {
        owner.runJobs(3, 1);
        assertEq(owner.results(), 3, "results");
        assertEq(owner.successes(), 2, "successes");
        assertEq(owner.countDone(), 2, "the others ran");
    }

    function test_TheCallerOfAJobIsNotItsOwner() public {
        owner.runJobs(1, NONE);
        assertEq(owner.jobCaller(), MULTIPROCESS, "caller");
    }

    function test_TheFlagIsFalseInAJob() public {
        _beginDeferred();
        owner.runJobs(2, NONE);
        assertEq(owner.countDone(), 2, "done");
        assertFalse(owner.jobSawFlag(), "flag");
    }

    function test_GivenLostJobs_TheyReportSuccess() public {
        _setJobFaults(uint16(1 << 1), false);
        owner.runJobs(3, NONE);
        assertEq(owner.successes(), 3, "successes");
        assertEq(owner.countDone(), 2, "done");
        assertEq(owner.done(0), 0, "the first");
        assertEq(owner.done(1), 2, "the third");
    }

    function test_GivenReversed_TheLastRunsFirst() public {
        _setJobFaults(0, true);
        owner.runJobs(3, NONE);
        assertEq(owner.done(0), 2, "first");
        assertEq(owner.done(2), 0, "last");
    }

    function test_AJobThatSendsWeiFails() public {
        Multiprocess.Result[] memory results = owner.runPaidJob();
        assertEq(results.length, 1, "results");
        assertFalse(results[0].success, "success");
    }

    function testFuzz_CalldataArrivesWhole(bytes memory payload) public {
        Multiprocess.Result[] memory results = owner.runOnePayload(payload);
        assertTrue(results[0].success, "success");
        assertEq(results[0].returnData, abi.encode(7), "what the job returned");
    }

    function test_HundredKilobytesOfCalldata() public {
        Multiprocess.Result[] memory results = owner.runOnePayload(new bytes(100_000));
        assertTrue(results[0].success, "success");
    }

    function test_RevertWhen_CallerIsNotTheOwner() public {
        Multiprocess jobs = owner.JOBS();
        bytes memory denied =
            abi.encodeWithSelector(Multiprocess.Multiprocess_OnlyOwner.selector, address(this), address(owner));
        vm.expectRevert(denied);
        jobs.addJob(1, 0, address(this), "");
        vm.expectRevert(denied);
        jobs.run(1);
    }

    function test_RevertWhen_ThreadsAreOutOfRange() public {
        Multiprocess jobs = new Multiprocess();
        vm.expectRevert(abi.encodeWithSelector(Multiprocess.Multiprocess_BadThreads.selector, 0));
        jobs.run(0);
        vm.expectRevert(abi.encodeWithSelector(Multiprocess.Multiprocess_BadThreads.selector, 256));
        jobs.run(256);
    }

    function test_RevertGiven_NoPrecompile() public {
        vm.etch(MULTIPROCESS, "");
        vm.expectRevert(abi.encodeWithSelector(Containers.Containers_NotCreated.selector, MULTIPROCESS, 107));
        new Multiprocess();
    }

    function test_RevertWhen_OthersUseTheSystemsPart() public {
        vm.expectRevert(abi.encodeWithSelector(IEmulator.Emulator_OnlyFor.selector, SYSTEM, address(this)));
        IMultiprocessEmulation(MULTIPROCESS).setFaults(1, false);
    }
}
