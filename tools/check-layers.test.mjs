import { describe, expect, test } from 'vitest'
import { checkLayers, importsOf, LAYERS } from './check-layers.mjs'

describe('importsOf', () => {
  test('behavior: every form of import', () => {
    const source = `
      pragma solidity 0.8.30;
      import "../a.sol";
      import { B } from "../b.sol";
      import {
        C, // the third
        C2 as Other
      } from '../c.sol';
      import * as D from "solady/d.sol";
      contract X {}
    `
    expect(importsOf(source)).toEqual(['../a.sol', '../b.sol', '../c.sol', 'solady/d.sol'])
  })

  test('behavior: comments are no imports, a string with // hides none', () => {
    const source = `
      // import "../line.sol";
      /* import "../block.sol"; */
      string constant URL = "https://example.org"; import { A } from "../a.sol";
      string constant TEXT = "/*"; import { B } from "../b.sol"; /* */
    `
    expect(importsOf(source)).toEqual(['../a.sol', '../b.sol'])
  })

  test('behavior: an identifier that ends in import is none', () => {
    expect(importsOf('function reimport() external { f("../a.sol"); }')).toEqual([])
  })
})

describe('checkLayers', () => {
  test('default: imports that keep to the table', () => {
    const sources = {
      'types/MarketId.sol': '',
      'interfaces/external/IERC20.sol': '',
      'interfaces/IHouse.sol':
        'import { MarketId } from "../types/MarketId.sol"; import "./external/IERC20.sol";',
      'perp/House.sol':
        'import { IHouse } from "../interfaces/IHouse.sol"; import "solady/utils/FixedPointMathLib.sol";',
      'test/House.t.sol':
        'import "forge-std/src/Test.sol"; import { House } from "../perp/House.sol";',
    }
    expect(checkLayers(sources)).toEqual([])
  })

  test('error: an import against the direction', () => {
    const sources = {
      'types/MarketId.sol': 'import "../perp/House.sol";',
      'libraries/Math.sol': 'import "../interfaces/../arcology/Base.sol";',
    }
    expect(checkLayers(sources)).toMatchInlineSnapshot(`
      [
        "libraries/Math.sol imports arcology/Base.sol: libraries/ may import types, interfaces.",
        "types/MarketId.sol imports perp/House.sol: types/ may import nothing else.",
      ]
    `)
  })

  test('error: emulation outside of the tests', () => {
    const importing = Object.keys(LAYERS).filter(
      (folder) =>
        folder !== 'emulation' &&
        checkLayers({ [`${folder}/A.sol`]: 'import "../emulation/B.sol";' }).length === 0,
    )
    expect(importing).toEqual(['test'])
  })

  test('error: an unknown folder, a file outside of any folder, a path out of contracts/', () => {
    const sources = {
      'helpers/A.sol': 'import "../types/MarketId.sol";',
      'perp/House.sol': 'import "../Loose.sol"; import "../../lib/solady/src/utils/LibString.sol";',
    }
    expect(checkLayers(sources)).toMatchInlineSnapshot(`
      [
        "helpers/A.sol imports types/MarketId.sol: helpers/A.sol is in no folder of the table in tools/check-layers.mjs.",
        "perp/House.sol imports ../lib/solady/src/utils/LibString.sol: ../lib/solady/src/utils/LibString.sol is in no folder of the table in tools/check-layers.mjs.",
        "perp/House.sol imports Loose.sol: Loose.sol is in no folder of the table in tools/check-layers.mjs.",
      ]
    `)
  })

  test('error: forge-std in production code, a package that is not known', () => {
    const sources = {
      'vault/Vault.sol': 'import "forge-std/src/console.sol";',
      'test/Vault.t.sol': 'import "contracts/vault/Vault.sol";',
    }
    expect(checkLayers(sources)).toMatchInlineSnapshot(`
      [
        "test/Vault.t.sol imports contracts/vault/Vault.sol: an import is relative or starts with solady/, forge-std/.",
        "vault/Vault.sol imports forge-std/src/console.sol: only test may import forge-std/.",
      ]
    `)
  })

  test('error: a cycle between files of one folder, and a file that imports itself', () => {
    const sources = {
      'perp/A.sol': 'import "./B.sol";',
      'perp/B.sol': 'import "./C.sol";',
      'perp/C.sol': 'import "./A.sol";',
      'perp/Outside.sol': 'import "./A.sol";',
      'types/Self.sol': 'import "./Self.sol";',
    }
    expect(checkLayers(sources)).toEqual([
      'Import cycle: perp/A.sol -> perp/B.sol -> perp/C.sol -> perp/A.sol.',
      'Import cycle: types/Self.sol -> types/Self.sol.',
    ])
  })

  test('behavior: two ways to one file are no cycle', () => {
    const sources = {
      'perp/A.sol': 'import "./B.sol"; import "./C.sol";',
      'perp/B.sol': 'import "./D.sol";',
      'perp/C.sol': 'import "./D.sol";',
      'perp/D.sol': '',
    }
    expect(checkLayers(sources)).toEqual([])
  })
})
