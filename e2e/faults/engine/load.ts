import { setTimeout as sleep } from 'node:timers/promises';
import type { GraphClient } from './client';
import { Journal, type Operation, type OperationKind } from './journal';
import { accountOf, newPerson, type Person, signInAgain, type World } from './people';
import { workTill } from './till';
import { type Wish, Wishes } from './wishes';

const QUERIES: Readonly<Record<OperationKind, string>> = {
  PAYMENT: `mutation ($input: PayMerchantInput!) { payMerchant(input: $input) { transaction { id } userErrors { code } } }`,
  TRANSFER: `mutation ($input: SendMoneyInput!) { sendMoney(input: $input) { transaction { id } userErrors { code } } }`,
  TOP_UP: `mutation ($input: TopUpInput!) { topUp(input: $input) { transaction { id } userErrors { code } } }`,
  WITHDRAWAL: `mutation ($input: WithdrawInput!) { withdraw(input: $input) { transaction { id } userErrors { code } } }`,
  REFUND: `mutation ($input: RefundPaymentInput!) { refundPayment(input: $input) { transaction { id } userErrors { code } } }`,
};

const BACKOFF_MS = 150;
/** A broker or a database that is started on a machine with other work takes a minute and more. */
const SETTLE_MS = 240_000;
/** A person's day has room for 1,000 payments. */
const OPERATIONS_A_PERSON = 700;
const FIRST_TOP_UP = 500_000n;

const money = (minor: bigint) => ({
  amount: `${minor / 100n}.${String(minor % 100n).padStart(2, '0')}`, currency: 'USD',
});

const operation = (kind: OperationKind, key: string, by: Person, minor: bigint, input: Record<string, unknown>): Operation => ({
  kind, key, scope: by.id, minor, query: QUERIES[kind], attempts: 0, input: { ...input, amount: money(minor), idempotencyKey: key },
});

/** A client of the run: what it wants, and its payments by the number of the wish. */
interface Worker {
  readonly number: number;
  readonly wishes: Wishes;
  readonly paid: Map<number, Operation>;
}

/** Whoever carries what the clients send. */
export type Carrier = Pick<GraphClient, 'ask'>;

interface LoadOptions {
  readonly client: GraphClient;
  readonly world: World;
  readonly workers: number;
  readonly seed: number;
}

/**
 * Clients who pay, send, top up, withdraw and refund without end, and tills that have codes made. Each operation has its key from the start, and is sent under it
 * until it is answered: what a fault leaves open stays open for the client too.
 */
export class Load {
  readonly journal = new Journal();
  /** Throws where there is no platform any more that could answer, with what it said last. */
  mustRun: () => void = () => undefined;
  private running = false;
  private givenUp = false;
  private ended: Promise<void> = Promise.resolve();
  private readonly workers: readonly Worker[];
  private carrier: Carrier;

  constructor(private readonly options: LoadOptions) {
    const { seed, world } = options;
    const size = { people: world.people.length, shops: world.shops.length };
    this.workers = Array.from({ length: options.workers }, (_, number) => (
      { number, wishes: new Wishes({ seed, worker: number, ...size }), paid: new Map<number, Operation>() }
    ));
    this.carrier = options.client;
  }

  /** Puts money into the wallets. */
  async fund(): Promise<void> {
    await Promise.all(this.options.world.people.map((person) => this.fill(person)));
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    const { client, world: { shops } } = this.options;
    const tills = shops.filter((shop): shop is typeof shop & { storeId: string } => shop.storeId !== undefined);
    this.ended = Promise.all([
      ...this.workers.map((worker) => this.work(worker)), ...tills.map((shop) => workTill(client, shop, this.journal, () => this.running)),
    ]).then(() => undefined);
  }

  /** Begins nothing new, and sends what is open until each is answered; after `timeoutMs` it gives up, and throws what is open. */
  async settle(timeoutMs = SETTLE_MS): Promise<void> {
    this.running = false;
    const late = setTimeout(() => (this.givenUp = true), timeoutMs);
    await this.ended;
    clearTimeout(late);
    const open = this.journal.unknown();
    if (!open.length) return;
    const refusals = [...this.journal.refusals].map(([code, times]) => `${code} ${times} times`).join(', ');
    throw new Error(`${open.length} operations were never answered, first ${open[0]!.key} (${refusals})`);
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
      this.mustRun();
      if (performance.now() > end) throw new Error(`no ${answers} answers in ${timeoutMs} ms; ${[...this.journal.refusals].join(' ')}`);
    }
  }

  /** Has somebody else carry what is sent, who watches it, until the end. */
  watch(carrier: Carrier): { end(): void } {
    this.carrier = carrier;
    return { end: () => (this.carrier = this.options.client) };
  }

  private async work(worker: Worker): Promise<void> {
    const { people } = this.options.world;
    while (this.running) {
      const wish = worker.wishes.next();
      const person = people[wish.person]!;
      person.operations += 1;
      if (person.operations === OPERATIONS_A_PERSON) await this.replace(wish.person);
      const wanted = this.operationOf(wish, worker);
      if (wanted) await this.finish(wanted.operation, wanted.by, wish.again);
      await sleep(wish.pauseMs);
    }
  }

  /** Somebody new for somebody whose day is full. */
  private async replace(index: number): Promise<void> {
    const { world, client } = this.options;
    const person = await newPerson(client, accountOf(index));
    await this.fill(person);
    world.everybody.push(person);
    world.people[index] = person;
  }

  private async fill(person: Person): Promise<void> {
    const key = `first-${this.options.seed}`;
    await this.finish(operation('TOP_UP', key, person, FIRST_TOP_UP, { walletId: person.walletId, paymentMethodId: person.cardId }), person, false);
  }

  /** A wish as what is sent, and who sends it; nothing where it is to give back what was never paid. */
  private operationOf(wish: Wish, worker: Worker): { operation: Operation; by: Person } | undefined {
    const { world, seed } = this.options;
    const by = world.people[wish.person]!;
    const key = `${wish.kind.toLowerCase()}-${seed}-${worker.number}-${wish.n}`;
    const from = { walletId: by.walletId };
    const wanted = (person: Person, input: Record<string, unknown>) => ({ operation: operation(wish.kind, key, person, wish.minor, input), by: person });
    switch (wish.kind) {
      case 'TRANSFER': return wanted(by, { ...from, recipientEmail: world.people[wish.to]!.email });
      case 'TOP_UP': return wanted(by, { ...from, paymentMethodId: wish.from === 'card' ? by.cardId : by.bankAccountId });
      case 'WITHDRAWAL': return wanted(by, { ...from, paymentMethodId: by.bankAccountId });
      case 'PAYMENT': {
        const payment = wanted(by, { ...from, merchantId: world.shops[wish.shop]!.id });
        worker.paid.set(wish.n, payment.operation);
        return payment;
      }
      case 'REFUND': {
        const { transactionId, input } = worker.paid.get(wish.of)!;
        const shop = world.shops.find(({ id }) => id === input['merchantId'])!;
        return transactionId === undefined ? undefined : wanted(shop.owner, { transactionId });
      }
    }
  }

  /** Sends an operation until it is answered, and where that is wanted once more. */
  private async finish(operation: Operation, by: Person, again: boolean): Promise<void> {
    this.journal.operations.push(operation);
    await this.untilAnswered(operation, by);
    if (again) await this.untilAnswered(operation, by);
  }

  private async untilAnswered(operation: Operation, by: Person): Promise<void> {
    const { client } = this.options;
    while (!this.givenUp) {
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
