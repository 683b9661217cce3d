#!/usr/bin/env node
// Runs a stack of its own under a steady load, and says whether memory, connections or files grow: `npm run soak`.
import fs from 'node:fs';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openLoop, rankOf } from '../bench/load/client.mjs';
import { look, merchantIds, newPayers, pay, topUp } from '../bench/load/people.mjs';
import { writeResult } from '../bench/load/result.mjs';
import { startStack } from '../bench/load/stack.mjs';
import { build, install } from './stack/install.mjs';
import { findBase } from './stack/ports.mjs';
import { portsFrom } from './stack/settings.mjs';
import { FLOOD_RUNNING_MAX, floodFor } from './soak/flood.mjs';
import { PHASES_MIN } from './soak/phases.mjs';
import { databaseOf, liveOf, sampleOf } from './soak/sampler.mjs';
import { judge } from './soak/trend.mjs';

/** Half of what a container has (infra/kubernetes). */
const RSS_MAX_MIB = 384;

const HELP = `Soak: npm run soak [-- --minutes 10] [--rate 20] [--flood]

Starts a stack of its own, pays, tops up and looks at a steady rate, and measures every process: what lives once all garbage
is collected, open files, sockets; and the connections with the database. After a warm-up of two fifths of the time
a line is fitted through the low points of each; what breathes with the load must end no higher than it was before. Resident
memory moves with V8's room for young objects: it must stay below ${RSS_MAX_MIB} MiB, too. Exit status 0: nothing grows; 1: something does, or
requests failed.

  --minutes   how long, 10 unless told, 3 at least
  --rate      payments a second, 20 unless told; half as many looks and a tenth as many top-ups go with them
  --flood     instead of a steady load: more than can be answered, in phases; after each all that waits is worked off, and what the processes
              then hold is compared, late phases with early ones. Whoever is refused comes again at once. --minutes are those of the
              flood, without the rests. The result is bench/results/soak-flood.json
  TAEL_PORT   the first of the stack's ports, where a certain one is wanted

The result is written to bench/results/soak.json.
`;

const SAMPLE_MS = 5_000;
/** How often in a run all garbage is collected: seldom, since a service without any is not the one that runs elsewhere. */
const COLLECTIONS = 24;
const PEOPLE = 32;
/** Access tokens end after some minutes: the load goes on with new people well before. */
const PEOPLE_SECONDS = 240;

/** @type {Record<string, import('./soak/trend.mjs').Allowance>} */
const ALLOWED = {
  liveMiB: { share: 0.05, amount: 3 },
  // What lives is measured above; this is for memory outside of the heap. V8's room for young objects comes and goes.
  rssMiB: { share: 0.2, amount: 40, breathes: true },
  files: { share: 0.05, amount: 4, breathes: true },
  sockets: { share: 0.05, amount: 4, breathes: true },
  connections: { share: 0.05, amount: 2, breathes: true },
};

const say = (/** @type {string} */ text) => process.stderr.write(`${text}\n`);
const anyOf = (/** @type {any[]} */ list) => list[Math.floor(Math.random() * list.length)];

/**
 * @param {string} url
 * @param {{ seconds: number, rate: number }} options
 */
async function loadFor(url, { seconds, rate }) {
  const times = [];
  const faults = [];
  for (let left = seconds; left > 0; left -= PEOPLE_SECONDS) {
    const payers = await newPayers(url, PEOPLE);
    const shops = await merchantIds(url, payers[0]);
    const part = Math.min(left, PEOPLE_SECONDS);
    const headersOf = (/** @type {any} */ payer) => payer.headers;
    const runs = await Promise.all([
      openLoop(() => pay(url, anyOf(payers), { shops, headersOf }), { rate, seconds: part }),
      openLoop(() => look(url, anyOf(payers)), { rate: rate / 2, seconds: part }),
      openLoop(() => topUp(url, anyOf(payers)), { rate: rate / 10, seconds: part }),
    ]);
    times.push(...runs.flatMap((run) => run.times));
    faults.push(...runs.flatMap((run) => run.faults));
  }
  return { times, faults };
}

/**
 * @param {Record<string, any>} stack
 * @param {{ seconds: number, ended: AbortSignal }} options
 */
async function watch(stack, { seconds, ended }) {
  /** @type {Record<string, import('./soak/trend.mjs').Series>} */
  const series = {};
  const begun = performance.now();
  const keep = (/** @type {Record<string, object>} */ samples, /** @type {number} */ at) => {
    for (const [part, sample] of Object.entries(samples)) {
      for (const [what, value] of Object.entries(sample)) (series[`${part} ${what}`] ??= []).push({ seconds: at, value });
    }
  };
  for (let shown = 0, collected = 0; !ended.aborted; ) {
    const at = (performance.now() - begun) / 1_000;
    const samples = { ...sampleOf(stack), database: await databaseOf(stack) };
    keep(samples, at);
    if (at >= collected) {
      keep(await liveOf(stack), at);
      collected += seconds / COLLECTIONS;
    }
    if (at >= shown) {
      const line = Object.entries(samples).map(([part, s]) => 'rssMiB' in s ? `${part} ${Math.round(s.rssMiB)}M ${s.files}f` : `connections ${s.connections}`);
      say(`${String(Math.round(at)).padStart(5)} of ${seconds} s  ${line.join('  ')}`);
      shown += 30;
    }
    await sleep(SAMPLE_MS, undefined, { signal: ended }).catch(() => undefined);
  }
  return series;
}

/** Seconds that a phase of a flood takes, without its rest. */
const PHASE_SECONDS = 30;

/**
 * @param {any} stack
 * @param {number} minutes
 */
async function flood(stack, minutes) {
  const phases = Math.max(PHASES_MIN, Math.round((minutes * 60) / PHASE_SECONDS));
  say(`Flood: ${minutes} minutes, ${phases} phases`);
  const { done, refused, faults, restSeconds, parts } = await floodFor(stack, { seconds: minutes * 60, phases, say });
  const growing = Object.entries(parts).filter(([, { grows }]) => grows);
  const isPast = Object.values(refused).some((count) => count > 0);
  const passed = growing.length === 0 && faults.length === 0 && isPast;
  const result = { bench: 'soak-flood', minutes, phases, running_max: FLOOD_RUNNING_MAX, passed, done, refused, faults: faults.length, rest_s: restSeconds, parts };
  writeResult('soak-flood', result);
  if (!isPast) say('Nothing was refused: this was no flood.');
  if (faults.length > 0) say(`${faults.length} requests failed, the first: ${faults[0]}`);
  for (const [part, { liveMiB, rssMiB, most }] of growing) say(`GROWS: ${part}: alive ${liveMiB.join(' to ')}, resident ${rssMiB.join(' to ')}, at most ${most} MiB`);
  say(passed ? 'Nothing grows past its limits.' : 'The flood did NOT pass.');
  process.stdout.write(`${JSON.stringify(result)}\n`);
  return passed;
}

/** @param {Record<string, import('./soak/trend.mjs').Series>} series */
function verdicts(series) {
  const round = (/** @type {number} */ value) => Math.round(value * 100) / 100;
  return Object.entries(series).map(([name, points]) => {
    const what = /** @type {string} */ (name.split(' ')[1]);
    const { from, to, growth, perMinute, allowed, grows } = judge(points, /** @type {any} */ (ALLOWED[what]));
    const most = Math.max(...points.map(({ value }) => value));
    const tooMuch = what === 'rssMiB' && most > RSS_MAX_MIB;
    const rounded = { from: round(from), to: round(to), most: round(most), growth: round(growth), perMinute: round(perMinute), allowed: round(allowed) };
    return { name, ...rounded, grows: grows || tooMuch };
  });
}

async function main() {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '10' },
      rate: { type: 'string', default: '20' },
      flood: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return void process.stdout.write(HELP);
  const minutes = Number(values.minutes);
  const rate = Number(values.rate);
  if (!(minutes >= 3) || !(rate > 0)) throw new Error(`--minutes must be 3 or more, --rate more than 0\n\n${HELP}`);
  if (!fs.existsSync('/proc/self/fd')) throw new Error('The soak reads /proc: it runs on Linux alone.');
  const work = { logs: '.tael/logs', signal: new AbortController().signal, say };
  await install(work);
  await build(work);
  if (values.flood) process.env.RUNNING_MAX ??= String(FLOOD_RUNNING_MAX);
  const stack = await startStack(process.env.TAEL_PORT ? Number(process.env.TAEL_PORT) : await findBase(portsFrom));
  const ended = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void stack.stop().then(() => process.exit(130)));
  try {
    if (values.flood) {
      process.exitCode = (await flood(stack, minutes)) ? 0 : 1;
      return;
    }
    const seconds = minutes * 60;
    say(`Soak: ${minutes} minutes, ${rate} payments a second`);
    const loaded = loadFor(stack.demo.gatewayUrl, { seconds, rate }).finally(() => ended.abort());
    const [{ times, faults }, series] = await Promise.all([loaded, watch(stack.settings, { seconds, ended: ended.signal })]);
    const judged = verdicts(series);
    const growing = judged.filter(({ grows }) => grows);
    const requests = { answered: times.length, failed: faults.length, p50_ms: rankOf(times, 0.5), p99_ms: rankOf(times, 0.99) };
    const passed = growing.length === 0 && faults.length === 0;
    writeResult('soak', { bench: 'soak', minutes, rate, passed, requests, series: judged });
    if (faults.length > 0) say(`${faults.length} requests failed, the first: ${faults[0].message}`);
    for (const { name, from, to, most, allowed } of growing) say(`GROWS: ${name} from ${from} to ${to}, at most ${most}; allowed are ${allowed} more`);
    say(passed ? 'Nothing grows, nothing failed.' : 'The soak did NOT pass.');
    process.stdout.write(`${JSON.stringify({ bench: 'soak', minutes, rate, passed, ...requests, growing: growing.map(({ name }) => name) })}\n`);
    process.exitCode = passed ? 0 : 1;
  } finally {
    ended.abort();
    await stack.stop();
  }
}

main().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
});
