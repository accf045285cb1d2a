import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Two cores, real models and a real browser: files one after the other keep times and memory honest.
    fileParallelism: false,
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // A machine under load takes its time; what never comes fails all the same.
    expect: { poll: { timeout: 15_000 } },
  },
})
