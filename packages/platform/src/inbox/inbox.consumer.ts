import type { BusConsumer, BusMessage } from '../bus';
import { deadLetterOf, deadLetterTopic } from '../bus/dead-letters';
import { backoffMs, createPause, type Pause } from '../bus/pause';
import { failpoint } from '../failpoint';
import type { HealthCheck } from '../http';
import { inTransaction, type Tx } from '../postgres';
import { Poison } from './dead-letters';
import { causeOf, isBusy, verdictOn } from './inbox.failure';
import { deadLetters, measureAge, measureBatch, measureLag, measureTransaction } from './inbox.metrics';
import type { BatchHandler, EventConsumerOptions, EventHandler } from './inbox.options';
import { workOffTraced } from './inbox.tracing';
import { SharedTransactions } from './inbox.transactions';
import { type InboxTrimming, startInboxTrimming } from './inbox.trimming';

export interface EventConsumer {
  readonly health: HealthCheck;
  stop(): Promise<void>;
}

const BACKOFF = { firstMs: 50, mostMs: 5_000 };
// Soon again: a database or a bus that comes back is to be found within the second.
const AWAY = { firstMs: 50, mostMs: 1_000 };
const BATCH_SIZE = 200;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Starts a consumer with an inbox: what waits is one transaction; where it fails, its messages are worked off in halves, so
 * that only the guilty one waits and, in the end, goes to `<topic>.<group>.dlq` with its cause while the others go on.
 * Where the bus is away it resolves too, is not ready, and joins once the bus is back.
 */
export async function startEventConsumer(options: EventConsumerOptions): Promise<EventConsumer> {
  const consumer = new InboxConsumer(options);
  await consumer.firstTry;
  return consumer;
}

/** Ends what waits where the consumer stops: the bus delivers the batch again, to whoever comes next. */
class Stopped extends Error {
  constructor() {
    super('the consumer is stopping');
    this.name = 'Stopped';
  }
}

class InboxConsumer implements EventConsumer {
  /** Resolves when the group is joined for the first time, or could not be. */
  readonly firstTry: Promise<void>;
  private readonly pauses = new Set<Pause>();
  private consumer: BusConsumer | undefined;
  private stopping = false;
  private cause: string | undefined = 'not joined yet';
  private readonly joined: Promise<void>;
  private readonly transactions: SharedTransactions;
  private readonly handleBatch: BatchHandler;
  private readonly trimming: InboxTrimming;

  constructor(private readonly options: EventConsumerOptions) {
    const { dataSource, group, log, bus, topics, inboxDays, batchSizeMax = BATCH_SIZE } = options;
    this.handleBatch = options.handleBatch ?? oneByOne(options.handle);
    this.transactions = new SharedTransactions((messages) => this.inOneTransaction(messages), batchSizeMax);
    this.trimming = startInboxTrimming({ dataSource, group, log, ...(inboxDays === undefined ? {} : { days: inboxDays }) });
    measureLag(bus, group, topics);
    let tried: () => void = () => undefined;
    this.firstTry = new Promise((resolve) => (tried = resolve));
    this.joined = this.join(tried);
  }

  readonly health: HealthCheck = () => {
    if (this.cause) return { ready: false, cause: this.cause };
    return this.consumer?.health() ?? { ready: false, cause: 'not joined yet' };
  };

  async stop(): Promise<void> {
    this.stopping = true;
    this.pauses.forEach((pause) => pause.wake());
    await this.joined;
    await this.consumer?.stop();
    await this.trimming.stop();
  }

  private async join(tried: () => void): Promise<void> {
    const { bus, topics, group, log, batchSizeMax = BATCH_SIZE } = this.options;
    for (let attempt = 1; !this.stopping && !this.consumer; attempt++) {
      try {
        await bus.ensureTopics(topics.map((topic) => ({ name: deadLetterTopic(topic, group), partitions: 1 })));
        this.consumer = await bus.subscribe({ group, topics, batchSizeMax, onBatch: (messages) => this.take(messages) });
        this.cause = undefined;
      } catch (error) {
        this.cause = `the bus does not answer: ${(error as Error).message}`;
        log.warn({ error, group, attempt }, 'the consumer could not join its group');
        tried();
        await this.wait(attempt, AWAY);
      }
    }
    tried();
  }

  private async take(messages: readonly BusMessage[]): Promise<void> {
    const { group, passOver = () => false } = this.options;
    const wanted = await this.wantedOf(messages.filter((message) => !passOver(message)));
    for (const { word, messages: run } of runsOf(wanted, this.options.together)) {
      await this.workOff(run, (all) => (word === undefined ? this.transactions.alone(all) : this.transactions.share(all, word)));
    }
    measureAge(group, wanted);
  }

  private async wantedOf(messages: readonly BusMessage[]): Promise<readonly BusMessage[]> {
    const { group, log, wantedOf } = this.options;
    if (!wantedOf || messages.length === 0) return messages;
    try {
      return await wantedOf(messages);
    } catch (error) {
      log.warn({ error, group, messages: messages.length }, 'it could not be read which messages are wanted, so all are');
      return messages;
    }
  }

  /** Works off messages in one transaction; where that fails, one half after the other. */
  private async workOff(
    messages: readonly BusMessage[], inTransaction: (messages: readonly BusMessage[]) => Promise<void>,
  ): Promise<void> {
    const { group, log } = this.options;
    if (messages.every((message) => UUID.test(eventIdOf(message)))) {
      try {
        await this.insist(() => inTransaction(messages), (error) => messages.length > 1 && isBusy(error));
        return;
      } catch (error) {
        if (error instanceof Stopped) throw error;
        log.warn({ error, group, messages: messages.length }, 'a transaction failed, its messages are worked off apart');
      }
    }
    if (messages.length === 1) return this.workOffOne(messages[0]!);
    const middle = messages.length >> 1;
    for (const half of [messages.slice(0, middle), messages.slice(middle)]) {
      await this.workOff(half, (all) => this.transactions.alone(all));
    }
  }

  /** The effects of all messages that are new, and their inbox rows, commit together. */
  private async inOneTransaction(messages: readonly BusMessage[]): Promise<void> {
    const { dataSource, group } = this.options;
    const begun = performance.now();
    await inTransaction(dataSource, async (tx) => {
      const fresh = await remember(tx, group, messages.map(eventIdOf));
      // Taken out of the set as it is met: the same event may stand in a batch twice.
      const first = messages.filter((message) => fresh.delete(eventIdOf(message)));
      measureBatch(group, messages.length, first.length);
      if (first.length > 0) await workOffTraced(group, first, (all) => this.handleBatch(tx, all));
      failpoint('consumer.before-commit');
    });
    measureTransaction(group, performance.now() - begun);
    failpoint('consumer.after-commit');
  }

  private async workOffOne(message: BusMessage): Promise<void> {
    const { attemptsMax = 5 } = this.options;
    let firstFailedAt: Date | undefined;
    for (let attempts = 1; ; attempts++) {
      try {
        if (!UUID.test(eventIdOf(message))) throw new Poison('the message has no ce_id, or it is no UUID');
        await this.insist(() => this.transactions.alone([message]));
        return;
      } catch (error) {
        if (error instanceof Stopped) throw error;
        firstFailedAt ??= new Date();
        if (verdictOn(error) === 'poison' || attempts >= attemptsMax) {
          await this.bury(message, { cause: causeOf(error), attempts, firstFailedAt });
          return;
        }
        await this.wait(attempts);
        if (this.stopping) throw new Stopped();
      }
    }
  }

  /**
   * Hands a message to the dead letters, for as long as that takes. It gets no inbox row: replayed, it is worked off. A
   * crash right after leaves a second dead letter of it, which does no harm.
   */
  private async bury(message: BusMessage, failure: { cause: string; attempts: number; firstFailedAt: Date }): Promise<void> {
    const { bus, group, log } = this.options;
    for (let attempt = 1; ; attempt++) {
      try {
        await bus.publish([deadLetterOf(message, group, failure)]);
        deadLetters.inc({ group });
        const { topic, partition, offset } = message;
        log.error({ group, topic, partition, offset: offset.toString(), eventId: eventIdOf(message), ...failure }, 'a dead letter');
        return;
      } catch (error) {
        log.warn({ error, group, attempt }, 'the bus does not take a dead letter');
        await this.wait(attempt);
        if (this.stopping) throw new Stopped();
      }
    }
  }

  /** Repeats `work` while the database is away or busy. Any other error is thrown, and where the work can be parted, `parts` too. */
  private async insist(work: () => Promise<void>, parts: (error: unknown) => boolean = () => false): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      if (this.stopping) throw new Stopped();
      try {
        await work();
        this.cause = undefined;
        return;
      } catch (error) {
        if (verdictOn(error) !== 'wait' || parts(error)) throw error;
        this.cause = 'the database does not answer';
        this.options.log.warn({ error, group: this.options.group, attempt }, 'the consumer waits for the database');
        await this.wait(attempt, AWAY);
      }
    }
  }

  private async wait(attempt: number, bounds = BACKOFF): Promise<void> {
    if (this.stopping) return;
    const pause = createPause();
    this.pauses.add(pause);
    await pause.wait(backoffMs(attempt, bounds));
    this.pauses.delete(pause);
  }
}

function oneByOne(handle: EventHandler): BatchHandler {
  return async (tx, messages) => {
    for (const message of messages) await handle(tx, message);
  };
}

interface Run {
  readonly word: string | undefined;
  readonly messages: readonly BusMessage[];
}

/** Parts messages of one partition, in their order, into runs that may be one transaction each. */
export function runsOf(messages: readonly BusMessage[], together: EventConsumerOptions['together'] = () => ''): Run[] {
  const runs: { word: string | undefined; messages: BusMessage[] }[] = [];
  for (const message of messages) {
    const word = together(message);
    const last = runs.at(-1);
    if (last && word !== undefined && last.word === word) last.messages.push(message);
    else runs.push({ word, messages: [message] });
  }
  return runs;
}

const eventIdOf = (message: BusMessage): string => message.headers['ce_id']?.toLowerCase() ?? '';

/** Writes the inbox rows of events; gives the ids of those that were not there before. */
async function remember(tx: Tx, group: string, eventIds: readonly string[]): Promise<Set<string>> {
  // In one order, so that two batches with the same events cannot wait for each other in a circle.
  const rows: { eventId: string }[] = await tx.query(
    `/* inbox.remember */ INSERT INTO inbox (consumer, "eventId")
     SELECT $1, id FROM unnest($2::uuid[]) AS e (id) ORDER BY id
     ON CONFLICT DO NOTHING RETURNING "eventId"`,
    [group, eventIds],
  );
  return new Set(rows.map((row) => row.eventId));
}
