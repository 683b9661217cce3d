#!/usr/bin/env node
// A bank that nobody knows comes in and uses Tael: `npm run demo:partner`. Each step is checked.
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { startStack } from '../bench/load/stack.mjs';
import { STEPS } from './demo-partner/steps.mjs';
import { tellWhy } from './stack/problem.mjs';
import { ROOT } from './stack/settings.mjs';

const HELP = `A stranger with nothing but docs/partners brings a bank to Tael: npm run demo:partner

Uses the stack that runs in .tael (TAEL_HOME), or starts one of its own and stops it again. The bank is examples/partner-bank.
Exit status 0: every step was done and checked; 1: one was not.
`;

/** The stack that runs here; nothing where none answers. */
async function running() {
  const file = path.join(path.resolve(ROOT, process.env.TAEL_HOME || '.tael'), 'demo.json');
  if (!fs.existsSync(file)) return undefined;
  const demo = JSON.parse(fs.readFileSync(file, 'utf8'));
  const answer = await fetch(demo.gatewayUrl.replace(/graphql$/, 'ready')).catch(() => undefined);
  return answer?.ok ? demo : undefined;
}

async function main() {
  const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h', default: false } } });
  if (values.help) return void process.stdout.write(HELP);
  const present = await running();
  const own = present ? undefined : await startStack();
  /** @type {any} */
  const story = { demo: present ?? own?.demo, stops: [] };
  try {
    for (const [index, { title, play }] of STEPS.entries()) {
      const at = performance.now();
      process.stdout.write(`${String(index + 1).padStart(2)}. ${title}\n`);
      const seen = await play(story);
      process.stdout.write(`    ✓ ${seen} (${Math.round(performance.now() - at)} ms)\n`);
    }
    process.stdout.write('Every step was checked.\n');
  } catch (error) {
    process.stdout.write('    ✗ this step failed\n');
    tellWhy(error);
    process.exitCode = 1;
  } finally {
    for (const stop of story.stops) stop();
    await own?.stop();
  }
}

await main();
