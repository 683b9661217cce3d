#!/usr/bin/env node
// Lists the consumer groups of the running stack's bus, and forgets one that is gone: `npm run consumer-groups`.
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { Problem } from './stack/problem.mjs';
import { readSettings } from './stack/settings.mjs';
import { openBus } from './where/topics.mjs';

const HELP = `Usage:
  npm run consumer-groups -- list
  npm run consumer-groups -- remove --group <name>

list shows every group that the bus remembers: how many members are joined, and how many events it has not worked off.

A service that is taken out of the platform leaves its group behind, and the Postgres bus keeps for it what it has not worked
off, for ever. remove forgets the group; it refuses where members are joined. Where a group of the name joins later, it
begins at the oldest event.

  TAEL_HOME=.tael   the folder of the running stack
`;

/** @param {import('../packages/platform/dist/bus').BusGroup} group */
const lineOf = ({ group, topics, members, lag }) =>
  `${group.padEnd(28)} ${String(members).padStart(2)} members  ${String(lag).padStart(9)} waiting  ${topics.join(' ')}\n`;

async function main() {
  const { values, positionals: [command] } = parseArgs({
    allowPositionals: true,
    options: { group: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help || !['list', 'remove'].includes(command ?? '') || (command === 'remove' && !values.group)) {
    process.stdout.write(HELP);
    return values.help ? 0 : 2;
  }
  const file = path.join(readSettings([], process.env).home, 'stack.json');
  if (!fs.existsSync(file)) throw new Problem(`No stack runs in ${path.dirname(file)}.`, 'npm start, or say where with TAEL_HOME.');
  const { bus } = openBus(JSON.parse(fs.readFileSync(file, 'utf8')));
  try {
    if (command === 'list') for (const group of await bus.groups()) process.stdout.write(lineOf(group));
    else await bus.removeGroup(/** @type {string} */ (values.group));
  } finally {
    await bus.close();
  }
  return 0;
}

main().then(
  (status) => process.exit(status),
  (error) => {
    process.stderr.write(error instanceof Problem ? `${error.message}\n${error.advice ?? ''}\n` : `${error.message}\n`);
    process.exit(1);
  },
);
