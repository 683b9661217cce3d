import { Problem } from '../stack/problem.mjs';

/** What turbo runs, each for every workspace. */
export const CHECKS = /** @type {const} */ (['lint', 'typecheck', 'unit', 'compose:check', 'schema:lint']);

/** The suites in the order in which they run. */
export const SUITES = /** @type {const} */ ([...CHECKS, 'scripts', 'infra', 'int', 'e2e', 'faults']);

/** @typedef {typeof SUITES[number]} SuiteName */

export const HELP = `Runs the tests of the whole house: npm test [-- <options>]

  --only unit,int     only these of ${SUITES.join(', ')};
                      without it all: on two cores about an hour, half of it faults
  --filter @tael/x    unit, int, lint and typecheck of this workspace only
  --help              this text

Environment:
  EVENT_BUS=kafka     a machine without Kafka fails; without it, the tests that need a broker are skipped there
  CI=true             of the faults, what needs root, prlimit or a broker fails where it is not there, and is not skipped;
                      FAULTS_MAY_SKIP=disk,prlimit,kafka,instances names what may be
What was skipped is named at the end, with the reason.
`;

/**
 * @param {string[]} argv
 * @returns {{ only: Set<SuiteName>, filter: string | undefined, help: boolean }}
 */
export function readOptions(argv) {
  /** @type {{ only: Set<SuiteName>, filter: string | undefined, help: boolean }} */
  const options = { only: new Set(SUITES), filter: undefined, help: false };
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index];
    if (argument === '--help' || argument === '-h') options.help = true;
    else if (argument === '--only') options.only = suitesOf(argv[(index += 1)]);
    else if (argument === '--filter' && argv[index + 1]) options.filter = argv[(index += 1)];
    else throw new Problem(`Unknown option ${argument}.`, 'npm test -- --help shows the options.');
  }
  return options;
}

/** @param {string | undefined} list */
function suitesOf(list) {
  const names = /** @type {SuiteName[]} */ ((list ?? '').split(',').filter(Boolean));
  const unknown = names.find((name) => !SUITES.includes(name));
  if (unknown || !names.length) throw new Problem(`--only takes some of ${SUITES.join(', ')}.`);
  return new Set(names);
}
