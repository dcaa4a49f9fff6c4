// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @dev The account that plays the part of the runtime: it alone moves generations and injects faults.
address constant SYSTEM = 0x00000000000000000000000000000000000A0c01;

/// @dev Where the emulators live. The addresses of contracts/arcology, which is compiled for another EVM than the emulators.
address constant CONTAINER_EMULATOR = 0x0000000000000000000000000000000000000084;
address constant CUMULATIVE_EMULATOR = 0x0000000000000000000000000000000000000085;
address constant RUNTIME_EMULATOR = 0x00000000000000000000000000000000000000a0;
address constant MULTIPROCESS_EMULATOR = 0x00000000000000000000000000000000000000B0;

/// @dev While AbortGate stands in place of a contract's code, the code is at the contract's address XOR this: the first 20 bytes
/// of keccak256("AbortGate"), so that nobody's account is there.
address constant ABORT_GATE_MASK = 0x8D78A3570E88C7c1AACcDf628C9683C1929974E6;

/// @notice What all emulators share.
interface IEmulator {
    /// @notice Thrown when another account calls what is for one alone.
    error Emulator_OnlyFor(address allowed, address caller);
    /// @notice Thrown for a call that the emulated precompile does not have, or that is not emulated.
    error Emulator_UnknownCall(bytes4 selector);
    /// @notice Thrown when a contract creates a second container: the runtime keeps one a contract, for all precompiles.
    error Emulator_HasContainer(address owner, address precompile);
    /// @notice Thrown when a contract uses a container that it never created.
    error Emulator_NoContainer(address owner);
}

/// @notice An emulator that keeps state of contracts.
interface IOwnedState is IEmulator {
    /// @notice Whether `owner` has state here.
    function owns(address owner) external view returns (bool);
}

/// @notice An emulator that tells generations apart.
interface IGenerations is IEmulator {
    /// @notice Begins a generation. RUNTIME_EMULATOR only.
    function setPhase(uint16 phase) external;

    /// @notice Identifies the generation: another one in every block, and after every call of {setPhase}.
    function generation() external view returns (uint48);
}

/// @notice The system's side of the runtime emulator.
interface IRuntimeEmulation is IGenerations {
    /// @notice A function that a contract made deferrable.
    struct Deferral {
        address target;
        bytes4 selector;
        uint64 prepaidGas;
    }

    /// @notice Emitted when a contract makes a function deferrable.
    event DeferRegistered(address indexed target, bytes4 indexed selector, uint64 prepaidGas);

    /// @notice Thrown when a function is deferred outside of a constructor.
    error RuntimeEmulator_NotInConstructor(address caller);

    /// @notice Begins the generation of the deferred transactions: the flag is true from here on. SYSTEM only.
    function beginDeferred() external;

    /// @notice Ends it. SYSTEM only.
    function endDeferred() external;

    /// @notice Sets the flag inside the generation, as it is for a single call of a deferrable function. SYSTEM only.
    function setFlag(bool isInDeferred) external;

    /// @notice While on, transactions to contracts that AbortGate guards fail as those do that lost a conflict. SYSTEM only.
    function setAborting(bool isOn) external;

    /// @notice Tells that a job begins, or ends. MULTIPROCESS_EMULATOR only.
    function enterJob() external;
    function leaveJob() external;

    /// @notice Whether transactions are made to fail, see {setAborting}.
    function isAborting() external view returns (bool);

    /// @notice How many transactions have asked for their pid, the reverted ones left out.
    function pidsIssued() external view returns (uint64);

    /// @notice All functions that were made deferrable, in the order of their registration.
    function deferrals() external view returns (Deferral[] memory);
}

/// @notice The system's side of the container emulator.
interface IContainerEmulation is IGenerations, IOwnedState {
    /// @notice Thrown for a container of a kind that is not emulated.
    error ContainerEmulator_UnknownKind(uint8 kind);
    /// @notice Thrown for an element that is too long or has no key.
    error ContainerEmulator_BadElement(uint256 keyLength, uint256 valueLength);
    /// @notice Thrown when a key is created twice, or a number does not fit its place.
    error ContainerEmulator_BadCumulative(bytes key);

    /// @notice Injects a fault: while `loseClear`, clearing a container does nothing and reports success. SYSTEM only.
    function setFaults(bool loseClear) external;

    /// @notice Kind of the container of `owner`: 107 bytes, 103 cumulatives, 0 none.
    function kindOf(address owner) external view returns (uint8);

    /// @notice Elements of the container of `owner` when the generation began.
    function committedLengthOf(address owner) external view returns (uint256);

    /// @notice The storage slot that changes when, and only when, the number of elements of `owner` changes.
    function headerSlot(address owner) external pure returns (bytes32);
}

/// @notice The system's side of the multiprocess emulator.
interface IMultiprocessEmulation is IOwnedState {
    /// @notice What became of one job.
    struct Result {
        bool success;
        bytes returnData;
    }

    /// @notice Injects faults. SYSTEM only.
    /// @param lostJobs Bit i: job i does nothing and reports success, as one that lost a conflict does.
    /// @param reversed Runs the jobs from the last to the first, to expose dependence on their order.
    function setFaults(uint16 lostJobs, bool reversed) external;
}
