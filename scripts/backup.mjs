#!/usr/bin/env node
// Backs up the embedded Postgres of the running stack: `npm run backup -- --to <folder>`.
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { placesIn } from './backup/archive.mjs';
import { copyServer } from './backup/base-backup.mjs';
import { marksOf, writeManifest } from './backup/manifest.mjs';
import { Problem, tellWhy } from './stack/problem.mjs';
import { createScreen } from './stack/screen.mjs';
import { readSettings } from './stack/settings.mjs';

const HELP = `Usage: npm run backup -- --to <folder>

Copies all databases of the running stack, as of one moment, into <folder>/base/<time>. The stack goes on meanwhile.
Where it was started with TAEL_ARCHIVE=<folder>, npm run restore can go back from there to any later moment too;
else to the moment of the backup alone. The keys (secrets.json of TAEL_HOME) are not in it: keep them elsewhere.
docs/runbooks/restore.md says all of it.
`;

/** @param {string} home */
function runningStack(home) {
  const read = (/** @type {string} */ name) => JSON.parse(fs.readFileSync(path.join(home, name), 'utf8'));
  if (!fs.existsSync(path.join(home, 'stack.json'))) throw new Problem(`No stack runs in ${home}.`, 'A backup is made of a running one: npm start.');
  return { stack: read('stack.json'), secrets: read('secrets.json') };
}

async function main() {
  const { values } = parseArgs({ options: { to: { type: 'string' }, help: { type: 'boolean', short: 'h' } } });
  if (values.help || !values.to) {
    process.stdout.write(HELP);
    return values.help ? 0 : 2;
  }
  const { stack, secrets } = runningStack(readSettings([], process.env).home);
  const { bases } = placesIn(path.resolve(values.to));
  const target = path.join(bases, new Date().toISOString().replaceAll(':', '-'));
  fs.mkdirSync(target, { recursive: true, mode: 0o700 });
  try {
    await createScreen().step('Backup', async (say) => {
      const copied = await copyServer({ url: stack.adminDatabaseUrl, target, say });
      writeManifest(target, { format: 1, ...copied, eventBus: stack.eventBus, sealKeys: marksOf(secrets.sealKeys) });
      say(`${target}, ${Math.round(copied.bytes / 1_048_576)} MB, whole from ${copied.endedAt} on`);
    });
  } catch (error) {
    fs.rmSync(target, { recursive: true, force: true });
    throw error;
  }
  return 0;
}

main().then(
  (status) => process.exit(status),
  (error) => {
    tellWhy(error);
    process.exit(1);
  },
);
