import { makeClockMovable } from '@tael/platform/clock';
import { createLogger } from '@tael/platform/log';
import { testDatabase, type TestDatabase } from '@tael/testkit';
import pg from 'pg';
import { BANK_IBANS, type Sandbox, startSandbox } from '../src';
import { call, callBank, clientKeys, SECRET, startWorld } from './world';

const DAYS_3 = 3 * 86_400;

describe('a sandbox whose clock can be moved', () => {
  let own: TestDatabase;
  let other: TestDatabase;
  let sandbox: Sandbox;

  beforeEach(async () => {
    [own, other] = await Promise.all([testDatabase({ name: 'sandbox_clock' }), testDatabase({ name: 'service_clock' })]);
    await makeClockMovable(other.url);
    sandbox = await startSandbox({
      databaseUrl: own.url, cardProcessorSecret: SECRET, bank: { clientKeys }, log: createLogger({ service: 'sandbox', level: 'silent' }),
      clock: { databaseUrls: [other.url], seenByAllMs: 0 },
    });
  });
  afterEach(async () => {
    await sandbox.stop();
    await Promise.all([own.drop(), other.drop()]);
  });

  const statement = async (): Promise<{ kind: string; amount: string }[]> =>
    (await callBank(`${sandbox.url}/bank/statement?after=0&limit=10`)).body['lines'] as { kind: string; amount: string }[];

  it('returns money after three days, when three days have passed', async () => {
    const mandate = await callBank(`${sandbox.url}/bank/mandates`, { json: { iban: BANK_IBANS['returned-later'], holderName: 'Ada' } });
    const json = { kind: 'CREDIT', mandateId: mandate.body['mandateId'], amount: '500', currency: 'EUR' };
    const order = await callBank(`${sandbox.url}/bank/orders`, { json, headers: { 'idempotency-key': 'k1' } });
    expect(order.body).toMatchObject({ status: 'SETTLED' });
    await call(`${sandbox.url}/clock`, { json: { advanceSeconds: DAYS_3 - 3_600 } });
    expect(await statement()).toMatchObject([{ kind: 'BOOKED', amount: '-500' }]);
    await call(`${sandbox.url}/clock`, { json: { advanceSeconds: 3_600 } });
    expect(await statement()).toMatchObject([{ kind: 'BOOKED', amount: '-500' }, { kind: 'RETURNED', amount: '500' }]);
  });

  it('moves the clocks of the services to the same time, and shows it', async () => {
    await call(`${sandbox.url}/clock`, { json: { advanceSeconds: 90_000 } });
    const moved = await call(`${sandbox.url}/clock`, { json: { advanceSeconds: 60 } });
    expect(moved).toMatchObject({ status: 200, body: { aheadSeconds: 90_060 } });
    expect(Math.round((Date.parse(moved.body['now'] as string) - Date.now()) / 10_000)).toBe(9_006);
    const client = new pg.Client({ connectionString: other.url });
    await client.connect();
    const { rows } = await client.query<{ ahead: number }>('SELECT round(extract(epoch FROM now() - pg_catalog.now()))::integer AS ahead');
    await client.end();
    expect(rows).toEqual([{ ahead: 90_060 }]);
    expect(await (await fetch(sandbox.url)).text()).toContain('1 d 1 h 1 min ahead of the world outside');
  });

  test.each([{}, { advanceSeconds: 0 }, { advanceSeconds: -60 }, { advanceSeconds: 1.5 }, { advanceSeconds: 400 * 86_400 + 1 }])('refuses %j, and moves nothing', async (json) => {
    expect((await call(`${sandbox.url}/clock`, { json })).status).toBe(400);
    expect((await call(`${sandbox.url}/clock`)).body).toMatchObject({ aheadSeconds: 0 });
  });
});

it('says how to get one where the clock cannot be moved', async () => {
  const world = await startWorld('fixed_clock');
  for (const options of [{}, { json: { advanceSeconds: 60 } }]) {
    expect(await call(`${world.sandbox.url}/clock`, options)).toMatchObject({ status: 409, body: { error: expect.stringContaining('TAEL_SANDBOX=true') } });
  }
  expect(await (await fetch(world.sandbox.url)).text()).not.toContain('class="clock"');
  await world.end();
});
