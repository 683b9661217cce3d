import { randomUUID } from 'node:crypto';
import { eventually } from '@tael/testkit';
import fc from 'fast-check';
import { DisputeService } from '../src/disputes/dispute.service';
import type { NewPerson } from './people-world';
import { bankOf } from './support/bank-world';
import { type Model, type ModelPayment, rules } from './support/give-back-model';
import { callerOf, DAY_MS, merchantsOf, type Shop, USD } from './support/merchant-world';
import { type NoticeWorld, startNoticeWorld } from './support/notice-world';

// A9: payments, refunds, disputes and charge-backs in any order, on the real service, beside a model of their rules.
const RUNS = Number(process.env['MODEL_RUNS'] ?? 12);

let notices: NoticeWorld;
let shop: Shop;
let operator: NewPerson;
beforeAll(async () => {
  notices = await startNoticeWorld('accounts_give_back_model');
  shop = await merchantsOf(notices.world).shop();
  operator = await notices.world.signUp();
});
afterAll(() => notices.end());

/** What is really there: a person with a wallet, and the ids of what the model knows by its place. */
interface Real {
  readonly payer: NewPerson;
  readonly payments: { id: string; disputeIds: string[] }[];
  readonly topUps: string[];
}
type Answer = { ok: true } | { ok: false; refusals: readonly { code: string }[] };
const codeOf = (answer: Answer): string => (answer.ok ? 'OK' : answer.refusals[0]!.code);
const money = (minor: bigint | undefined) => (minor === undefined ? undefined : { minor, currency: USD });
const services = () => notices.world.app.services;
const by = { payer: ({ payer }: Real) => callerOf(payer), manager: () => callerOf(shop.manager), operator: () => callerOf(operator, true) };

/** Does things of the service. */
const act = {
  pay: async (real: Real, amount: bigint): Promise<string> => {
    const answer = await services().payments.pay(by.payer(real), {
      walletId: real.payer.walletId, merchantId: shop.merchantId, amount: money(amount)!, description: undefined, idempotencyKey: randomUUID(),
    });
    if (answer.ok) real.payments.push({ id: answer.transactionId, disputeIds: [] });
    return codeOf(answer);
  },
  refund: (real: Real, place: number, amount: bigint | undefined, who: 'manager' | 'operator') => services().refunds.refund(by[who](), {
    transactionId: real.payments[place]!.id, amount: money(amount), reason: undefined, idempotencyKey: randomUUID(),
  }).then(codeOf),
  open: async (real: Real, place: number, amount: bigint | undefined): Promise<string> => {
    const { id: transactionId, disputeIds } = real.payments[place]!;
    const answer = await services().disputes.open(by.payer(real), { transactionId, reason: 'OTHER', description: 'It never came', amount: money(amount) });
    if (answer.ok && !disputeIds.includes(answer.dispute.id)) disputeIds.push(answer.dispute.id);
    return codeOf(answer);
  },
  step: (real: Real, place: number, step: 'withdraw' | 'accept' | 'contest' | 'PERSON' | 'MERCHANT'): Promise<string> => {
    const disputeId = real.payments[place]!.disputeIds.at(-1)!;
    const { disputes } = services();
    if (step === 'withdraw') return disputes.withdraw(by.payer(real), disputeId).then(codeOf);
    if (step === 'accept') return disputes.accept(by.manager(), disputeId).then(codeOf);
    if (step === 'contest') return disputes.contest(by.manager(), { disputeId, evidence: 'It was handed over' }).then(codeOf);
    return disputes.decide(by.operator(), { disputeId, decision: step, reason: 'The receipt says so' }).then(codeOf);
  },
  expire: (real: Real, place: number): Promise<void> => {
    const { id: transactionId, disputeIds } = real.payments[place]!;
    const later = new DisputeService({ dataSource: notices.world.dataSource, sealer: services().sealer, now: () => new Date(Date.now() + 8 * DAY_MS) });
    return later.expire({ id: disputeIds.at(-1)!, transactionId });
  },
};

/** What the books say of somebody: each payment's refunds and disputes, what is in the wallet, and what they owe. */
async function stateOf({ payer, payments, topUps }: Real) {
  const rows = await notices.world.rows(
    `SELECT g.amount, g.refunded, (SELECT coalesce(sum(t.amount), 0)::bigint FROM ledger_tx t WHERE t."parentId" = p.id AND t.kind = 'REFUND') AS booked,
       (SELECT coalesce(jsonb_agg(d.status ORDER BY d.id), '[]') FROM dispute d WHERE d."transactionId" = p.id) AS disputes
     FROM unnest($1::uuid[]) WITH ORDINALITY AS p (id, place) JOIN ledger_tx x ON x.id = p.id
       CROSS JOIN LATERAL (SELECT x.amount, coalesce((SELECT refunded FROM refund_guard WHERE "paymentId" = p.id), 0) AS refunded) g ORDER BY p.place`,
    [payments.map(({ id }) => id)],
  );
  const [{ owed }] = await notices.world.rows('SELECT coalesce(sum(owed), 0)::bigint AS owed FROM top_up WHERE id = ANY ($1::uuid[])', [topUps]) as [{ owed: bigint }];
  return { balance: await bankOf(notices.world).balance(payer), owed, payments: rows as unknown as { amount: bigint; refunded: bigint; booked: bigint; disputes: string[] }[] };
}

async function expectAlike(model: Model, real: Real): Promise<void> {
  const state = await stateOf(real);
  expect(state).toEqual({
    balance: model.balance, owed: model.owed,
    payments: model.payments.map(({ amount, refunded, disputes }) => ({ amount, refunded, booked: refunded, disputes: disputes.map(({ status }) => status) })),
  });
  for (const { amount, refunded } of state.payments) expect(refunded <= amount).toBe(true);
}

/** A step of the model and of the service, which must answer alike and come to the same. */
class Step implements fc.AsyncCommand<Model, Real> {
  constructor(
    private readonly name: string,
    private readonly place: number | undefined,
    private readonly does: { model: (model: Model, payment: ModelPayment) => string | void; real: (real: Real, place: number) => Promise<string | void> },
    private readonly needs: (model: Model, payment: ModelPayment | undefined) => boolean = (_model, payment) => payment !== undefined,
  ) {}

  private at = ({ payments }: Model): number => (this.place === undefined || payments.length === 0 ? -1 : this.place % payments.length);
  check = (model: Model): boolean => this.needs(model, model.payments[this.at(model)]);
  toString = (): string => (this.place === undefined ? this.name : `${this.name} of payment ${this.place}`);

  async run(model: Model, real: Real): Promise<void> {
    const place = this.at(model);
    const expected = this.does.model(model, model.payments[place]!);
    expect([this.toString(), await this.does.real(real, place)]).toEqual([this.toString(), expected]);
    await expectAlike(model, real);
  }
}

/** All that gives back, at once: whichever comes first, never more than was paid. Then the model goes on from what it came to. */
class Race implements fc.AsyncCommand<Model, Real> {
  constructor(private readonly place: number, private readonly part: bigint) {}

  check = ({ payments }: Model): boolean => payments.length > 0 && (payments[this.place % payments.length]!.disputes.length > 0);
  toString = (): string => `a race for payment ${this.place} (${this.part})`;

  async run(model: Model, real: Real): Promise<void> {
    const place = this.place % model.payments.length;
    const before = model.payments[place]!;
    const answers = await Promise.all([
      act.refund(real, place, undefined, 'manager'), act.refund(real, place, this.part, 'operator'), act.step(real, place, 'accept'),
      act.step(real, place, 'PERSON'), act.step(real, place, 'withdraw'), act.refund(real, place, this.part, 'manager'),
    ]);
    expect(answers.filter((code) => !['OK', 'NOT_ALLOWED', 'REFUND_EXCEEDS_PAYMENT'].includes(code))).toEqual([]);
    const { balance, payments } = await stateOf(real);
    const after = payments[place]!;
    expect([after.refunded >= before.refunded, after.refunded <= after.amount, after.booked]).toEqual([true, true, after.refunded]);
    expect(balance - model.balance).toBe(after.refunded - before.refunded);
    model.balance = balance;
    before.refunded = after.refunded;
    const dispute = before.disputes.at(-1)!;
    const status = after.disputes.at(-1) as typeof dispute.status;
    if (status === 'DECIDED' && dispute.status === 'CONTESTED') dispute.decision = 'PERSON';
    dispute.status = status;
    await expectAlike(model, real);
  }
}

const place = fc.nat(5);
const amount = fc.bigInt(1n, 3_000n);
const part = fc.option(fc.bigInt(1n, 1_500n), { nil: undefined });
const disputed = (_model: Model, payment: ModelPayment | undefined): boolean => (payment?.disputes.length ?? 0) > 0;
const commands = fc.commands([
  amount.map((minor) => new Step(`pay ${minor}`, undefined, { model: (model) => rules.pay(model, minor), real: (real) => act.pay(real, minor) }, ({ payments }) => payments.length < 6)),
  fc.tuple(place, part, fc.constantFrom('manager' as const, 'operator' as const)).map(([at, minor, who]) => new Step(`refund ${minor ?? 'all'} by ${who}`, at, {
    model: (model, payment) => rules.refund(model, payment, minor), real: (real, index) => act.refund(real, index, minor, who),
  })),
  fc.tuple(place, part).map(([at, minor]) => new Step(`dispute ${minor ?? 'all'}`, at, { model: (_model, payment) => rules.open(payment, minor), real: (real, index) => act.open(real, index, minor) })),
  place.map((at) => new Step('withdraw', at, { model: (_model, payment) => rules.withdraw(payment), real: (real, index) => act.step(real, index, 'withdraw') }, disputed)),
  place.map((at) => new Step('contest', at, { model: (_model, payment) => rules.contest(payment), real: (real, index) => act.step(real, index, 'contest') }, disputed)),
  place.map((at) => new Step('accept', at, { model: (model, payment) => rules.accept(model, payment), real: (real, index) => act.step(real, index, 'accept') }, disputed)),
  fc.tuple(place, fc.constantFrom('PERSON' as const, 'MERCHANT' as const)).map(([at, decision]) => new Step(`decide for ${decision}`, at, {
    model: (model, payment) => rules.decide(model, payment, decision), real: (real, index) => act.step(real, index, decision),
  }, disputed)),
  place.map((at) => new Step('expire', at, { model: (model, payment) => rules.expire(model, payment), real: (real, index) => act.expire(real, index) }, disputed)),
  fc.constant(0).map(() => new Step('charge back', undefined, { model: (model) => rules.chargeBack(model), real: chargeBack }, ({ cards }) => cards.length > 0)),
  fc.tuple(place, fc.bigInt(1n, 1_000n)).map(([at, minor]) => new Race(at, minor)),
], { maxCommands: 40, size: 'max' });

/** Works off what the processor has told of the next charge. */
async function chargeBack(real: Real): Promise<void> {
  const [next] = real.topUps.filter((id) => !pendingGone.has(id));
  pendingGone.add(next!);
  await notices.world.rows(`WITH due AS (UPDATE charge_notice SET "lookAt" = now() WHERE "chargeKey" = $1 AND "endedAt" IS NULL RETURNING 1) SELECT * FROM due`, [`topup-${next}`]);
  while ((await services().chargeNotices.workOff()) > 0);
}
const pendingGone = new Set<string>();

/** Somebody with 45.00: two charges of 15.00 that their card will take back, which is known and not worked off, and 15.00 that stay. */
async function start(): Promise<{ model: Model; real: Real }> {
  const payer = await notices.payer('disputed');
  const topUps: string[] = [];
  for (let n = 0; n < 2; n += 1) topUps.push((await notices.topUp(payer, { amount: { amount: '15.00', currency: 'USD' } })).id);
  for (const id of topUps) await eventually(async () => expect(await notices.notices(id)).toHaveLength(2), { timeoutMs: 20_000 });
  // Not due before their step comes.
  await notices.world.rows(`WITH later AS (UPDATE charge_notice SET "lookAt" = now() + interval '1 day' WHERE "endedAt" IS NULL RETURNING 1) SELECT * FROM later`);
  await bankOf(notices.world).fund(payer, '15.00');
  return { model: { balance: 4_500n, owed: 0n, payments: [], cards: [1_500n, 1_500n] }, real: { payer, payments: [], topUps } };
}

it('A9: never give back more than was paid, take every step as the rules say, and leave sound books', async () => {
  await fc.assert(fc.asyncProperty(commands, async (all) => {
    const world = await start();
    await fc.asyncModelRun(() => world, all);
  }), { numRuns: RUNS, endOnFailure: true });
  expect(await bankOf(notices.world).breaches()).toEqual([]);
}, 180_000);
