// One run over one file of rules; scripts/mutation.mjs says which, and gathers the scores.
import process from 'node:process';
import { placeOf } from './workspaces.mjs';

const file = process.env['TAEL_MUTATED'] ?? '';
if (!file) throw new Error('run it by `npm run mutation`');
const { folder, report, known } = placeOf(file);

export default {
  testRunner: 'jest',
  plugins: ['@stryker-mutator/jest-runner'],
  jest: { projectType: 'custom', configFile: 'scripts/mutation/jest.config.cjs', enableFindRelatedTests: true },
  coverageAnalysis: 'perTest',
  mutate: [file],
  // A file that no test reaches has a score too: nothing of it is noticed.
  allowEmpty: true,
  // Only what the tests of the workspace read is copied; everything else is found through node_modules.
  ignorePatterns: [
    '**',
    `!${folder}/**`,
    '!scripts/mutation/**',
    // Some tests hold the pages for banks against the code.
    '!docs/partners/**',
    '!jest.preset.cjs',
    '!tsconfig.base.json',
    '!package.json',
  ],
  tsconfigFile: 'none.json',
  tempDirName: '.tael/mutation/sandbox',
  // What is known of a mutant stays known until its rule or the tests that reach it change.
  incremental: true,
  incrementalFile: known,
  force: process.env['TAEL_MUTATED_FRESH'] === 'yes',
  reporters: ['json', 'clear-text', 'progress-append-only'],
  jsonReporter: { fileName: report },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportScoreTable: true },
  // Generous: on a busy machine a slow test is not to pass for one that never ends.
  timeoutMS: 30_000,
  concurrency: Number(process.env['MUTATION_CONCURRENCY'] ?? '2'),
};
