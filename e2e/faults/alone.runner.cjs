const { createRequire } = require('node:module');

// jest's own runner is a part of jest, and not ours to name in package.json: found from where jest finds it.
const fromCore = createRequire(createRequire(require.resolve('jest')).resolve('@jest/core'));

/** Runs one file after another, whatever jest may run beside each other elsewhere. */
module.exports = class Alone extends fromCore('jest-runner').default {
  isSerial = true;
};
