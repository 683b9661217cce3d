// What a payment costs: at the subgraph and through the gateway, against pgbench's TPC-B on the same server in one run; and
// how soon its cashback and its message are there while the mix of a mobile money service is under way.
import { watchArrivals } from './load/arrivals.mjs';
import { openLoop, rankOf } from './load/client.mjs';
import { PER_PAYMENT } from './load/mix.mjs';
import { look, pay, renewSessions, send, topUp, withdraw } from './load/people.mjs';
import { processTimes, spentBetween } from './load/processes.mjs';
import { createReference } from './load/reference.mjs';
import { workedOff } from './load/backlog.mjs';
import { writeResult } from './load/result.mjs';
import { anyOf, closedLoop, proveBooks, setTheStage, warmUp } from './load/stage.mjs';
import { startStack } from './load/stack.mjs';

const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 15);
const SUBGRAPH_CALLERS = Number(process.env['BENCH_SUBGRAPH_CALLERS'] ?? 128);
const GATEWAY_CALLERS = Number(process.env['BENCH_GATEWAY_CALLERS'] ?? 32);
const PAYMENTS_PER_SECOND = Number(process.env['BENCH_RATE'] ?? 100);
/** A withdrawal is several transactions here, and the bank's beside it: of all kinds two cores can do fewer than of payments, which go in batches. */
const MIX_PER_SECOND = Number(process.env['BENCH_MIX_RATE'] ?? 50);
const WARM_UP_SECONDS = 8;
/** What runs at 128 callers is compiled for batches while they come: of three loads on one stack the first made a sixth less. pgbench has nothing to warm up. */
const SUBGRAPH_WARM_UP_SECONDS = 12;

const say = (text) => process.stderr.write(`${text}\n`);

/** Payments at a fixed rate, whatever is under way: how soon each is answered, and what comes of it is there. */
async function arrivalsOf(rate, { url, payers, shops, databaseUrls, others = [] }) {
  const arrivals = await watchArrivals(databaseUrls);
  const payment = async () => {
    const payer = anyOf(payers);
    const { payMerchant } = await pay(url, payer, { shops, headersOf: ({ headers }) => headers });
    arrivals.answered(payMerchant.transaction.id, payer.personId);
  };
  const runs = await Promise.all([
    openLoop(payment, { rate, seconds: SECONDS }),
    ...others.map(({ call, share }) => openLoop(call, { rate: rate * share, seconds: SECONDS })),
  ]);
  const { cashback, message } = await arrivals.end();
  const faults = runs.flatMap((run) => run.faults);
  if (faults.length > 0) say(`${faults.length} operations failed, the first: ${faults[0].message}`);
  return { payments: runs[0], cashback, message, faults: faults.length };
}

/** What goes with a payment in the mix of a mobile money service: top-ups, transfers and withdrawals. */
function othersOf(url, payers) {
  const transfer = () => {
    const [payer, other] = [anyOf(payers), anyOf(payers)];
    return payer === other ? look(url, payer) : send(url, payer, other);
  };
  return [
    { call: () => topUp(url, anyOf(payers)), share: PER_PAYMENT.topUp },
    { call: transfer, share: PER_PAYMENT.transfer },
    { call: () => withdraw(url, anyOf(payers)), share: PER_PAYMENT.withdrawal },
  ];
}

/** @param {Awaited<ReturnType<typeof arrivalsOf>>} run */
const arrivalFigures = ({ payments, cashback, message, faults }) => ({
  payment_p50_ms: rankOf(payments.times, 0.5), payment_p99_ms: rankOf(payments.times, 0.99), failed: faults,
  cashback_p50_ms: rankOf(cashback.times, 0.5), cashback_p99_ms: rankOf(cashback.times, 0.99),
  cashback_seen: cashback.times.length, cashback_missing: cashback.missing,
  message_p50_ms: rankOf(message.times, 0.5), message_p99_ms: rankOf(message.times, 0.99),
  message_seen: message.times.length, message_missing: message.missing,
});

async function measure(stack) {
  const { gatewayUrl, eventBus } = stack.demo;
  const { databaseUrls } = stack.settings;
  const reference = await createReference(stack.settings.adminDatabaseUrl);
  const stage = await setTheStage(stack);
  const { payers, shops, atSubgraph, atGateway } = stage;
  say(`warming up: ${WARM_UP_SECONDS} s`);
  await warmUp(stack, stage, WARM_UP_SECONDS);

  const before = await reference.measure();
  const steadily = { url: gatewayUrl, payers, shops, databaseUrls };
  say(`steady: ${PAYMENTS_PER_SECOND} payments a second, ${SECONDS} s`);
  const begun = processTimes(stack.pid);
  const steady = await arrivalsOf(PAYMENTS_PER_SECOND, steadily);
  await workedOff(databaseUrls);
  // To the last mail: nothing is left to be done for these payments.
  const wholeCost = spentBetween(begun, processTimes(stack.pid), steady.payments.times.length);
  const perPayment = 1 + PER_PAYMENT.topUp + PER_PAYMENT.transfer + PER_PAYMENT.withdrawal;
  say(`mix: ${MIX_PER_SECOND} operations a second of all kinds, ${SECONDS} s`);
  const mixed = await arrivalsOf(MIX_PER_SECOND / perPayment, { ...steadily, others: othersOf(gatewayUrl, payers) });
  await workedOff(databaseUrls);
  const sizeBefore = await reference.sizeOf('tael_accounts');
  say(`subgraph: ${SUBGRAPH_CALLERS} callers, ${SECONDS} s`);
  const subgraph = await closedLoop({
    callers: SUBGRAPH_CALLERS, seconds: SECONDS, warmUpSeconds: SUBGRAPH_WARM_UP_SECONDS, root: stack.pid, call: () => atSubgraph(),
  });
  // The next load is not to pay for what this one left to be done.
  const subgraphBacklog = await workedOff(databaseUrls);
  const bytes = (await reference.sizeOf('tael_accounts')) - sizeBefore;
  await renewSessions(gatewayUrl, payers);
  say(`gateway: ${GATEWAY_CALLERS} callers, ${SECONDS} s`);
  const gateway = await closedLoop({ callers: GATEWAY_CALLERS, seconds: SECONDS, root: stack.pid, call: () => atGateway() });
  const gatewayBacklog = await workedOff(databaseUrls);
  const after = await reference.measure();
  const referenceTps = (before + after) / 2;
  say(proveBooks(stack));
  await reference.close();
  return {
    bench: 'payments',
    reference_tps: Math.round(referenceTps),
    subgraph_ratio: Math.round((subgraph.rate / referenceTps) * 100) / 100,
    gateway_tps: gateway.rate,
    gateway_p99_ms: gateway.p99,
    gateway_cpu_us: gateway.cpu.gateway ?? null,
    cashback_p99_ms: rankOf(steady.cashback.times, 0.99),
    message_p99_ms: rankOf(steady.message.times, 0.99),
    books: 'balanced',
    reference_tps_before: Math.round(before),
    reference_tps_after: Math.round(after),
    subgraph_tps: subgraph.rate, subgraph_callers: SUBGRAPH_CALLERS, subgraph_p50_ms: subgraph.p50, subgraph_p99_ms: subgraph.p99,
    // With the cashback of each, and all indexes.
    subgraph_worked_off_s: subgraphBacklog, accounts_bytes_per_payment: Math.round(bytes / subgraph.total),
    gateway_callers: GATEWAY_CALLERS, gateway_p50_ms: gateway.p50, gateway_worked_off_s: gatewayBacklog,
    steady: { payments_per_second: PAYMENTS_PER_SECOND, ...arrivalFigures(steady) },
    mix: { operations_per_second: MIX_PER_SECOND, operations_per_payment: Math.round(perPayment * 100) / 100, ...arrivalFigures(mixed) },
    cpu_us_per_payment: { steady: wholeCost, subgraph: subgraph.cpu, gateway: gateway.cpu },
    event_bus: eventBus,
  };
}

const stack = await startStack();
try {
  process.stdout.write(`${JSON.stringify(writeResult('payments', await measure(stack)))}\n`);
} catch (error) {
  say(error instanceof Error ? error.stack : String(error));
  process.exitCode = 1;
} finally {
  await stack.stop();
}
