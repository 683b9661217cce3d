// Where the time of a service goes while people pay: npm run bench:profile [-- --of accounts --under subgraph]
// The stack and the loads of bench:payments; V8's sampling profiler looks at one process of the service meanwhile.
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { cpuProfileOf } from '../scripts/inspector/cpu-profile.mjs';
import { timeOf, timeTable } from '../scripts/inspector/time-groups.mjs';
import { load, openLoop } from './load/client.mjs';
import { workedOff } from './load/backlog.mjs';
import { closedLoop, proveBooks, setTheStage, warmUp } from './load/stage.mjs';
import { startStack } from './load/stack.mjs';
import { writeResult } from './load/result.mjs';

/** Of each service, the load that it is looked at under unless told: those behind the payer get what comes of a steady stream. */
const SERVICES = { accounts: 'subgraph', gateway: 'gateway', merchants: 'steady', rewards: 'steady', notifications: 'steady' };
const CALLERS = {
  subgraph: Number(process.env['BENCH_SUBGRAPH_CALLERS'] ?? 128),
  gateway: Number(process.env['BENCH_GATEWAY_CALLERS'] ?? 32),
};
const LOADS = [...Object.keys(CALLERS), 'steady'];
const RATE = Number(process.env['BENCH_RATE'] ?? 100);
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 15);
const WARM_UP_SECONDS = 8;

const { values } = parseArgs({ options: { of: { type: 'string', default: 'accounts' }, under: { type: 'string' } } });
const service = values.of;
const under = values.under ?? SERVICES[service];
const say = (text) => process.stderr.write(`${text}\n`);

/** @returns {{ prepare: () => Promise<unknown>, run: () => Promise<{ payments: number }> }} a load, and what comes before it is looked at */
function loadOf(stack, { atSubgraph, atGateway }) {
  if (under === 'steady') {
    const run = async (seconds) => {
      const { times, faults } = await openLoop(() => atGateway(), { rate: RATE, seconds });
      if (faults.length > 0) throw faults[0];
      // To the last message: what comes of the payments is what these services are for.
      await workedOff(stack.settings.databaseUrls);
      return { payments: times.length };
    };
    return { prepare: () => run(3), run: () => run(SECONDS) };
  }
  const call = () => (under === 'subgraph' ? atSubgraph() : atGateway());
  const callers = CALLERS[under];
  return {
    prepare: () => load(call, { callers, seconds: 0 }),
    run: async () => {
      const { operations } = await closedLoop({ callers, seconds: SECONDS, root: stack.pid, call, warmUpSeconds: 0 });
      return { payments: operations };
    },
  };
}

async function measure(stack) {
  const stage = await setTheStage(stack);
  say(`warming up: ${WARM_UP_SECONDS} s`);
  await warmUp(stack, stage, WARM_UP_SECONDS);
  const { prepare, run } = loadOf(stack, stage);
  await prepare();
  say(`profile of ${service} under ${under}: ${SECONDS} s`);
  const { profile, result } = await cpuProfileOf(stack.settings.pids[service], run);
  await workedOff(stack.settings.databaseUrls);
  say(proveBooks(stack));
  const folder = new URL('profiles/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  const file = new URL(`${service}-${under}.cpuprofile`, folder);
  writeFileSync(file, JSON.stringify(profile));
  const time = timeOf(profile);
  say(`${service} under ${under}, ${result.payments} payments, ${timeTable(time)}\n\n${fileURLToPath(file)}\n`);
  const us = (ms) => Math.round((ms * 1_000) / Math.max(1, result.payments));
  return {
    bench: 'profile', service, under, payments: result.payments, busy_ms: time.busyMs, whole_ms: time.wholeMs,
    busy_us_per_payment: us(time.busyMs),
    groups: Object.fromEntries(time.groups.map(({ group, ms, share }) => [group, { share, us_per_payment: us(ms) }])),
    functions: time.functions.slice(0, 25).map(({ name, group, share }) => ({ name, group, share })),
    books: 'balanced', event_bus: stack.demo.eventBus,
  };
}

if (!(service in SERVICES) || !LOADS.includes(under)) {
  say(`--of takes one of ${Object.keys(SERVICES).join(', ')}; --under one of ${LOADS.join(', ')}`);
  process.exit(2);
}
const stack = await startStack();
try {
  process.stdout.write(`${JSON.stringify(writeResult(`profile-${service}`, await measure(stack)))}\n`);
} catch (error) {
  say(error instanceof Error ? error.stack : String(error));
  process.exitCode = 1;
} finally {
  await stack.stop();
}
