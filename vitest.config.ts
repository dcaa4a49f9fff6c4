import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    globalSetup: ['tools/vitest-build.mjs'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['loadgen/src/**/*.test.ts', 'tools/**/*.test.mjs'],
          testTimeout: 20_000,
          hookTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          // Each file starts a node of its own: one file at a time, so that two cores are enough.
          name: 'e2e',
          include: ['loadgen/test/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
