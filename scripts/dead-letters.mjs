// Lists and replays what a consumer group could not work off.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { install, turbo } from './stack/install.mjs';
import { Problem } from './stack/problem.mjs';
import { readSettings } from './stack/settings.mjs';
import { openBus, topicsOfEvents } from './where/topics.mjs';

const HELP = `Usage:
  npm run dead-letters -- list   [--group <group>] [--topic <topic>] [--json]
  npm run dead-letters -- replay --group <group> [--topic <topic>] [--id <event id> ...]

A group is what consumes events together: a service, or merchants-webhooks; list names those that the bus knows. Without
--group it looks at all of them, without --topic at all topics of events. replay sends what is still open to its original
topic again, or the events that --id names, open or not. Groups that have worked an event off pass over it.

The bus is the one of the running stack, or of the environment: EVENT_BUS=kafka with KAFKA_BROKERS (and
KAFKA_TLS, KAFKA_CA_FILE, KAFKA_USERNAME, KAFKA_PASSWORD as the services have them), EVENT_BUS=postgres with BUS_DATABASE_URL.

  TAEL_HOME=.tael   the folder of the running stack

Exit status 0: looked at; 1: the bus does not answer; 2: no bus, or no such group.
`;

/** Groups of those who only read a topic through, as this command does. */
const READERS = 'tael-read-';

/**
 * @param {string} text
 * @returns {never}
 */
function fail(text) {
  process.stderr.write(`${text}\n`);
  process.exit(2);
}

/**
 * The bus to look at: what the environment names, else that of the running stack.
 * @param {string} home
 */
function busOf(home) {
  const { EVENT_BUS, KAFKA_BROKERS, BUS_DATABASE_URL } = process.env;
  const file = join(home, 'stack.json');
  const stack = !EVENT_BUS && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const found = {
    eventBus: EVENT_BUS ?? stack.eventBus, kafkaBrokers: KAFKA_BROKERS ?? stack.kafkaBrokers, busDatabaseUrl: BUS_DATABASE_URL ?? stack.busDatabaseUrl,
  };
  const address = { kafka: found.kafkaBrokers, postgres: found.busDatabaseUrl }[/** @type {string} */ (found.eventBus)];
  return address ? found : fail(`No bus to look at: no stack runs in ${home}. Start it, name another with TAEL_HOME, or set EVENT_BUS and its address.\n\n${HELP}`);
}

/**
 * Installs and builds what the bus needs, and nothing where it stands already.
 * @param {string} home
 */
async function prepare(home) {
  const work = { logs: join(home, 'logs'), signal: new AbortController().signal, say: () => undefined };
  await install(work);
  const options = { title: 'The build', log: join(work.logs, 'dead-letters-build.log') };
  await turbo(['run', 'build', '--filter=@tael/platform', '--filter=@tael/events', '--output-logs=errors-only'], options);
}

/** @param {import("../packages/platform/dist/bus").DeadLetter} letter */
function lineOf(letter) {
  const { eventId = '(no event id)', eventType = '(no type)', topic, partition, offset, cause, attempts, firstFailedAt, open } = letter;
  const when = Number.isNaN(firstFailedAt.getTime()) ? '(unknown)' : firstFailedAt.toISOString();
  return `${open ? 'open' : 'sent'}  ${when}  ${eventType}  ${eventId}\n      ${topic}/${partition}@${offset}, ${attempts} attempts: ${cause}\n`;
}

/**
 * @typedef {object} Asked
 * @property {readonly string[]} topics
 * @property {string} group
 * @property {boolean} json
 * @property {readonly string[] | undefined} eventIds
 */

/**
 * @param {ReturnType<typeof openBus>} parts
 * @param {Asked} asked
 * @returns {Promise<number>} how many there are
 */
async function list({ bus, listDeadLetters }, { topics, group, json }) {
  let open = 0;
  let all = 0;
  for (const topic of topics) {
    for (const letter of await listDeadLetters(bus, topic, group)) {
      all += 1;
      open += letter.open ? 1 : 0;
      const { original: _original, ...shown } = letter;
      process.stdout.write(json ? `${JSON.stringify({ ...shown, group, offset: String(letter.offset) })}\n` : lineOf(letter));
    }
  }
  if (!json) process.stdout.write(`${all} dead letters of ${group}, ${open} open\n`);
  return all;
}

/**
 * @param {ReturnType<typeof openBus>} parts
 * @param {Asked} asked
 * @returns {Promise<number>} how many were sent
 */
async function replay({ bus, replayDeadLetters }, { topics, group, eventIds }) {
  let sent = 0;
  for (const topic of topics) sent += await replayDeadLetters(bus, { topic, group, ...(eventIds ? { eventIds } : {}) });
  process.stdout.write(`${sent} events sent again\n`);
  return sent;
}

function commandLine() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        group: { type: 'string' },
        topic: { type: 'string' },
        id: { type: 'string', multiple: true },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    return fail(`${/** @type {Error} */ (error).message}\n\n${HELP}`);
  }
}

/**
 * @param {ReturnType<typeof openBus>} parts
 * @param {string} command
 * @param {{ group?: string, topic?: string, id?: string[], json: boolean }} values
 */
async function run(parts, command, values) {
  const known = (await parts.bus.groups()).map(({ group }) => group).filter((group) => !group.startsWith(READERS)).sort();
  const topics = values.topic ? [values.topic] : topicsOfEvents();
  const work = command === 'list' ? list : replay;
  let found = 0;
  for (const group of values.group ? [values.group] : known) {
    found += await work(parts, { topics, group, json: values.json, eventIds: values.id });
  }
  if (!values.group || known.includes(values.group)) return;
  // One that was removed may have left dead letters; one that never was is a slip of the pen.
  process.stderr.write(`The bus knows no group ${values.group}. It knows ${known.join(', ') || 'none'}.\n`);
  if (found === 0) process.exitCode = 2;
}

async function main() {
  const { values, positionals: [command, ...rest] } = commandLine();
  if (values.help) return void process.stdout.write(HELP);
  if (!command || !['list', 'replay'].includes(command) || rest.length > 0) return fail(HELP);
  if (command === 'replay' && !values.group) return fail(`Whose dead letters are to be sent again?\n\n${HELP}`);
  const { home } = readSettings([], process.env);
  const where = busOf(home);
  await prepare(home);
  const parts = openBus(where);
  try {
    await run(parts, command, values);
  } catch (error) {
    process.stderr.write(`The bus does not answer: ${/** @type {Error} */ (error).message}\n`);
    process.exitCode = 1;
  } finally {
    await parts.bus.close();
  }
}

main().catch((error) => {
  process.stderr.write(error instanceof Problem ? `${error.message}\n${error.advice ?? ''}\n` : `${error.message}\n`);
  process.exitCode = 1;
});
