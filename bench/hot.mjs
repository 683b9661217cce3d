// What one busy merchant costs (row A4): payments at the subgraph, to many merchants and all to one, in turns within one stack.
import { newMerchants } from './load/merchants.mjs';
import { createReference } from './load/reference.mjs';
import { writeResult } from './load/result.mjs';
import { closedLoop, proveBooks, setTheStage, warmUp } from './load/stage.mjs';
import { startStack } from './load/stack.mjs';

const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 6);
const CALLERS = Number(process.env['BENCH_SUBGRAPH_CALLERS'] ?? 128);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 6);
const MERCHANTS = 100;
const WARM_UP_SECONDS = 8;
/** Below this share of the uniform rate, payments wait for the merchant that they have in common. */
const BAR = 0.9;
/** What works off events of payments: it lags behind in both loads, and would take from the second what the first left to do. */
const BEHIND = ['merchants', 'rewards', 'notifications'];

const say = (text) => process.stderr.write(`${text}\n`);
const hundredths = (value) => Math.round(value * 100) / 100;

function median(list) {
  const sorted = [...list].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.ceil((sorted.length - 1) / 2)]];
  return (low + high) / 2;
}

function signalBehind(stack, signal) {
  for (const name of BEHIND) process.kill(stack.settings.pids[name], signal);
}

/** One load of each kind a round, and who is first changes: what grows or warms up meanwhile is shared by both. */
async function inTurns(stack, { atSubgraph, shops }) {
  const loads = { uniform: shops, hot: [shops[0]] };
  const runs = { uniform: [], hot: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of round % 2 ? ['hot', 'uniform'] : ['uniform', 'hot']) {
      const call = () => atSubgraph(loads[name]);
      const run = await closedLoop({ callers: CALLERS, seconds: SECONDS, root: stack.pid, call, warmUpSeconds: 2 });
      say(`round ${round + 1}, ${name}: ${run.rate}/s, p99 ${run.p99} ms`);
      runs[name].push(run);
    }
  }
  return runs;
}

const figuresOf = (runs) => ({
  tps: Math.round(median(runs.map(({ rate }) => rate))), p50_ms: Math.round(median(runs.map(({ p50 }) => p50))), p99_ms: Math.round(median(runs.map(({ p99 }) => p99))),
  accounts_us: Math.round(median(runs.map(({ cpu }) => cpu.accounts ?? 0))),
  postgres_us: Math.round(median(runs.map(({ cpu }) => cpu['postgres of accounts'] ?? 0))),
});

async function measure(stack) {
  const { gatewayUrl, personas, eventBus } = stack.demo;
  const reference = await createReference(stack.settings.adminDatabaseUrl);
  const shops = await newMerchants(gatewayUrl, personas.operator, MERCHANTS);
  const stage = await setTheStage(stack, { shops });
  say(`warming up: ${WARM_UP_SECONDS} s`);
  await warmUp(stack, stage, WARM_UP_SECONDS);
  signalBehind(stack, 'SIGSTOP');
  try {
    const before = await reference.measure();
    const { uniform, hot } = await inTurns(stack, stage);
    const after = await reference.measure();
    // Of books that payments are still folded into: they are proved at any moment.
    say(proveBooks(stack));
    const referenceTps = (before + after) / 2;
    const ratios = hot.map(({ rate }, index) => rate / uniform[index].rate);
    const [many, one] = [figuresOf(uniform), figuresOf(hot)];
    return {
      bench: 'hot', hot_to_uniform: hundredths(median(ratios)), bar: BAR, hot_to_uniform_by_round: ratios.map(hundredths),
      merchants: MERCHANTS, callers: CALLERS, seconds: SECONDS, uniform: many, hot: one,
      reference_tps: Math.round(referenceTps), uniform_ratio: hundredths(many.tps / referenceTps), hot_ratio: hundredths(one.tps / referenceTps),
      stopped_meanwhile: BEHIND, books: 'balanced', event_bus: eventBus,
    };
  } finally {
    signalBehind(stack, 'SIGCONT');
    await reference.close();
  }
}

const stack = await startStack();
try {
  const result = writeResult('hot', await measure(stack));
  process.stdout.write(`${JSON.stringify(result)}\n`);
  if (result.hot_to_uniform < BAR) {
    say(`all to one merchant makes ${result.hot_to_uniform} of the rate of many; ${BAR} is the bar`);
    process.exitCode = 1;
  }
} catch (error) {
  say(error instanceof Error ? error.stack : String(error));
  process.exitCode = 1;
} finally {
  await stack.stop();
}
