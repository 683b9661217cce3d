import { parseArgs } from 'node:util';
import { Problem } from '../stack/problem.mjs';

export const HELP = `Kills what runs, again and again, under load, and proves that nothing is lost: npm run chaos [-- <options>]

  --kills 1000     how many kills
  --seed 1         the same seed repeats the same faults, and for each client the same wishes in the same order; not how
                   processes interleave, and so not which wish a fault hits: e2e/faults/README.md
  --from 0         the first so many kills of the seed are passed over: a long run in pieces, or its end once more
  --minutes 600    the longest that it may take: with fewer kills then it says so, and exits with 3
  --instances 2    how many processes of each service, 1 to 3
  --port 4400      the public port of its stack; free ones are looked for unless told
  --help           this text

It has a stack of its own, beside any that runs. The outcome is written to bench/results/chaos.json: a run from 0
begins that anew, a piece that begins where the last one ended is added to it. Any other piece is written to chaos-again.json.
Exit status: 0 nothing lost, nothing doubled; 1 something is; 2 it could not be run; 3 sound so far, but the time was up.
`;

/**
 * @typedef {object} ChaosOptions
 * @property {number} kills
 * @property {number} seed
 * @property {number} from
 * @property {number} minutes
 * @property {number} instances
 * @property {number | undefined} port
 * @property {boolean} help
 */

/**
 * @param {string[]} argv
 * @returns {ChaosOptions}
 */
export function readChaosOptions(argv) {
  const text = /** @type {const} */ ({ type: 'string' });
  let values;
  try {
    const options = { kills: text, seed: text, from: text, minutes: text, instances: text, port: text };
    ({ values } = parseArgs({ args: argv, options: { ...options, help: { type: 'boolean', short: 'h' } } }));
  } catch (error) {
    throw new Problem(/** @type {Error} */ (error).message, 'npm run chaos -- --help shows the options.');
  }
  return {
    kills: wholeNumber('kills', values.kills ?? '1000', [1, 100_000]),
    seed: wholeNumber('seed', values.seed ?? '1', [0, 2 ** 32 - 1]),
    from: wholeNumber('from', values.from ?? '0', [0, 100_000]),
    minutes: wholeNumber('minutes', values.minutes ?? '600', [1, 10_000]),
    instances: wholeNumber('instances', values.instances ?? '2', [1, 3]),
    port: values.port === undefined ? undefined : wholeNumber('port', values.port, [1024, 65_000]),
    help: values.help ?? false,
  };
}

/**
 * @param {string} name
 * @param {string} text
 * @param {[number, number]} range
 */
function wholeNumber(name, text, [least, most]) {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new Problem(`--${name} ${text} is no whole number from ${least} to ${most}.`);
}
