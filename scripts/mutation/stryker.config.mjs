// One run over one workspace; scripts/mutation.mjs says which, and gathers the scores.
import process from 'node:process';
import { MUTATED } from './workspaces.mjs';

const folder = process.env['TAEL_MUTATED'] ?? '';
const workspace = MUTATED.find((entry) => entry.folder === folder);
if (!workspace) throw new Error('run it by `npm run mutation`');
const only = process.env['TAEL_MUTATED_FILES'];

export default {
  testRunner: 'jest',
  plugins: ['@stryker-mutator/jest-runner'],
  jest: { projectType: 'custom', configFile: 'scripts/mutation/jest.config.cjs', enableFindRelatedTests: true },
  coverageAnalysis: 'perTest',
  mutate: only
    ? only.split(',')
    : workspace.mutate.map((pattern) => `${pattern[0] === '!' ? '!' : ''}${folder}/${pattern.replace('!', '')}`),
  // Only what the tests of the workspace read is copied; everything else is found through node_modules.
  ignorePatterns: [
    '**',
    `!${folder}/**`,
    '!scripts/mutation/**',
    '!jest.preset.cjs',
    '!tsconfig.base.json',
    '!package.json',
  ],
  tsconfigFile: 'none.json',
  tempDirName: '.tael/mutation/sandbox',
  incremental: false,
  reporters: ['json', 'clear-text', 'progress-append-only'],
  jsonReporter: { fileName: `.tael/mutation/${folder.replace('/', '-')}.json` },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportScoreTable: true },
  timeoutMS: 10_000,
  concurrency: Number(process.env['MUTATION_CONCURRENCY'] ?? '2'),
};
