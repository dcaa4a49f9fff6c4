// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { Multiprocess } from "../../arcology/Multiprocess.sol";
import { BaseTest } from "../Base.t.sol";
import { OpcodeScanner } from "./OpcodeScanner.sol";
import { VmSafe } from "forge-std/Vm.sol";
import { LibString } from "solady/utils/LibString.sol";

/// @notice Compiled production code holds no instruction outside of London, and no BASEFEE.
contract OpcodesTest is BaseTest {
    using LibString for string;

    /// @dev Folders of production code.
    string[7] internal folders = ["arcology", "netting", "perp", "vault", "tokens", "baseline", "spot"];

    /// Every artifact whose source is production code, whatever contracts are added: creation and runtime code.
    function test_ProductionArtifacts_HoldLondonAlone() public view {
        VmSafe.DirEntry[] memory entries = vm.readDir("out", 2);
        uint256 scanned;
        for (uint256 i; i < entries.length; ++i) {
            string memory path = entries[i].path;
            if (entries[i].isDir || !path.endsWith(".json") || path.contains("/build-info/")) continue;
            string memory json = vm.readFile(path);
            if (!_isProduction(json)) continue;
            bytes memory creation = vm.parseJsonBytes(json, ".bytecode.object");
            _assertLondon(creation, path);
            _assertLondon(vm.parseJsonBytes(json, ".deployedBytecode.object"), path);
            if (creation.length != 0) ++scanned;
        }
        assertGe(scanned, 13, "contracts with code were found: the clearing houses, engine, netting, stores and tokens");
    }

    /// What the tests deploy: with its immutables, and the contracts that contracts create.
    function test_DeployedCode_HoldsLondonAlone() public view {
        address queue = address(_queue(ETH, true));
        address[12] memory deployed = [
            address(netted.house),
            address(netted.vault),
            address(netted.registry),
            address(netted.router),
            address(netted.engine),
            address(netted.netting),
            address(netted.engine.QUEUES()),
            queue,
            _market(netted, ETH).tracker,
            _market(netted, ETH).baseToken,
            address(direct.house),
            address(usdc)
        ];
        for (uint256 i; i < deployed.length; ++i) {
            assertGt(deployed[i].code.length, 0, "there is code");
            _assertLondon(deployed[i].code, vm.toString(i));
        }
    }

    /* THE SCANNER */

    function test_Scanner_FindsEachForbiddenInstruction() public pure {
        bytes memory forbidden = hex"48494a5c5d5e5f";
        for (uint256 i; i < forbidden.length; ++i) {
            (bool found, uint256 at, uint8 opcode) = OpcodeScanner.find(bytes.concat(hex"6001600255", forbidden[i]));
            assertTrue(found, "it is found");
            assertEq(at, 5, "where it stands");
            assertEq(opcode, uint8(forbidden[i]), "and named");
        }
    }

    function test_Scanner_SkipsWhatIsPushed() public pure {
        (bool found,,) = OpcodeScanner.find(hex"605f615c5d625e5f485b00");
        assertFalse(found, "data of PUSH1, PUSH2 and PUSH3");
        bytes memory push32 = bytes.concat(hex"7f", bytes32(type(uint256).max / 0xff * 0x5f));
        (found,,) = OpcodeScanner.find(push32);
        assertFalse(found, "data of PUSH32");
        uint256 at;
        (found, at,) = OpcodeScanner.find(bytes.concat(push32, hex"5f"));
        assertTrue(found, "the instruction after it");
        assertEq(at, 33, "stands behind 32 bytes of data");
        (found,,) = OpcodeScanner.find(hex"61");
        assertFalse(found, "a PUSH that the code cuts off");
    }

    /// Compiled for Cancun on purpose: the emulators. The scanner finds what it is made to find in real code.
    function test_Scanner_FindsThemInCodeForCancun() public view {
        (bool found,,) = OpcodeScanner.find(vm.getDeployedCode("ContainerEmulator.sol:ContainerEmulator"));
        assertTrue(found, "runtime code of an emulator");
        (found,,) = OpcodeScanner.find(vm.getCode("RuntimeEmulator.sol:RuntimeEmulator"));
        assertTrue(found, "creation code of an emulator");
        (found,,) = OpcodeScanner.find(type(Multiprocess).creationCode);
        assertFalse(found, "creation code of a production contract");
    }

    function _assertLondon(bytes memory code, string memory what) private pure {
        (bool found, uint256 at, uint8 opcode) = OpcodeScanner.find(code);
        assertFalse(found, string.concat(what, ": opcode ", vm.toString(opcode), " at ", vm.toString(at)));
    }

    /// @dev By the compilation target that the compiler's metadata names.
    function _isProduction(string memory json) private view returns (bool) {
        if (!vm.keyExistsJson(json, ".metadata.settings.compilationTarget")) return false;
        string memory target = vm.parseJsonKeys(json, ".metadata.settings.compilationTarget")[0];
        for (uint256 i; i < folders.length; ++i) {
            if (target.startsWith(string.concat("contracts/", folders[i], "/"))) return true;
        }
        return false;
    }
}
