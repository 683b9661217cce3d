import { setTimeout as sleep } from 'node:timers/promises';
import type { GraphClient } from './client';
import { Journal, type Operation, type OperationKind } from './journal';
import { newPerson, type Person, signInAgain, type World } from './people';
import { createRandom, type Random } from './random';

const QUERIES: Readonly<Record<OperationKind, string>> = {
  PAYMENT: `mutation ($input: PayMerchantInput!) { payMerchant(input: $input) { transaction { id } userErrors { code } } }`,
  TRANSFER: `mutation ($input: SendMoneyInput!) { sendMoney(input: $input) { transaction { id } userErrors { code } } }`,
  TOP_UP: `mutation ($input: TopUpInput!) { topUp(input: $input) { transaction { id } userErrors { code } } }`,
  WITHDRAWAL: `mutation ($input: WithdrawInput!) { withdraw(input: $input) { transaction { id } userErrors { code } } }`,
  REFUND: `mutation ($input: RefundPaymentInput!) { refundPayment(input: $input) { transaction { id } userErrors { code } } }`,
};

/** Of a hundred operations so many are of each kind; the rest is paid. */
const TRANSFERS = 12;
const TOP_UPS = 10;
const REFUNDS = 6;
const WITHDRAWALS = 8;
/** Of the withdrawals so many are top-ups from the bank instead. */
const PULLS = 3;
/** Of a hundred operations that were answered, so many are sent once more under their key, as by a client that lost the answer. */
const REPLAYS = 5;

const PAUSE_MS = 60;
const BACKOFF_MS = 150;
/** A person's day has room for 1,000 payments. */
const OPERATIONS_A_PERSON = 700;
const FIRST_TOP_UP = 500_000n;

const money = (minor: bigint) => ({
  amount: `${minor / 100n}.${String(minor % 100n).padStart(2, '0')}`, currency: 'USD',
});

/** Whoever carries what the clients send. */
export type Carrier = Pick<GraphClient, 'ask'>;

interface LoadOptions {
  readonly client: GraphClient;
  readonly world: World;
  readonly workers: number;
  readonly seed: number;
}

/**
 * Clients who pay, send, top up, withdraw and refund without end. Each operation has its key from the start, and is sent under it
 * until it is answered: what a fault leaves open stays open for the client too.
 */
export class Load {
  readonly journal = new Journal();
  private running = false;
  private ended: Promise<void> = Promise.resolve();
  private sequence = 0;
  private readonly random: Random;
  private carrier: Carrier;

  constructor(private readonly options: LoadOptions) {
    this.random = createRandom(options.seed);
    this.carrier = options.client;
  }

  /** Puts money into the wallets. */
  async fund(): Promise<void> {
    await Promise.all(this.options.world.people.map((person) => this.finish(this.topUp(person, FIRST_TOP_UP), person)));
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    this.ended = Promise.all(Array.from({ length: this.options.workers }, () => this.work())).then(() => undefined);
  }

  /** Begins nothing new, and sends what is open until each is answered. */
  async settle(): Promise<void> {
    this.running = false;
    await this.ended;
    const open = this.journal.unknown();
    if (open.length) throw new Error(`${open.length} operations were never answered, first ${open[0]!.key}`);
  }

  /** Sends operations again, each in the name of who wanted it, until it is answered. */
  async again(operations: readonly Operation[]): Promise<void> {
    for (const operation of operations) {
      await this.untilAnswered(operation, this.options.world.everybody.find((person) => person.id === operation.scope)!);
    }
  }

  /** Waits until so many operations more have been answered. */
  async more(answers: number, timeoutMs = 60_000): Promise<void> {
    const goal = this.journal.acknowledged().length + answers;
    for (const end = performance.now() + timeoutMs; this.journal.acknowledged().length < goal; await sleep(50)) {
      if (performance.now() > end) throw new Error(`no ${answers} answers in ${timeoutMs} ms; ${[...this.journal.refusals].join(' ')}`);
    }
  }

  /** Has somebody else carry what is sent, who watches it, until the end. */
  watch(carrier: Carrier): { end(): void } {
    this.carrier = carrier;
    return { end: () => (this.carrier = this.options.client) };
  }

  private async work(): Promise<void> {
    const { world } = this.options;
    while (this.running) {
      const index = this.random.between(0, world.people.length - 1);
      const person = world.people[index]!;
      person.operations += 1;
      if (person.operations === OPERATIONS_A_PERSON) await this.replace(index);
      await this.finish(this.next(person), person);
      await sleep(PAUSE_MS);
    }
  }

  /** Somebody new for somebody whose day is full. */
  private async replace(index: number): Promise<void> {
    const { world, client } = this.options;
    const person = await newPerson(client);
    await this.finish(this.topUp(person, FIRST_TOP_UP), person);
    world.everybody.push(person);
    world.people[index] = person;
  }

  private next(person: Person): Operation & { owner?: Person } {
    const { world } = this.options;
    const percent = this.random.between(0, 99);
    const minor = BigInt(this.random.between(100, 1_500));
    if (percent < TRANSFERS) {
      const others = world.people.filter((one) => one !== person);
      const recipientEmail = this.random.pick(others).email;
      return this.operation('TRANSFER', person, minor, { walletId: person.walletId, recipientEmail });
    }
    if (percent < TRANSFERS + TOP_UPS) return this.topUp(person, minor * 10n);
    if (percent < TRANSFERS + TOP_UPS + REFUNDS) {
      const refund = this.refund();
      if (refund) return refund;
    }
    if (percent >= 100 - WITHDRAWALS) {
      const account = { walletId: person.walletId, paymentMethodId: person.bankAccountId };
      return this.operation(percent >= 100 - PULLS ? 'TOP_UP' : 'WITHDRAWAL', person, minor, account);
    }
    return this.operation('PAYMENT', person, minor, { walletId: person.walletId, merchantId: this.random.pick(world.shops).id });
  }

  private topUp(person: Person, minor: bigint): Operation {
    return this.operation('TOP_UP', person, minor, { walletId: person.walletId, paymentMethodId: person.cardId });
  }

  /** Gives a part of a payment of this run back, by the shop's owner. */
  private refund(): (Operation & { owner: Person }) | undefined {
    const paid = this.journal.acknowledged('PAYMENT');
    if (paid.length === 0) return undefined;
    const { transactionId, input } = this.random.pick(paid);
    const owner = this.options.world.shops.find((shop) => shop.id === input['merchantId'])!.owner;
    return { ...this.operation('REFUND', owner, 100n, { transactionId }), owner };
  }

  private operation(kind: OperationKind, by: Person, minor: bigint, input: Record<string, unknown>): Operation {
    this.sequence += 1;
    const key = `${kind.toLowerCase()}-${this.options.seed}-${this.sequence}`;
    return {
      kind, key, scope: by.id, minor, query: QUERIES[kind], attempts: 0, input: { ...input, amount: money(minor), idempotencyKey: key },
    };
  }

  /** Sends an operation until it is answered, and now and then once more. */
  private async finish(operation: Operation & { owner?: Person }, person: Person): Promise<void> {
    const by = operation.owner ?? person;
    this.journal.operations.push(operation);
    await this.untilAnswered(operation, by);
    if (this.random.between(0, 99) < REPLAYS) await this.untilAnswered(operation, by);
  }

  private async untilAnswered(operation: Operation, by: Person): Promise<void> {
    const { client } = this.options;
    for (;;) {
      operation.attempts += 1;
      const reply = await this.carrier.ask({ query: operation.query, variables: { input: operation.input }, token: by.token });
      if (reply.kind === 'data') {
        const payload: any = Object.values(reply.data)[0];
        const refusal: string | undefined = payload?.userErrors?.[0]?.code;
        const transactionId: string | undefined = payload?.transaction?.id;
        if (refusal) return this.journal.answered(operation, { refusal });
        if (transactionId) return this.journal.answered(operation, { transactionId });
        this.journal.faults.push(`${operation.key}: neither transaction nor refusal`);
      } else if (reply.kind === 'again') {
        this.journal.refused(reply.code, reply.tookMs);
        await sleep(Math.min(reply.waitMs, 5_000));
      } else if (reply.code === 'UNAUTHENTICATED') {
        await signInAgain(client, by);
      } else {
        this.journal.faults.push(`${operation.key}: ${reply.text}`);
      }
      await sleep(BACKOFF_MS);
    }
  }
}
