import { createHmac, randomBytes } from 'node:crypto';
import type { SealRing } from '@tael/platform/env';
import { createLogger } from '@tael/platform/log';
import { metricsText } from '@tael/platform/metrics';
import { type ResealTask, resealReport, resealStep } from '@tael/platform/reseal';
import { blindKey, createSealer } from '@tael/platform/seal';
import { v7 as uuidv7 } from 'uuid';
import { accountsDataSource } from '../src/data-source';
import { fingerprintTasks, sealTasks } from '../src/key-turns/key-turn.tasks';
import { createServices } from '../src/services';
import { type NewPerson, type PeopleWorld, startPeopleWorld } from './people-world';
import { secondFactorOf } from './support/second-factor';

// Keys turn in steps, and instances one step apart work side by side. Each `instance` is one with its own rings.

const [k1, k2, f1, f2] = ['k1', 'k2', 'f1', 'f2'].map((id) => ({ id, key: randomBytes(32) })) as [
  { id: string; key: Buffer }, { id: string; key: Buffer }, { id: string; key: Buffer }, { id: string; key: Buffer },
];
const STAGES = {
  begun: { SEAL_KEYS: [k1] as SealRing, CARD_FINGERPRINT_KEYS: [f1] as SealRing },
  added: { SEAL_KEYS: [k1, k2] as SealRing, CARD_FINGERPRINT_KEYS: [f1, f2] as SealRing },
  used: { SEAL_KEYS: [k2, k1] as SealRing, CARD_FINGERPRINT_KEYS: [f2, f1] as SealRing },
  retired: { SEAL_KEYS: [k2, { id: 'k1', key: null }] as SealRing, CARD_FINGERPRINT_KEYS: [f2] as SealRing },
};
type Stage = keyof typeof STAGES;

let world: PeopleWorld;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_key_turns', STAGES.begun);
});
afterAll(() => world.end());

const log = createLogger({ service: 'test', level: 'silent' });
const origin = { address: '192.0.2.9', traceparent: '' };
const CARD = { number: '4242424242424242', expiryMonth: 12, expiryYear: 2039, securityCode: '123', holderName: 'Ada' };
const instance = (stage: Stage) =>
  createServices({ dataSource: world.dataSource, log, settings: { ...world.settings, ...STAGES[stage] }, now: world.now });
const tasksOf = (stage: Stage): ResealTask[] => [...sealTasks(STAGES[stage]), ...fingerprintTasks(STAGES[stage])];
const resealAll = async (tasks: readonly ResealTask[]): Promise<void> => {
  for (const task of tasks) while ((await resealStep(world.dataSource, task, 50)) > 0);
};
const leftOf = async (stage: Stage) => ({
  ...(await resealReport(world.dataSource, sealTasks(STAGES[stage]))),
  ...(await resealReport(world.dataSource, fingerprintTasks(STAGES[stage]))),
});
const signUp = (stage: Stage, email: string) =>
  instance(stage).people.signUp(
    { email, password: 'correct horse battery', displayName: 'Ada Lovelace', currency: 'USD' } as never,
    origin,
  );
const caller = ({ id: personId }: Pick<NewPerson, 'id'>) => ({ personId, traceparent: '' });
const codes = (done: { ok: boolean; refusals?: readonly { code: string }[] }) => (done.ok ? 'OK' : done.refusals![0]!.code);
const someone = () => `${uuidv7()}@example.com`;

/** Everything sealed that a person can have, made by an instance that knows the first key alone. */
async function full() {
  const factor = secondFactorOf(world);
  const person = await factor.enrolled();
  await world.rows(`UPDATE session SET network = $2 WHERE "personId" = $1`, [person.id, createSealer([k1]).seal('192.0.2.0/24', person.id)]);
  const card = await instance('begun').paymentMethods.addCard(caller(person), CARD);
  const txId = uuidv7();
  await world.rows(
    `INSERT INTO ledger_tx (id, kind, currency, amount, fee, "feeWaived", "personId", "walletId", description, "recordedAt")
     VALUES ($1, 'WITHDRAWAL', 'USD', 1, 0, 0, $2, $3, $4, now())`,
    [txId, person.id, person.walletId, createSealer([k1]).seal('for the piano', txId)],
  );
  if (!card.ok) throw new Error('the card was refused');
  return { ...person, paymentMethodId: card.paymentMethod.id, txId };
}

describe('A25: when the seal keys turn', () => {
  it('everything comes under the new key, and is readable when the old one is gone', async () => {
    const person = await full();
    const before = await leftOf('used');
    for (const column of [
      'person.email', 'person.displayName', 'person.emailIndex', 'session.network', 'device.key', 'totp_factor.secret', 'recovery_code.codeKey',
      'payment_method.token', 'payment_method.fingerprintKey', 'ledger_tx.description',
    ])
      expect({ column, rows: Object.values(before[column] ?? {})[0] }).toEqual({ column, rows: expect.any(Number) });

    await resealAll(tasksOf('used'));
    expect(await leftOf('used')).toEqual({});
    expect(await resealReport(world.dataSource, sealTasks(STAGES.retired), 'k2')).toHaveProperty(['outbox.value', 'k1']);

    const after = instance('retired');
    expect((await after.people.byIds([person.id]))[0]).toMatchObject({ email: person.email, displayName: 'Ada Lovelace' });
    expect((await after.activeSessions.page(person.id, { limit: 9, after: undefined })).map((session) => session.network)).toContain('192.0.2.0/24');
    const [tx] = await world.rows('SELECT description FROM ledger_tx WHERE id = $1', [person.txId]);
    expect(after.sealer.open(tx!['description'] as string, person.txId)).toBe('for the piano');
    const [method] = await world.rows('SELECT token FROM payment_method WHERE id = $1', [person.paymentMethodId]);
    expect(after.sealer.open(method!['token'] as string, person.paymentMethodId)).toMatch(/\w/);
    // The password finds them by address; the second step by their secret or a code on paper.
    const asked = await after.signIns.signIn({ email: person.email, password: person.password }, origin);
    if (!asked.ok || !('challenge' in asked)) throw new Error(`no challenge: ${codes(asked)}`);
    const command = { challengeToken: asked.challenge.token, code: person.recoveryCodes[0]! };
    expect(codes(await after.signIns.complete(command, origin))).toBe('OK');
    expect(codes(await after.signIns.complete(command, origin))).not.toBe('OK');
    const again = await after.paymentMethods.addCard(caller(person), CARD);
    expect(again).toMatchObject({ ok: true, paymentMethod: { id: person.paymentMethodId } });
    // All of it is under the new key indeed: who has the old one alone reads nothing.
    await expect(instance('begun').people.byIds([person.id])).rejects.toThrow('names no key');
  });

  it('counts what each key seals by its own ring, what is sealed anew too: it wears the new key', async () => {
    await full();
    const told = async () => [...(await metricsText()).matchAll(/^tael_seals_total\{ring="(\w+)",key="(\w+)"\} (\d+)$/gm)].map(([, ring, key, count]) => ({ ring, key, count: Number(count) }));
    const under = (all: Awaited<ReturnType<typeof told>>, name: string) => all.find(({ ring, key }) => `${ring}.${key}` === name)?.count ?? 0;
    const before = await told();
    await resealAll(tasksOf('used'));
    const after = await told();
    expect([...new Set(after.map(({ ring, key }) => `${ring}.${key![0]}`))].sort()).toEqual(['fingerprint.f', 'seal.k']);
    // A card's key, and at least address, name, network, device, factor, code, token, text.
    expect(under(after, 'fingerprint.f2') - under(before, 'fingerprint.f2')).toBe(1);
    expect(under(after, 'seal.k2') - under(before, 'seal.k2')).toBeGreaterThanOrEqual(8);
  });

  it('tells the contact of each person again, so that a reader of the topic can do without the old key', async () => {
    const person = await world.signUp();
    await resealAll(tasksOf('used'));
    const told = (await world.events('person.contact-resealed')).filter((event) => event['personId'] === person.id);
    expect(told).toHaveLength(1);
    const contact = createSealer(STAGES.retired.SEAL_KEYS).open(told[0]!['contact'] as string, person.id);
    expect(JSON.parse(contact)).toEqual({ displayName: 'Ada Lovelace', email: person.email });
  });

  it('goes on where a session was killed in the middle: what it had not committed is done again', async () => {
    await Promise.all(Array.from({ length: 12 }, () => world.signUp()));
    const tasks = tasksOf('used').filter(({ table }) => table === 'person');
    const rowsLeft = async () => Object.values(await leftOf('used')).flatMap((keys) => Object.values(keys)).reduce((a, b) => a + b, 0);
    const begun = await rowsLeft();
    for (const task of tasks) {
      expect(await resealStep(world.dataSource, task, 5)).toBe(5);
      const killed: ResealTask = {
        ...task,
        async step(tx, limit) {
          expect(await task.step(tx, limit)).toBeGreaterThan(0);
          await tx.query('SELECT pg_terminate_backend(pg_backend_pid())');
          throw new Error('the session outlived its end');
        },
      };
      await expect(resealStep(world.dataSource, killed, 5)).rejects.toThrow(/does not answer/);
    }
    expect(await rowsLeft()).toBe(begun - 5 * tasks.length);
    await resealAll(tasks);
    expect((await leftOf('used'))['person.email']).toBeUndefined();
    expect((await leftOf('used'))['person.emailIndex']).toBeUndefined();
  });

  it('passes a row over that somebody is writing: theirs stands', async () => {
    const person = await world.signUp();
    const theirs = createSealer([k1]).seal('written meanwhile', person.id);
    const task = tasksOf('used').find(({ column }) => column === 'displayName')!;
    const runner = world.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query('UPDATE person SET "displayName" = $2 WHERE id = $1', [person.id, theirs]);
    while ((await resealStep(world.dataSource, task, 50)) > 0);
    await runner.commitTransaction();
    await runner.release();
    const nameOf = async () => (await world.rows('SELECT "displayName" FROM person WHERE id = $1', [person.id]))[0]!['displayName'] as string;
    expect(await nameOf()).toBe(theirs);
    await resealAll([task]);
    expect(createSealer([k2]).open(await nameOf(), person.id)).toBe('written meanwhile');
  });

  it('lets the books change in nothing but the seal of a text', async () => {
    const person = await full();
    const [old] = await world.rows('SELECT description FROM ledger_tx WHERE id = $1', [person.txId]);
    const before = old!['description'] as string;
    const other = (text: string) => createSealer([k2]).seal(text, person.txId);
    const reseal = (from: string, to: string) => world.rows('SELECT ledger_reseal($1, $2, $3)', [[person.txId], [from], [to]]);
    await expect(reseal(before, 'in clear')).rejects.toThrow('append-only');
    await expect(reseal(before, other('for the pianos'))).rejects.toThrow('append-only');
    await expect(reseal(before, createSealer([k1]).seal('for the organ', person.txId))).rejects.toThrow('append-only');
    const alongside = ['UPDATE ledger_tx SET description = $2, amount = 2 WHERE id = $1', [person.txId, other('for the piano')]] as const;
    await expect(world.rows(alongside[0], [...alongside[1]])).rejects.toThrow('permission denied');
    await expect(world.asOwner(alongside[0], [...alongside[1]])).rejects.toThrow('append-only');
    // What was read before somebody else changed it changes nothing.
    expect(await reseal(other('for the piano'), other('for the piano'))).toEqual([]);
    expect(await reseal(before, other('for the piano'))).toHaveLength(1);
  });
});

describe('A25: while the seal keys turn', () => {
  it('an address has one person, in instances one step apart, before and after and at the same moment', async () => {
    for (const [one, other] of [['begun', 'added'], ['added', 'used'], ['used', 'retired']] as const) {
      const email = someone();
      expect(codes(await signUp(one, email))).toBe('OK');
      if (other !== 'retired') expect(codes(await signUp(other, email.toUpperCase()))).toBe('EMAIL_TAKEN');
      for (let n = 0; n < 5; n += 1) {
        const raced = someone();
        const stages: Stage[] = [one, other, one, other];
        const done = await Promise.all(stages.map((stage) => signUp(stage, raced)));
        expect(done.map(codes).sort()).toEqual(['EMAIL_TAKEN', 'EMAIL_TAKEN', 'EMAIL_TAKEN', 'OK']);
      }
    }
  });

  it('a person is found under either key, and signs in', async () => {
    const email = someone();
    await signUp('begun', email);
    const signIn = async (stage: Stage) => codes(await instance(stage).signIns.signIn({ email, password: 'correct horse battery' }, origin));
    for (const stage of ['begun', 'added', 'used'] as const) expect(await signIn(stage)).toBe('OK');
    expect(await signIn('retired')).toBe('WRONG_CREDENTIALS');
    await resealAll(tasksOf('used'));
    for (const stage of ['added', 'used', 'retired'] as const) expect(await signIn(stage)).toBe('OK');
  });

  it('a step-up that was asked for under the old key is good under the new one', async () => {
    const { stepUps } = instance('added');
    const action = { purpose: 'CHANGE_PASSWORD' } as const;
    const [session] = await world.rows(
      `SELECT s.id, s."personId" FROM session s JOIN totp_factor f ON f."personId" = s."personId" WHERE f."confirmedAt" IS NOT NULL LIMIT 1`,
    );
    const [personId, sessionId, stepUpId] = [session!['personId'] as string, session!['id'] as string, uuidv7()];
    await world.rows(
      `INSERT INTO step_up (id, "personId", "sessionId", purpose, binding, "createdAt", "expiresAt", "approvedAt")
       VALUES ($1, $2, $3, $4, $5, now(), now() + interval '5 minutes', now())`,
      [stepUpId, personId, sessionId, action.purpose, stepUps.bindingOf(action)],
    );
    const use = (stage: Stage) =>
      world.dataSource.transaction((tx) =>
        instance(stage).stepUps.guard(tx, { personId, sessionId, stepUpId, action }, async () => ({ ok: true })),
      );
    expect(codes(await use('retired'))).toBe('STEP_UP_REQUIRED');
    expect(codes(await use('used'))).toBe('OK');
  });
});

describe('A25: while the keys of fingerprints turn', () => {
  const methods = (person: NewPerson) =>
    world.rows('SELECT id, "fingerprintKey" FROM payment_method WHERE "personId" = $1', [person.id]);
  const add = async (stage: Stage, person: NewPerson) => {
    const done = await instance(stage).paymentMethods.addCard(caller(person), CARD);
    if (!done.ok) throw new Error(codes(done));
    return done.paymentMethod.id;
  };

  it('the same card is the same payment method, in instances one step apart, at the same moment', async () => {
    const person = await world.signUp();
    const stages: Stage[] = ['added', 'used', 'added', 'used', 'begun', 'added'];
    // An instance that knows the first key alone is never beside one that uses the second.
    const ids = await Promise.all(stages.slice(0, 4).map((stage) => add(stage, person)));
    expect(new Set(ids).size).toBe(1);
    expect(await methods(person)).toHaveLength(1);
    const other = await world.signUp();
    expect(new Set(await Promise.all(stages.slice(4).map((stage) => add(stage, other)))).size).toBe(1);
  });

  it('a card that was stored before each had a key of its own stays known, without its number, when that key is gone', async () => {
    const person = await world.signUp();
    const id = await add('begun', person);
    const plain = createHmac('sha256', f1.key).update(`tael/card/${CARD.number}`).digest();
    await world.rows('UPDATE payment_method SET fingerprint = $2, "fingerprintKey" = NULL WHERE id = $1', [id, plain]);
    for (const stage of ['begun', 'added', 'used'] as const) expect(await add(stage, person)).toBe(id);
    await resealAll(fingerprintTasks(STAGES.used));
    expect(await resealReport(world.dataSource, fingerprintTasks(STAGES.used))).toEqual({});
    const [row] = await world.rows('SELECT fingerprint FROM payment_method WHERE id = $1', [id]);
    // Who holds the old key and today's rows cannot try numbers.
    expect((row!['fingerprint'] as Buffer).equals(plain)).toBe(false);
    expect(await add('retired', person)).toBe(id);
    const other = await instance('retired').paymentMethods.addCard(caller(person), { ...CARD, number: '4000056655665556' });
    expect(other).toMatchObject({ ok: true, paymentMethod: { brand: 'Visa' } });
    expect(await methods(person)).toHaveLength(2);
  });

  it('recovery codes that were kept as names under the old key work when it is gone', async () => {
    const person = await secondFactorOf(world).enrolled();
    const [code] = person.recoveryCodes;
    const name = createHmac('sha256', blindKey(k1.key, 'recovery-code')).update(`${person.id}/${code!.replace('-', '')}`).digest('base64url');
    await world.rows('DELETE FROM recovery_code WHERE "personId" = $1', [person.id]);
    await world.rows('INSERT INTO recovery_code ("personId", "codeIndex", "createdAt") VALUES ($1, $2, now())', [person.id, name]);
    await resealAll(tasksOf('used'));
    expect(await leftOf('used')).toEqual({});
    const after = instance('retired');
    const asked = await after.signIns.signIn({ email: person.email, password: person.password }, origin);
    if (!asked.ok || !('challenge' in asked)) throw new Error(`no challenge: ${codes(asked)}`);
    expect(codes(await after.signIns.complete({ challengeToken: asked.challenge.token, code: code! }, origin))).toBe('OK');
  });
});

describe('A25: a row from a backup, under a key that was destroyed', () => {
  it('is a masked fault for who asks for it, counted, and in nobody else’s way', async () => {
    const [lost, other] = [await world.signUp(), await world.signUp()];
    const [backup] = await world.rows('SELECT email, "displayName" FROM person WHERE id = $1', [lost.id]);
    await resealAll(tasksOf('used'));
    await world.rows('UPDATE person SET email = $2, "displayName" = $3 WHERE id = $1', [lost.id, backup!['email'], backup!['displayName']]);
    const after = await startPeopleWorld('accounts_key_turns_backup', STAGES.retired);
    try {
      // The same rows, seen by a process that has the new key alone.
      const person = await after.signUp();
      await after.rows('UPDATE person SET email = $2 WHERE id = $1', [person.id, createSealer([k1]).seal(person.email, person.id)]);
      const answer = await after.ask('{ viewer { email } }', {}, person.as);
      expect(answer.errors).toHaveLength(1);
      expect(JSON.stringify(answer)).not.toMatch(/seal|k1|retired|stack/i);
      expect(after.log()).toContain('a key that was retired');
      const healthy = await after.signUp();
      expect((await after.ask('{ viewer { email } }', {}, healthy.as)).data.viewer.email).toBe(healthy.email);
    } finally {
      await after.end();
    }
    expect((await leftOf('retired'))['person.email']).toEqual({ k1: 1 });
    const faults: string[] = [];
    const unknowing = sealTasks({ ...STAGES.used, SEAL_KEYS: [k2, { id: 'k1', key: randomBytes(32) }] }, ({ key }) => faults.push(key));
    for (let n = 0; n < 3; n += 1) for (const task of unknowing) await resealStep(world.dataSource, task, 1);
    // Told once a column, passed over from then on.
    expect(faults).toEqual([lost.id, lost.id]);
    expect((await instance('retired').people.byIds([other.id]))[0]!.email).toBe(other.email);
    await resealAll(tasksOf('used'));
    expect(await leftOf('retired')).toEqual({});
  });
});

describe('A25: where nothing is left', () => {
  it('neither a look for work nor a count reads the table', async () => {
    const idle = await startPeopleWorld('accounts_key_turns_idle', STAGES.used);
    // The one session that does anything: its figures are told when it says so.
    const lone = await accountsDataSource({ url: idle.databaseUrl, poolSize: 1 }).initialize();
    const read = async (): Promise<number> => {
      await lone.query('SELECT pg_stat_force_next_flush()');
      const [row] = await lone.query(
        `SELECT (seq_tup_read + idx_tup_fetch + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = 'person'))::int AS rows
         FROM pg_stat_user_tables WHERE relname = 'person'`,
      );
      return row.rows;
    };
    try {
      await lone.query(
        `INSERT INTO person (id, "emailIndex", "emailIndexKey", email, "displayName", locale, "timeZone", "referralCode", roles, "createdAt")
         SELECT gen_random_uuid(), 'n' || n, 'k2', 'v1.k2.a.b', 'v1.k2.a.b', 'en', 'UTC', 'n' || n, '{CUSTOMER}', now()
         FROM generate_series(1, 3000) AS n`,
      );
      await lone.query('ANALYZE person');
      const before = await read();
      for (const task of tasksOf('used')) {
        for (let n = 0; n < 10; n += 1) expect(await resealStep(lone, task, 100)).toBe(0);
        expect(await task.left(lone)).toEqual(new Map());
      }
      expect((await read()) - before).toBeLessThan(100);
    } finally {
      await lone.destroy();
      await idle.end();
    }
  });
});
