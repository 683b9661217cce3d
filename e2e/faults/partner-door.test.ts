import { eventually } from '@tael/testkit';
import { decodeJwt } from 'jose';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type * as PartnerBanks from '../security/partner-bank';
import type * as Worlds from '../world';
import { ROOT } from './engine';
import { lasting } from './engine/processes';
import { readStackFile } from './engine/stack.files';
import { StackProcess } from './engine/stack.process';
import { onKafka } from './settings';

// The door of partner banks over two gateways: a bank has its rate once, and what is revoked is refused at both, though no event goes through.

const home = join(ROOT, '.tael', 'test', 'partner-door');
const RATE = { perSecond: 5, burst: 200 };
/** Reports come five times a second; on two busy cores one may take a while. */
const HEARD_MS = 1_500;
const LOOK_MS = 15_000;
/** Gateways ask merchants every other second. */
const REVOKED_MS = 10_000;
/** So many ask at once where a burst is to be used up: one after the other they may be slower than it flows in again. */
const AT_ONCE = 20;
/** A gateway gives accounts so long to answer its report: who waited for that would wait so long. */
const REPORT_MS = 3_000;

let running: StackProcess;
let world: typeof Worlds;
let banks: typeof PartnerBanks;
// They read what the running stack says of itself as they are loaded.
const load = (name: string): Promise<unknown> => import(join(__dirname, '..', name));
beforeAll(async () => {
  running = await StackProcess.start({ home, instances: 2 });
  process.env['TAEL_E2E_HOME'] = home;
  [world, banks] = (await Promise.all([load('world'), load('security/partner-bank')])) as [typeof Worlds, typeof PartnerBanks];
});
afterAll(() => running?.stop(), 120_000);

/** A bank as one of the gateways sees it: its nonces are that gateway's own. */
class AtGateway {
  private nonce: string | undefined;
  units = 0;
  refusals = 0;

  constructor(private readonly port: number, private readonly bank: PartnerBanks.Bank) {}

  /** Asks once, and counts what it cost or that it was refused for the rate. */
  async ask(): Promise<'served' | 'refused'> {
    const response = await this.send();
    const body = (await response.json()) as { data?: unknown; errors?: { extensions: { code: string } }[] };
    if (response.status === 401 && !this.nonce) throw new Error('no nonce was given');
    if (response.status === 401) return this.ask();
    if (response.status === 429) {
      expect(body.errors![0]!.extensions.code).toBe('RATE_LIMITED');
      this.refusals += 1;
      return 'refused';
    }
    expect(body).toMatchObject({ data: { partner: { id: this.bank.partnerId } } });
    this.units += Number(response.headers.get('x-tael-cost'));
    return 'served';
  }

  /** Asks until somebody is refused; gives the milliseconds of the slowest answer. */
  async useUp(): Promise<number> {
    let slowestMs = 0;
    const timed = async (): Promise<void> => {
      const from = performance.now();
      await this.ask();
      slowestMs = Math.max(slowestMs, performance.now() - from);
    };
    // The first brings the nonce.
    for (await timed(); this.refusals === 0;) await Promise.all(Array.from({ length: AT_ONCE }, timed));
    return slowestMs;
  }

  private async send(): Promise<Response> {
    const { client } = this.bank;
    const token = await client.token();
    const response = await fetch(`http://127.0.0.1:${this.port}/partner/graphql`, {
      method: 'POST', body: JSON.stringify({ query: '{ partner { id } }' }),
      headers: { 'content-type': 'application/json', authorization: `DPoP ${token}`, dpop: await client.proof(token, banks.DOOR, this.nonce) },
    });
    this.nonce = response.headers.get('dpop-nonce') ?? this.nonce;
    return response;
  }
}

const gatewaysOf = (bank: PartnerBanks.Bank) => readStackFile(home).instances['gateway']!.map(({ port }) => new AtGateway(port, bank)) as [AtGateway, AtGateway];

async function setRate({ partnerId }: PartnerBanks.Bank): Promise<void> {
  const staff = await world.operator();
  await world.must(staff.client, 'mutation ($input: SetPartnerRateInput!) { setPartnerRate(input: $input) { userErrors { code } } }',
    { input: { partnerId, ...RATE, reason: 'Two doors' } });
}

it('gets its burst at one gateway, hardly anything more at the next, and over time its rate at both together', async () => {
  const bank = await banks.newBank(`Two Doors ${randomUUID().slice(0, 8)}`, ['partner:read']);
  await setRate(bank);
  const [one, other] = gatewaysOf(bank);
  // The rate of before let through everything; the new one is known where somebody is refused.
  await eventually(async () => expect(await one.ask()).toBe('refused'), { timeoutMs: 60_000 });
  await lasting(HEARD_MS);
  // The other has heard nothing of it, and finds out with the first request that it tells of.
  const begun = performance.now();
  while ((await other.ask()) === 'served') await lasting(50);
  process.stderr.write(`partner rates: the second gateway let ${other.units} of ${RATE.burst} units through in ${Math.round(performance.now() - begun)} ms\n`);
  expect(other.units).toBeLessThan(RATE.burst / 2);

  // What the second let through beyond the burst is owed, and flows in first.
  await eventually(async () => expect(await other.ask()).toBe('served'), { timeoutMs: 60_000 });
  const before = [one.units, other.units];
  const from = performance.now();
  for (; performance.now() - from < LOOK_MS; await lasting(100)) await Promise.all([one.ask(), other.ask()]);
  const seconds = (performance.now() - from) / 1_000;
  const given = one.units + other.units - before[0]! - before[1]!;
  process.stderr.write(`partner rates: ${given} units in ${seconds.toFixed(1)} s at both, ${RATE.perSecond} a second are allowed\n`);
  // With a rate at each gateway it would be twice as much.
  expect(given / seconds).toBeLessThan(1.3 * RATE.perSecond);
  expect(given / seconds).toBeGreaterThan(0.4 * RATE.perSecond);
});

it('is counted at each gateway by itself while accounts is away, and nobody waits for it', async () => {
  const bank = await banks.newBank(`Alone ${randomUUID().slice(0, 8)}`, ['partner:read']);
  await setRate(bank);
  const changedAt = Date.now();
  await eventually(async () => {
    bank.client.forgetToken();
    const { rate, iat } = decodeJwt(await bank.client.token());
    expect(rate).toEqual(RATE);
    // A token has whole seconds: one of the second in which the bank got its first rate does not outdo that where a gateway was told of it.
    expect(iat! * 1_000).toBeGreaterThan(changedAt);
  }, { timeoutMs: 60_000 });
  const gateways = gatewaysOf(bank);
  const { instances, pids } = readStackFile(home);
  const accounts = instances['accounts']!.map(({ part }) => pids[part]!);
  expect(accounts).toEqual([expect.any(Number), expect.any(Number)]);
  for (const pid of accounts) process.kill(pid, 'SIGSTOP');
  try {
    for (const gateway of gateways) {
      expect(await gateway.useUp()).toBeLessThan(REPORT_MS);
      expect(gateway.units).toBeGreaterThan(0.9 * RATE.burst);
    }
  } finally {
    for (const pid of accounts) process.kill(pid, 'SIGCONT');
  }
});

const REVOKE = 'mutation ($input: RevokePartnerKeyInput!) { revokePartnerKey(input: $input) { userErrors { code } } }';
const SUSPEND = 'mutation ($input: SuspendPartnerInput!) { suspendPartner(input: $input) { userErrors { code } } }';
const RESUME = 'mutation ($input: ResumePartnerInput!) { resumePartner(input: $input) { userErrors { code } } }';

onKafka('refuses what was revoked while no event goes through: tokens of before, and those that accounts goes on giving since it has not heard', async () => {
  const [bank, suspended] = [await banks.newBank(`Lost Key ${randomUUID().slice(0, 8)}`, ['partner:read']), await banks.newBank(`Shut ${randomUUID().slice(0, 8)}`, ['partner:read'])];
  const staff = await world.operator();
  const operate = (mutation: string, input: object) => world.must(staff.client, mutation, { input: { ...input, reason: 'No event goes through' } });
  const ask = async ({ client }: PartnerBanks.Bank) => (await client.ask('{ partner { id } }')).status;
  const refused = (one: PartnerBanks.Bank) => eventually(async () => {
    expect(await ask(one)).toBe(401);
    one.client.forgetToken();
    await one.client.token();
    expect(await ask(one)).toBe(401);
  }, { timeoutMs: REVOKED_MS });
  for (const one of [bank, suspended]) expect(await ask(one)).toBe(200);
  const broker = readStackFile(home).pids['kafka']!;
  process.kill(broker, 'SIGSTOP');
  try {
    await operate(REVOKE, { partnerId: bank.partnerId, clientId: bank.clientId, kid: bank.key.kid });
    await operate(SUSPEND, { partnerId: suspended.partnerId });
    for (const one of [bank, suspended]) await refused(one);
    // Who is let in again is, with the next token: accounts has heard of neither.
    await operate(RESUME, { partnerId: suspended.partnerId });
    await eventually(async () => expect(await ask(suspended)).toBe(200), { timeoutMs: REVOKED_MS });
  } finally {
    process.kill(broker, 'SIGCONT');
  }
  await eventually(async () => {
    bank.client.forgetToken();
    await expect(bank.client.token()).rejects.toThrow(/401/);
  }, { timeoutMs: 60_000 });
});
