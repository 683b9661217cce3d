const preset = require('../../jest.preset.cjs')(__dirname);

// Faults of a whole stack under load; each file starts its own stack. See README.md.
module.exports = {
  ...preset,
  projects: [{ ...preset.projects[0], displayName: 'faults', testMatch: ['<rootDir>/engine/*.test.ts', '<rootDir>/*.test.ts'] }],
  testTimeout: 240_000,
  maxWorkers: 1,
  reporters: ['default', '<rootDir>/progress.reporter.cjs'],
};
