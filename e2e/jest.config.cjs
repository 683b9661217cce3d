const preset = require('../jest.preset.cjs')(__dirname);

// One file a user story, against the stack that scripts/test.mjs (or `npm start`) has running: see stack.ts.
module.exports = {
  ...preset,
  projects: [{ ...preset.projects[0], displayName: 'e2e', testMatch: ['<rootDir>/*.e2e.test.ts', '<rootDir>/{outside,security}/*.e2e.test.ts'] }],
  testTimeout: 60_000,
  // One file at a time: one of them stops services under its feet, and the others would meet that.
  maxWorkers: 1,
};
