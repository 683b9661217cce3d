import type { BusGroup } from '@tael/platform/bus';
import { eventually } from '@tael/testkit';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readReply } from './client';
import { type Delivery, unlikeTold } from './deliveries';
import { type Answer, judge, spreadOf } from './flood';
import { strangersOf, SUBSCRIPTIONS } from './groups';
import { Journal, type Operation, type OperationKind } from './journal';
import { loggedOf } from './logged';
import { differencesOf, dueMessages, type Told } from './messages';
import type { Person } from './people';
import { Processes, stateOf } from './processes';
import { choose, createRandom, streamOf } from './random';
import { type Fault, killsOf, pieceOf, POINTS, scheduleOf, SERVICES, textOf } from './schedule';
import { cashbackOf } from './verdict';

const scheduleFrom = (seed: number) => scheduleOf({ seed, kills: 1_000, instances: 2 });

describe('a schedule', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(scheduleFrom(7).map(textOf)).toEqual(scheduleFrom(7).map(textOf));
    expect(scheduleFrom(7).map(textOf)).not.toEqual(scheduleFrom(8).map(textOf));
  });

  it('has the kills that were asked for, and hits each service, each point, Postgres and Kafka', () => {
    const faults = scheduleFrom(1);
    expect(faults.map(killsOf).reduce((sum, kills) => sum + kills, 0)).toBeGreaterThanOrEqual(1_000);
    const parts = new Set(faults.flatMap((fault) => (fault.kind === 'kill' ? [fault.part] : [])));
    expect([...parts].sort()).toEqual([...SERVICES, ...SERVICES.map((name) => `${name}-2`), 'kafka', 'postgres'].sort());
    const points = new Set(faults.flatMap((fault) => (fault.kind === 'point' ? [`${fault.service} ${fault.point}`] : [])));
    expect([...points].sort()).toEqual(POINTS.map(({ service, point }) => `${service} ${point}`).sort());
    expect(new Set(faults.map((fault) => fault.kind)).size).toBe(5);
  });

  it('begins alike, however long it is', () => {
    const few = scheduleOf({ seed: 3, kills: 10, instances: 2 });
    expect(scheduleOf({ seed: 3, kills: 100, instances: 2 }).slice(0, few.length)).toEqual(few);
  });

  it('is the same in pieces as in one, wherever they meet', () => {
    const killsIn = (faults: readonly Fault[]) => faults.reduce((sum, fault) => sum + killsOf(fault), 0);
    for (let kills = 1; kills < 60; kills += 1) {
      const first = pieceOf({ seed: 3, kills, from: 0, instances: 2 });
      const second = pieceOf({ seed: 3, kills: 40, from: killsIn(first.faults), instances: 2 });
      expect(second.from).toBe(killsIn(first.faults));
      // Faults that kill nobody may stand where two pieces meet: they are done by the one that begins there.
      const whole = [...first.faults, ...second.faults];
      expect(whole).toEqual(scheduleOf({ seed: 3, kills: killsIn(whole), instances: 2 }));
    }
  });

  it('begins a piece behind a fault that kills two where it is told to begin in its midst', () => {
    const faults = scheduleOf({ seed: 3, kills: 400, instances: 2 });
    const at = faults.findIndex(({ kind }) => kind === 'kill-all');
    const before = faults.slice(0, at).reduce((sum, fault) => sum + killsOf(fault), 0);
    expect(pieceOf({ seed: 3, kills: 1, from: before + 1, instances: 2 })).toMatchObject({ from: before + 2, faults: [faults[at + 1]] });
  });

  it('keeps what a seed means where a point is added: it is hit in place of others now and then, and all else stays', () => {
    const newcomer = { point: 'payMerchant.before-commit', service: 'notifications' } as const;
    const choices = { seed: 11, kills: 1_000, instances: 2 };
    const before = scheduleOf(choices);
    for (const points of [[...POINTS, newcomer], [newcomer, ...POINTS]]) {
      const after = scheduleOf({ ...choices, points });
      const isNew = (fault: Fault) => fault.kind === 'point' && fault.service === newcomer.service && fault.point === newcomer.point;
      const changed = after.filter((fault, n) => textOf(fault) !== textOf(before[n]!) || fault.afterMs !== before[n]!.afterMs);
      expect(changed.length).toBeGreaterThan(0);
      expect(changed.every(isNew)).toBe(true);
      // Its share of what is killed at a point, and not much more.
      expect(changed.length).toBeLessThan((3 * before.filter(({ kind }) => kind === 'point').length) / points.length);
    }
  });

  it('has so many of each kind as it should', () => {
    const faults = scheduleFrom(5);
    const share = (kind: Fault['kind']) => Math.round((100 * faults.filter((fault) => fault.kind === kind).length) / faults.length);
    // Of Postgres and Kafka there are as many kills as "server" has: 45 and 13.
    for (const [kind, about] of [['kill', 58], ['point', 30], ['kill-all', 4], ['pause', 4], ['outage', 4]] as const) {
      expect({ kind, isAbout: Math.abs(share(kind) - about) <= 5 }).toEqual({ kind, isAbout: true });
    }
  });
});

describe('numbers from a seed', () => {
  it('stay in their range and reach its ends', () => {
    const random = createRandom(1);
    const numbers = Array.from({ length: 2_000 }, () => random.between(3, 9));
    expect([...new Set(numbers)].sort()).toEqual([3, 4, 5, 6, 7, 8, 9]);
  });

  it('of one stream follow from its names alone', () => {
    const first = (...names: (string | number)[]) => streamOf(...names).next();
    expect(first(1, 'load', 12)).toBe(first(1, 'load', 12));
    expect(new Set([first(1, 'load', 12), first(1, 'load', 1, 2), first(1, 'load1', 2), first(2, 'load', 12)]).size).toBe(4);
  });

  it('choose each of many as often as its weight says, and stay with it where others come or go', () => {
    const items = ['a', 'b', 'c', 'd'];
    const weights: Record<string, number> = { a: 1, b: 1, c: 2, d: 4, e: 2 };
    const chosen = (among: readonly string[]) => Array.from({ length: 2_000 }, (_, n) => (
      choose(among, { nameOf: (item) => item, weightOf: (item) => weights[item]! }, 9, n)
    ));
    const four = chosen(items);
    for (const item of items) expect(Math.abs(four.filter((one) => one === item).length / 2_000 - weights[item]! / 8)).toBeLessThan(0.04);
    const five = chosen(['e', ...items]);
    expect(five.filter((one, n) => one !== four[n]).every((one) => one === 'e')).toBe(true);
    const three = chosen(items.slice(1));
    expect(three.every((one, n) => one === four[n] || four[n] === 'a')).toBe(true);
  });
});

describe('a journal', () => {
  const operation = (): Operation => ({ kind: 'PAYMENT', key: 'k', scope: 's', minor: 1n, query: '', input: {}, attempts: 0 });

  it('knows what is acknowledged and what is unknown', () => {
    const journal = new Journal();
    const [one, two, three] = [operation(), operation(), operation()];
    journal.operations.push(one, two, three);
    journal.answered(one, { transactionId: 't' });
    journal.answered(two, { refusal: 'INSUFFICIENT_FUNDS' });
    expect([journal.acknowledged(), journal.unknown()]).toEqual([[one], [three]]);
  });

  it('notes a key that was answered twice and not alike', () => {
    const journal = new Journal();
    const one = operation();
    journal.answered(one, { transactionId: 't' });
    journal.answered(one, { transactionId: 't' });
    expect(journal.contradictions).toEqual([]);
    journal.answered(one, { transactionId: 'u' });
    journal.answered(one, { refusal: 'LIMIT_EXCEEDED' });
    expect(journal.news().contradictions).toHaveLength(2);
    expect(journal.news().contradictions).toEqual([]);
    expect(one.transactionId).toBe('t');
  });
});

it.each([[100n, 5n], [110n, 6n], [130n, 6n], [109n, 5n], [111n, 6n], [150n, 8n]])('cashback of %s is %s', (minor, cashback) => {
  expect(cashbackOf(minor)).toBe(cashback);
});

describe('what was logged of an answer', () => {
  const home = mkdtempSync(join(tmpdir(), 'faults-'));
  afterAll(() => rmSync(home, { recursive: true }));

  it('is found by the reference that the answer names, in whatever file', () => {
    mkdirSync(join(home, 'logs'));
    writeFileSync(join(home, 'logs', 'accounts.log'), '{"reference":"abc","msg":"a request failed"}\n{"reference":"def"}\n');
    writeFileSync(join(home, 'logs', 'gateway.log'), '{"reference":"ghi"}\n');
    expect(loggedOf(home, '{"errors":[{"extensions":{"reference":"abc"}}]}')).toBe('\n  accounts.log: {"reference":"abc","msg":"a request failed"}');
    expect(loggedOf(home, '{"data":null}')).toBe('');
  });
});

describe('who is told', () => {
  const person = (id: string): Person => (
    { id, email: `${id}@faults.example`, password: '', walletId: '', cardId: '', bankAccountId: '', token: '', operations: 0 }
  );
  const people = [person('payer'), person('friend'), person('owner')];
  const done = (kind: OperationKind, scope: string, input: Record<string, unknown> = {}): Operation => (
    { kind, key: `k-${kind}`, scope, minor: 1n, query: '', input, attempts: 1, transactionId: `t-${kind}` }
  );
  const operations = [
    done('PAYMENT', 'payer', { merchantId: 'm' }), done('TRANSFER', 'payer', { recipientEmail: 'friend@faults.example' }), done('TOP_UP', 'payer'),
    done('WITHDRAWAL', 'payer'), done('REFUND', 'owner', { transactionId: 't-PAYMENT' }),
  ];
  const textOfAll = (told: readonly Told[]) => told.map(({ topic, transactionId, personId }) => `${topic} ${transactionId} ${personId}`).sort();

  it('is each side of what was acknowledged, and who got a reward or lost one', () => {
    const rewards = [
      { id: 'r1', kind: 'CASHBACK', personId: 'payer', net: '5' }, { id: 'r2', kind: 'CASHBACK', personId: 'payer', net: '0' },
      { id: 'r3', kind: 'REWARD_REVERSAL', personId: 'payer', net: '-5' },
    ];
    const { due, breaches } = dueMessages(operations, people, rewards);
    expect(breaches).toEqual([]);
    expect(textOfAll(due)).toEqual([
      'payment.refunded t-REFUND payer', 'payment.settled t-PAYMENT payer', 'reward.paid r1 payer', 'reward.reversed r3 payer',
      'topup.settled t-TOP_UP payer', 'transfer.received t-TRANSFER friend', 'transfer.sent t-TRANSFER payer', 'withdrawal.settled t-WITHDRAWAL payer',
    ]);
  });

  it('is not known of what was given back of a payment of nobody', () => {
    expect(dueMessages([done('REFUND', 'owner', { transactionId: 'other' })], people, []).breaches).toHaveLength(1);
  });

  it('is told once, of the right thing, and nobody else is', () => {
    const { due } = dueMessages(operations, people, []);
    expect(differencesOf(due, due)).toEqual([]);
    const [first, ...others] = due;
    expect(differencesOf(due, others)).toEqual([expect.stringMatching(/^there is no message/)]);
    expect(differencesOf(due, [...due, first!])).toEqual([expect.stringMatching(/^2 messages/)]);
    expect(differencesOf(due, [...due, { ...first!, personId: 'stranger' }])).toEqual([expect.stringMatching(/^a message that nobody is due/)]);
    expect(differencesOf(due, [...others, { ...first!, topic: 'other' }])).toHaveLength(2);
  });
});

describe('the events of deliveries', () => {
  const delivery = (channel: string, outcome = 'HANDED_OFF'): Delivery => ({ notificationId: 'n', channel, outcome });
  const ended = [delivery('IN_APP'), delivery('EMAIL', 'SKIPPED')];
  const told = ended.map((one, n) => ({ ...one, id: `e${n}` }));
  const seen = (more: Partial<Parameters<typeof unlikeTold>[0]>) => unlikeTold({ due: ended, ended, told, ...more });

  it.each<[string, ReturnType<typeof seen>, string[]]>([
    ['one each', seen({}), []],
    ['one twice under its id', seen({ told: [...told, told[0]!] }), []],
    ['one of what had not ended before they were read', seen({ due: ended.slice(1) }), []],
    ['one that is lost', seen({ told: told.slice(1) }), ['no event tells that IN_APP of n is HANDED_OFF']],
    ['one under two ids', seen({ told: [...told, { ...told[0]!, id: 'e2' }] }), ['2 events tell of IN_APP of n']],
    ['one of nothing', seen({ due: ended.slice(1), ended: ended.slice(1) }), ['an event tells that IN_APP of n is HANDED_OFF, and it is not ended']],
    ['one of another end', seen({ due: [], ended: [delivery('IN_APP', 'FAILED'), ended[1]!] }), ['an event tells that IN_APP of n is HANDED_OFF, and it is FAILED']],
  ])('%s', (_what, breaches, expected) => expect(breaches).toEqual(expected));
});

describe('the groups of the bus', () => {
  const known = Object.entries(SUBSCRIPTIONS).map(([group, topics]) => ({ group, topics, members: 1, lag: 0n }));
  const seen = (groups: BusGroup[]) => strangersOf({ groups: async () => groups });

  it('are those that are looked at', async () => {
    expect(await seen([...known, { ...known[0]!, group: 'accounts.replay' }, { ...known[0]!, group: 'tael-read-1' }])).toEqual([]);
    expect(await seen(known.slice(1))).toEqual([expect.stringMatching(/does not know the group accounts/)]);
    expect(await seen([...known, { ...known[0]!, group: 'fifth' }])).toEqual([expect.stringMatching(/a group that the verdict does not: fifth/)]);
    expect(await seen([{ ...known[0]!, topics: ['other'] }, ...known.slice(1)])).toEqual([expect.stringMatching(/accounts reads other/)]);
  });
});

describe('an answer under far too much load', () => {
  const answer = (status: number, code: string | undefined, retryAfter?: string): Answer => ({
    status, retryAfter, tookMs: 1, body: code === undefined ? { data: {} } : { errors: [{ extensions: { code, retryable: code === 'SUBGRAPH_UNAVAILABLE' } }] },
  });

  it.each<[string, Answer | Error, string]>([
    ['data', answer(200, undefined), 'done'],
    ['busy, and says when to come again', answer(503, 'SERVICE_BUSY', '1'), 'refusals'],
    ['too many, and says when to come again', answer(429, 'RATE_LIMITED', '20'), 'refusals'],
    ['a subgraph that was given up', answer(200, 'SUBGRAPH_UNAVAILABLE'), 'refusals'],
    ['busy without a time', answer(503, 'SERVICE_BUSY'), 'faults'],
    ['busy with no time to wait', answer(503, 'SERVICE_BUSY', '0'), 'faults'],
    ['busy with another status', answer(500, 'SERVICE_BUSY', '1'), 'faults'],
    ['an error of ours', answer(200, 'INTERNAL_SERVER_ERROR'), 'faults'],
    ['no answer', new Error('no answer within 60000 ms'), 'faults'],
  ])('%s', (_what, given, into) => expect(judge(given).into).toBe(into));
});

it.each<[number[], object]>([
  [[], {}],
  [[7.4], { p50: 7, p95: 7, max: 7 }],
  [Array.from({ length: 100 }, (_, n) => 100 - n), { p50: 51, p95: 96, max: 100 }],
])('the spread of times', (times, spread) => expect(spreadOf(times)).toEqual(spread));

describe('what a client makes of an answer', () => {
  const refusal = (code: string, more: object = {}) => JSON.stringify({ errors: [{ message: 'no', extensions: { code, ...more } }] });
  const again = { retryable: true };
  it.each([
    ['data', 200, '{"data":{"me":"a"}}', 0, 'data', undefined],
    ['a busy service', 503, refusal('SERVICE_BUSY', { ...again, retryAfterSeconds: 2 }), 0, 'again', 'SERVICE_BUSY'],
    ['a 503 of somebody between', 503, 'away', 0, 'again', 'HTTP 503'],
    ['a 408, though it was sent at once', 408, refusal('BAD_USER_INPUT', again), 0, 'fault', 'HTTP 408'],
    ['a 408, though it stood still for a moment', 408, refusal('BAD_USER_INPUT', again), 1_000, 'fault', 'HTTP 408'],
    ['a 408 after it stood still for long', 408, refusal('BAD_USER_INPUT', again), 9_000, 'again', 'HTTP 408'],
    ['a 408 that does not say that it may come again', 408, refusal('BAD_USER_INPUT'), 9_000, 'fault', 'HTTP 408'],
    ['a request that is wrong', 400, refusal('BAD_USER_INPUT', again), 9_000, 'fault', 'BAD_USER_INPUT'],
    ['a fault', 200, refusal('INTERNAL_SERVER_ERROR'), 9_000, 'fault', 'INTERNAL_SERVER_ERROR'],
  ])('%s', (_what, status, text, stoodStillMs, kind, code) => {
    const reply = readReply({ status, headers: new Headers() }, text, { tookMs: 10_000, stoodStillMs });
    expect([reply.kind, 'code' in reply ? reply.code : undefined]).toEqual([kind, code]);
  });
});

describe('a failpoint', () => {
  it('is taken from a process that came to it meanwhile, and stands still there: it goes on', async () => {
    const home = mkdtempSync(join(tmpdir(), 'tael-failpoint-'));
    mkdirSync(join(home, 'failpoints'));
    const file = join(home, 'failpoints', 'accounts');
    const standing = spawn(process.execPath, ['-e', `
      process.on('SIGUSR2', () => require('node:fs').rmSync(${JSON.stringify(file)}));
      setInterval(() => undefined, 1_000);
      process.kill(process.pid, 'SIGSTOP');
    `]);
    try {
      await eventually(() => expect(stateOf(standing.pid!)).toBe('T'));
      await new Processes(home).disarm('accounts', standing.pid!);
      expect(stateOf(standing.pid!)).not.toBe('T');
    } finally {
      standing.kill('SIGKILL');
      rmSync(home, { recursive: true });
    }
  });
});
