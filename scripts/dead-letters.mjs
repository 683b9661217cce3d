// Lists and replays what a consumer group could not work off.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const HELP = `Usage:
  node scripts/dead-letters.mjs list   --group <service> [--topic <topic>] [--json]
  node scripts/dead-letters.mjs replay --group <service> [--topic <topic>] [--id <event id> ...]

A group is the name of a service (accounts, rewards, notifications); without --topic all five topics are looked at.
replay sends what is still open to its original topic again, or the events that --id names, open or not. Groups that
have worked an event off pass over it.

The bus is the one of the running stack (.tael/stack.json), or of the environment: EVENT_BUS=kafka with KAFKA_BROKERS,
EVENT_BUS=postgres with BUS_DATABASE_URL.
`;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const load = createRequire(import.meta.url);

/** @param {string} text */
function fail(text) {
  process.stderr.write(`${text}\n`);
  process.exit(2);
}

function settingsOf() {
  const { EVENT_BUS, KAFKA_BROKERS, BUS_DATABASE_URL } = process.env;
  const file = join(root, '.tael', 'stack.json');
  const stack = !EVENT_BUS && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const kind = EVENT_BUS ?? stack.eventBus;
  const brokers = KAFKA_BROKERS ?? stack.kafkaBrokers;
  const url = BUS_DATABASE_URL ?? stack.busDatabaseUrl;
  if (kind === 'kafka' && brokers) return { kind, brokers: String(brokers).split(',').map((broker) => broker.trim()) };
  if (kind === 'postgres' && url) return { kind, url };
  return fail(`No bus to look at: start the stack, or set EVENT_BUS and its address.\n\n${HELP}`);
}

/** @param {string} name */
function builtPart(name) {
  const path = join(root, 'packages', name, 'index.js');
  if (!existsSync(path)) fail(`${path} is not there: run "npm run build" first.`);
  return load(path);
}

/** @param {import("../packages/platform/dist/bus").DeadLetter} letter */
function lineOf(letter) {
  const { eventId = '(no event id)', eventType = '(no type)', topic, partition, offset, cause, attempts, firstFailedAt, open } = letter;
  const when = Number.isNaN(firstFailedAt.getTime()) ? '(unknown)' : firstFailedAt.toISOString();
  return `${open ? 'open' : 'sent'}  ${when}  ${eventType}  ${eventId}\n      ${topic}/${partition}@${offset}, ${attempts} attempts: ${cause}\n`;
}

async function list(bus, { topics, group, json }, { listDeadLetters }) {
  let open = 0;
  let all = 0;
  for (const topic of topics) {
    for (const letter of await listDeadLetters(bus, topic, group)) {
      all += 1;
      open += letter.open ? 1 : 0;
      const { original: _original, ...shown } = letter;
      process.stdout.write(json ? `${JSON.stringify({ ...shown, offset: String(letter.offset) })}\n` : lineOf(letter));
    }
  }
  if (!json) process.stdout.write(`${all} dead letters of ${group}, ${open} open\n`);
}

async function replay(bus, { topics, group, eventIds }, { replayDeadLetters }) {
  let sent = 0;
  for (const topic of topics) sent += await replayDeadLetters(bus, { topic, group, ...(eventIds ? { eventIds } : {}) });
  process.stdout.write(`${sent} events sent again\n`);
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
    return fail(`${error.message}\n\n${HELP}`);
  }
}

async function main() {
  const { values, positionals: [command, ...rest] } = commandLine();
  if (values.help) return void process.stdout.write(HELP);
  if (!['list', 'replay'].includes(command ?? '') || rest.length > 0 || !values.group) return fail(HELP);
  const settings = settingsOf();
  const platform = builtPart('platform/dist/bus');
  const { createLogger } = builtPart('platform/dist/log');
  const topics = values.topic ? [values.topic] : Object.values(builtPart('events/dist').TOPICS);
  const log = createLogger({ service: 'dead-letters', level: process.env.LOG_LEVEL ?? 'silent' });
  const bus = platform.createBus({ ...settings, clientId: 'dead-letters', log });
  try {
    const options = { topics, group: values.group, json: values.json, eventIds: values.id };
    await (command === 'list' ? list : replay)(bus, options, platform);
  } catch (error) {
    process.stderr.write(`The bus does not answer: ${error.message}\n`);
    process.exitCode = 1;
  } finally {
    await bus.close();
  }
}

await main();
