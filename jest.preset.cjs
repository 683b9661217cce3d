// One jest preset for every workspace: `unit` runs *.test.ts without I/O, `int` runs *.int.test.ts against a real
// Postgres and broker, whose addresses scripts/test.mjs puts into the environment.
const { mkdirSync } = require('node:fs');
const { join } = require('node:path');

const transform = {
  '\\.[cm]?[jt]s$': [
    '@swc/jest',
    {
      jsc: {
        target: 'es2022',
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: false, useDefineForClassFields: false },
      },
      module: { type: 'commonjs' },
    },
  ],
};

// Packages that ship only ES modules: jest's CommonJS runtime must have them transformed.
const esm = ['cookie', 'jose', 'nodemailer', 'intl-messageformat', '@formatjs', 'graphql-sse', '@apollo/client', 'oidc-provider'];

function project(displayName, testMatch) {
  return {
    displayName,
    testMatch,
    testEnvironment: 'node',
    testEnvironmentOptions: { customExportConditions: ['@tael/source', 'node', 'require', 'default'] },
    testPathIgnorePatterns: ['/node_modules/', '/dist/'],
    modulePathIgnorePatterns: ['<rootDir>/dist/'],
    setupFiles: [require.resolve('reflect-metadata')],
    transform,
    transformIgnorePatterns: [`/node_modules/(?!(${esm.join('|')})/)`],
  };
}

/** jest writes its report only into a folder that is there. */
function reportsFolder(rootDir) {
  mkdirSync(join(rootDir, '.reports'), { recursive: true });
  return rootDir;
}

module.exports = (rootDir) => ({
  rootDir: reportsFolder(rootDir),
  projects: [
    { rootDir, ...project('unit', ['<rootDir>/src/**/*.test.ts']) },
    { rootDir, ...project('int', ['<rootDir>/test/**/*.int.test.ts']) },
  ],
  testTimeout: 30_000,
  workerIdleMemoryLimit: '1GB',
});
