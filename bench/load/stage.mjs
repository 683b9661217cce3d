import { execFileSync } from 'node:child_process';
import { workedOff } from './backlog.mjs';
import { startCashback } from './campaign.mjs';
import { load } from './client.mjs';
import { look, merchantIds, newPayers, pay, signerOf } from './people.mjs';
import { processTimes, spentBetween } from './processes.mjs';

/**
 * Of TPC-B's million accounts sixteen clients hardly ever meet at one. With 512 people nearly every batch of payments waited for a batch of cashback, a quarter of its
 * time: each of them paid twice a second.
 */
const PEOPLE = Number(process.env['BENCH_PEOPLE'] ?? 2_048);
const WARM_UP_CALLERS = 16;

export const anyOf = (list) => list[Math.floor(Math.random() * list.length)];

/**
 * People with money, merchants, a campaign that gives something back for every payment, and two ways to pay: what the loads have in common.
 * Anybody pays each time, like a row of the reference: nobody's payment waits for the cashback of the one before.
 * @param {Awaited<ReturnType<import('./stack.mjs').startStack>>} stack
 * @param {{ shops?: string[] }} [given] - merchants to be paid; without them those of the demo
 */
export async function setTheStage(stack, given = {}) {
  const { gatewayUrl, subgraphs, personas } = stack.demo;
  const payers = await newPayers(gatewayUrl, PEOPLE, (count) => process.stderr.write(`people with money: ${count} of ${PEOPLE}\n`));
  const shops = given.shops ?? (await merchantIds(gatewayUrl, payers[0]));
  await startCashback(gatewayUrl, personas.operator, shops);
  const sign = signerOf(stack.home);
  return {
    payers, shops,
    atSubgraph: (at = shops) => pay(subgraphs.accounts, anyOf(payers), { shops: at, headersOf: sign }),
    atGateway: (at = shops) => pay(gatewayUrl, anyOf(payers), { shops: at, headersOf: ({ headers }) => headers }),
  };
}

/** Has the stack's programs compiled and its caches filled before anything is measured. */
export async function warmUp(stack, { payers, atGateway }, seconds) {
  const { gatewayUrl } = stack.demo;
  await load((caller) => (caller % 4 ? look(gatewayUrl, payers[caller]) : atGateway()), { callers: WARM_UP_CALLERS, seconds });
  await workedOff(stack.settings.databaseUrls);
}

/**
 * Keeps callers busy with payments, and says what that cost each part of the stack.
 * @param {{ callers: number, seconds: number, root: number, call: () => Promise<unknown>, warmUpSeconds?: number }} how - `root`: the process that
 *   started the stack
 */
export async function closedLoop({ callers, seconds, root, call, warmUpSeconds }) {
  let before = new Map();
  let operations = 0;
  let total = 0;
  const counted = async () => {
    await call();
    operations += 1;
    total += 1;
  };
  const measured = await load(counted, {
    callers, seconds, warmUpSeconds, begun: () => {
      before = processTimes(root);
      operations = 0;
    },
  });
  return { ...measured, total, cpu: spentBetween(before, processTimes(root), operations) };
}

/** Proves the stack's books, and gives what the proof says; throws where they are not sound. */
export function proveBooks({ home }) {
  return execFileSync(process.execPath, ['../../scripts/ledger-verify.mjs'], {
    cwd: new URL('.', import.meta.url), env: { ...process.env, TAEL_HOME: home }, encoding: 'utf8',
  });
}
