#!/usr/bin/env node
// Brings the embedded stack back to a moment: `npm run restore -- --from <folder> [--until <timestamp>]`.
import process from 'node:process';
import { parseArgs } from 'node:util';
import { restore } from './backup/restore.mjs';
import { Problem, tellWhy } from './stack/problem.mjs';
import { createScreen } from './stack/screen.mjs';
import { readSettings } from './stack/settings.mjs';

const HELP = `Usage: npm run restore -- --from <folder> [--until <timestamp>] [--timeline <number>] [--without-topics]

Brings all databases of the stopped stack to one moment: to the last one that the folder (and the log of the server that was
there before) holds, or to --until, such as 2026-11-28T09:30:00.250Z. Kafka's topics are made anew without what was sent of
things that the books then do not know. Nothing is removed: the data of before is kept beside.

--timeline        after an earlier restore: the number of the line to follow, the newest unless told
--without-topics  Kafka's data is lost too: begin with empty topics. Events that were under way at the moment are then lost
docs/runbooks/restore.md says what else is to be done.
`;

/** @param {string | undefined} text */
function momentOf(text) {
  if (text === undefined) return undefined;
  const moment = new Date(text);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/.test(text) || Number.isNaN(moment.getTime()))
    throw new Problem(`--until ${text} is no moment.`, 'Give date, time and zone, to the millisecond at most: 2026-11-28T09:30:00.250Z');
  if (moment.getTime() > Date.now()) throw new Problem(`--until ${text} lies in the future.`);
  return moment;
}

async function main() {
  const { values } = parseArgs({
    options: {
      from: { type: 'string' }, until: { type: 'string' }, timeline: { type: 'string' },
      'without-topics': { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help || !values.from) {
    process.stdout.write(HELP);
    return values.help ? 0 : 2;
  }
  const settings = readSettings([], process.env);
  if (settings.databaseUrl || settings.kafkaBrokers)
    throw new Problem('DATABASE_URL or KAFKA_BROKERS is given: such servers are restored by whoever runs them.', 'docs/runbooks/restore.md says in which order.');
  const screen = createScreen();
  const lines = await restore(
    { settings, from: values.from, until: momentOf(values.until), timeline: values.timeline ? Number(values.timeline) : undefined, withoutTopics: values['without-topics'] },
    screen,
  );
  screen.note(lines.join('\n'));
  return 0;
}

main().then(
  (status) => process.exit(status),
  (error) => {
    tellWhy(error);
    process.exit(1);
  },
);
