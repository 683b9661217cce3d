import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { eventually } from '@tael/testkit';
import type * as Banks from '../banks';
import type * as Worlds from '../world';
import { ROOT } from './engine';
import { readStackFile } from './engine/stack.files';
import { StackProcess } from './engine/stack.process';
import { bookBreaches } from './engine/verdict';

// A stack to try things out, whose time somebody moves: no fault, but like these it needs a stack of its own.

const home = join(ROOT, '.tael', 'test', 'sandbox-clock');
const RETURNED_AFTER_THREE_DAYS = 'DE29370400440532013013';
const DISPUTED_AFTER_THREE_DAYS = '4000000000000085';
const TOP_UP = `mutation ($input: TopUpInput!) { topUp(input: $input) { transaction { id status } userErrors { code message } } }`;
const WITHDRAW = `mutation ($input: WithdrawInput!) { withdraw(input: $input) { transaction { id status } userErrors { code message } } }`;
const STATUS = 'query ($id: ID!) { transaction(id: $id) { status failureReason } }';

let running: StackProcess;
let world: typeof Worlds;
let banks: typeof Banks;
// They read what the running stack says of itself as they are loaded.
const load = (name: string): Promise<unknown> => import(join(__dirname, '..', name));
beforeAll(async () => {
  running = await StackProcess.start({ home, instances: 1, env: { TAEL_SANDBOX: 'true' } });
  process.env['TAEL_E2E_HOME'] = home;
  [world, banks] = (await Promise.all([load('world'), load('banks')])) as [typeof Worlds, typeof Banks];
});
afterAll(() => running?.stop(), 120_000);

async function clock(advanceSeconds?: number): Promise<{ now: string; aheadSeconds: number }> {
  const response = await fetch(`http://127.0.0.1:${readStackFile(home).ports['sandbox']}/clock`, advanceSeconds === undefined ? {} : {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ advanceSeconds }),
  });
  return (await response.json()) as { now: string; aheadSeconds: number };
}

it('moves on by three days: the bank gives back, a card takes back what was spent, which is owed, people and banks go on with new tokens, and the books are sound', async () => {
  const person = await world.newPerson();
  await world.fund(person, '500.00');
  const accountId = await world.addBankAccount(person, RETURNED_AFTER_THREE_DAYS);
  const tael = await banks.newBank('Clock Bank', ['partner:read']);
  const input = { walletId: person.walletId, paymentMethodId: accountId, amount: { amount: '100.00', currency: 'USD' }, idempotencyKey: randomUUID() };
  const { withdraw } = await world.must<any>(person.client, WITHDRAW, { input });
  await eventually(async () => expect((await world.must<any>(person.client, STATUS, { id: withdraw.transaction.id })).transaction.status).toBe('SETTLED'), { timeoutMs: 20_000 });
  const left = await world.balanceOf(person);
  // Somebody who tops up from a card, and has sent the money on when its holder disputes the charge.
  const spender = await world.newPerson();
  const charged = await world.must<any>(spender.client, TOP_UP, { input: {
    walletId: spender.walletId, paymentMethodId: await world.addCard(spender, DISPUTED_AFTER_THREE_DAYS), amount: { amount: '25.00', currency: 'USD' }, idempotencyKey: randomUUID(),
  } });
  expect(charged.topUp.transaction.status).toBe('SETTLED');
  const send = (from: Worlds.Person, amount: string) => world.must<any>(from.client,
    'mutation ($input: SendMoneyInput!) { sendMoney(input: $input) { userErrors { code } } }',
    { input: { walletId: from.walletId, recipientEmail: person.email, amount: { amount, currency: 'USD' }, idempotencyKey: randomUUID() } });
  expect((await send(spender, '20.00')).sendMoney.userErrors).toEqual([]);

  const moved = await clock(3 * 86_400);
  expect(moved).toMatchObject({ aheadSeconds: 259_200 });
  // Three days later the access token of before has long ended: that is the platform's own time.
  const stale = await person.client.request('{ viewer { id } }');
  expect(stale.errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
  const back = await world.signIn(person);
  await eventually(async () => {
    expect((await world.must<any>(back.client, STATUS, { id: withdraw.transaction.id })).transaction).toEqual({ status: 'FAILED', failureReason: 'RETURNED' });
  }, { timeoutMs: 30_000, describe: 'the money comes back' });
  expect(Number(await world.balanceOf(back)) - Number(left)).toBeCloseTo(120.5, 2);
  const owing = await world.signIn(spender);
  await eventually(async () => {
    expect((await world.must<any>(owing.client, STATUS, { id: charged.topUp.transaction.id })).transaction).toEqual({ status: 'FAILED', failureReason: 'RETURNED' });
  }, { timeoutMs: 30_000, describe: 'the charge is disputed' });
  expect(await world.balanceOf(owing)).toBe('0.00');
  // What comes in settles the debt first: nothing of it is left.
  await world.fund(owing, '20.00');
  await eventually(async () => expect(await world.balanceOf(owing)).toBe('0.00'), { timeoutMs: 30_000, describe: 'the debt is collected' });
  await world.fund(back, '10.00');
  const { viewer } = await world.must<any>(back.client, '{ viewer { transactions(first: 1) { edges { node { kind createdAt } } } } }');
  expect(viewer.transactions.edges[0].node.kind).toBe('TOP_UP');
  expect(Math.abs(Date.parse(viewer.transactions.edges[0].node.createdAt) - Date.now() - 3 * 86_400_000)).toBeLessThan(60_000);
  // A bank proves itself by the time of its own machine, which nobody moved, and gets a token of the moved one.
  await eventually(async () => expect((await tael.tael.query('{ partner { name } }')).data.partner.name).toBe('Clock Bank'), { timeoutMs: 15_000 });
  expect(await bookBreaches(readStackFile(home))).toEqual([]);
  expect((await clock()).aheadSeconds).toBe(259_200);
});
