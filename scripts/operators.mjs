#!/usr/bin/env node
// Who is an operator on the running stack: `npm run operators -- list`. The program is the one that images carry; here it gets the stack's settings.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { entryOf } from './stack/services.mjs';
import { readSettings } from './stack/settings.mjs';

const HELP = `Usage:
  npm run operators -- list
  npm run operators -- grant  <mail address> --reason <why> [--by <who>]
  npm run operators -- revoke <mail address> --reason <why> [--by <who>]

Gives a person the role of an operator, or takes it away with all their sessions and with what they asked for and nobody has
approved. Both stand in a trail that nobody can change: docs/runbooks/operators.md.

  TAEL_HOME=.tael   the folder of the running stack

Exit status 0: done; 1: not, and why; 2: no stack runs; 64: not understood.
`;

const words = process.argv.slice(2);
if (words.length === 0 || words.includes('--help') || words.includes('-h')) {
  process.stdout.write(HELP);
  process.exit(words.length === 0 ? 64 : 0);
}
const file = path.join(readSettings([], process.env).home, 'stack.json');
if (!fs.existsSync(file)) {
  process.stderr.write(`No stack runs in ${path.dirname(file)}: npm start, or say where with TAEL_HOME.\n`);
  process.exit(2);
}
const { env } = JSON.parse(fs.readFileSync(file, 'utf8')).services.accounts;
const child = spawn(process.execPath, ['--enable-source-maps', entryOf('accounts', 'operators'), ...words], { stdio: 'inherit', env });
child.once('close', (code) => process.exit(code ?? 1));
