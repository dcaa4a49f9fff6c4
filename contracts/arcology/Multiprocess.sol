// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { MULTIPROCESS } from "./Addresses.sol";
import { Containers } from "./Containers.sol";
import { IContainer, IContainerOps } from "./IContainer.sol";
import { Runtime } from "./Runtime.sol";

/// @notice A batch of jobs that the runtime executes in parallel, inside the transaction. Deploy one by `new`: its deployer
/// alone uses it.
/// @dev A contract of its own, because the runtime keeps the jobs in the container of the contract that calls it.
/// @dev Warning: one batch a transaction, at most MAX_JOBS. Jobs that follow a {run} in the same transaction are dropped.
/// @dev Warning: in a job msg.sender is not this contract (it is the transaction's origin), isInDeferred() is false, and a
/// job that lost a conflict reports success. Guard job functions by state that the owner sets, and read afterwards whether
/// a job did its work.
contract Multiprocess {
    /// @notice What became of one job.
    struct Result {
        /// False when the job reverted. True does not prove that its writes were kept.
        bool success;
        bytes returnData;
    }

    /// @notice Thrown when another contract than the deployer calls.
    error Multiprocess_OnlyOwner(address caller, address owner);
    /// @notice Thrown for a number of threads that is not 1 to 255.
    error Multiprocess_BadThreads(uint256 threads);

    /// @notice Jobs the runtime executes at most for one object and transaction.
    uint256 public constant MAX_JOBS = 16;

    /// @notice The contract that deployed this one.
    address public immutable OWNER = msg.sender;

    constructor() {
        Containers.create(MULTIPROCESS, Containers.BYTES);
    }

    modifier onlyOwner() {
        if (msg.sender != OWNER) revert Multiprocess_OnlyOwner(msg.sender, OWNER);
        _;
    }

    /// @notice Adds a job. The 17th and later ones are not executed.
    /// @param gasLimit Gas of the job, its intrinsic gas of about 21,000 included. The transaction's origin pays it.
    /// @param ethValue Wei sent along, from the transaction's origin.
    function addJob(uint256 gasLimit, uint256 ethValue, address target, bytes calldata data) external onlyOwner {
        bytes memory job = abi.encode(gasLimit, ethValue, target, data);
        Containers.write(MULTIPROCESS, abi.encodeCall(IContainerOps.setByKey, (Runtime.uuid(), job)));
    }

    /// @notice Executes the jobs and forgets them.
    /// @param threads 1 to 255.
    /// @return results One a job, in the order of adding; none when the runtime refused to run any.
    function run(uint256 threads) external onlyOwner returns (Result[] memory results) {
        if (threads == 0 || threads > type(uint8).max) revert Multiprocess_BadThreads(threads);
        (bool ok, bytes memory answer) =
            MULTIPROCESS.call(abi.encodeCall(IContainer.invoke, (abi.encodePacked(threads))));
        if (ok) results = abi.decode(answer, (Result[]));
        Containers.write(MULTIPROCESS, abi.encodeCall(IContainerOps.clear, ()));
    }
}
