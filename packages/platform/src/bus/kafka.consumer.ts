import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { Logger } from '../log';
import type { BusConsumer, BusMessage, ConsumerOptions } from './bus.port';
import { withDeadline } from './deadline';
import { busMessage } from './kafka.message';
import { backoffMs, createPause, type Pause } from './pause';
import { createSlots } from './slots';

const BATCH_SIZE = 500;
// Batches of different partitions run side by side, but never more than a service's pool of connections can bear.
const PARTITIONS_AT_ONCE = 4;
// A batch that takes longer goes on beside the fetch loop, which must not stand still for one slow partition.
const INLINE_MS = 50;
const REDELIVERY = { firstMs: 100, mostMs: 5_000 };
const RESTART = { firstMs: 250, mostMs: 5_000 };
// kafkajs is known to hang now and then on a dropped connection: nothing fetched for so long means start anew.
const SILENCE_MS = 30_000;
const DISCONNECT_MS = 5_000;

/**
 * A member of a group. kafkajs only fetches and keeps the membership; batches run in a lane per partition of ours, so that
 * a slow or refused batch neither stops the other partitions nor the heartbeats. A crashed kafkajs consumer is replaced.
 */
export class KafkaConsumer implements BusConsumer {
  private readonly lanes = new Map<string, Promise<void>>();
  private readonly pauses = new Set<Pause>();
  private readonly slots = createSlots(PARTITIONS_AT_ONCE);
  private readonly restart = createPause();
  /** Counts the assignments: what was fetched under an older one is dropped, since it comes again. */
  private epoch = 0;
  private faults = 0;
  private heardAt = performance.now();
  private cause: string | undefined = 'joining the group';
  private stopping = false;
  private endRound: () => void = () => undefined;
  private readonly ended: Promise<void>;

  constructor(
    private readonly client: Kafka,
    private readonly options: ConsumerOptions,
    private readonly log: Logger,
  ) {
    this.ended = this.run();
  }

  health(): { ready: boolean; cause?: string } {
    return this.cause === undefined ? { ready: true } : { ready: false, cause: this.cause };
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.cause = 'stopped';
    this.pauses.forEach((pause) => pause.wake());
    // Running batches commit before the group is left: after that their offsets would be refused.
    await Promise.all(this.lanes.values());
    this.restart.wake();
    this.endRound();
    await this.ended;
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      await this.runOnce();
      if (this.stopping) return;
      this.faults += 1;
      await this.restart.wait(backoffMs(this.faults, RESTART));
    }
  }

  /** Runs one kafkajs consumer until it crashes, falls silent or is stopped. Never throws. */
  private async runOnce(): Promise<void> {
    const { group, topics } = this.options;
    const consumer = this.client.consumer({
      groupId: group,
      allowAutoTopicCreation: false,
      sessionTimeout: 6_000,
      heartbeatInterval: 500,
      rebalanceTimeout: 10_000,
      maxWaitTimeInMs: 100,
      metadataMaxAge: 60_000,
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 5, restartOnFailure: async () => false },
    });
    let watch: NodeJS.Timeout | undefined;
    try {
      const over = this.endOf(consumer);
      over.catch(() => undefined);
      await consumer.connect();
      await consumer.subscribe({ topics: [...topics], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
        eachBatch: (payload) => this.onFetched(payload),
      });
      this.heardAt = performance.now();
      watch = setInterval(() => this.checkSilence(), 1_000);
      await over;
    } catch (error) {
      if (!this.stopping) {
        this.cause = `not in the group: ${(error as Error).message}`;
        this.log.warn({ error, group }, 'the consumer starts anew');
      }
    } finally {
      clearInterval(watch);
      this.epoch += 1;
      await withDeadline(consumer.disconnect(), DISCONNECT_MS, 'leaving the group').catch((error: unknown) => {
        this.log.debug({ error, group }, 'the consumer did not leave cleanly');
      });
    }
  }

  /** Resolves where this consumer is stopped, rejects where kafkajs gives up or is silent. */
  private endOf(consumer: Consumer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.endRound = () => (this.stopping ? resolve() : reject(new Error('the broker has gone silent')));
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
      consumer.on(consumer.events.FETCH, () => {
        this.heardAt = performance.now();
      });
      consumer.on(consumer.events.GROUP_JOIN, () => {
        this.epoch += 1;
        this.faults = 0;
        if (!this.stopping) this.cause = undefined;
      });
    });
  }

  private checkSilence(): void {
    if (performance.now() - this.heardAt > SILENCE_MS) this.endRound();
  }

  /** Takes what was fetched into the partition's lane; comes back when it is worked off, or soon with it paused. */
  private async onFetched(payload: EachBatchPayload): Promise<void> {
    const { topic, partition } = payload.batch;
    const name = `${topic}/${partition}`;
    if (this.stopping) return void payload.pause();
    const messages = payload.batch.messages.map((message) => busMessage(topic, partition, message));
    const { epoch } = this;
    const work = (this.lanes.get(name) ?? Promise.resolve()).then(() => this.workOff(payload, messages, epoch));
    this.lanes.set(name, work);
    // The fetch position moves on at once; the committed offset only follows the work.
    payload.resolveOffset(payload.batch.lastOffset());

    let resume: (() => void) | undefined;
    const done = work.finally(() => {
      if (this.lanes.get(name) === work) this.lanes.delete(name);
      resume?.();
    });
    const inTime = await Promise.race([done.then(() => true), new Promise<false>((resolve) => {
      setTimeout(() => resolve(false), INLINE_MS).unref();
    })]);
    if (!inTime) resume = payload.pause();
  }

  /** Works off messages of one partition, however often they are refused, until the assignment changes. Never throws. */
  private async workOff(payload: EachBatchPayload, messages: readonly BusMessage[], epoch: number): Promise<void> {
    const size = this.options.batchSizeMax ?? BATCH_SIZE;
    const isOver = (): boolean => this.stopping || this.epoch !== epoch;
    for (let from = 0; from < messages.length; from += size) {
      const batch = messages.slice(from, from + size);
      const worked = await this.insist(isOver, 'a batch comes again', () => this.options.onBatch(batch));
      if (!worked) return;
      const offset = (batch.at(-1)!.offset + 1n).toString();
      const { topic, partition } = batch[0]!;
      const topics = [{ topic, partitions: [{ partition, offset }] }];
      // A batch that was worked off is committed also while stopping; only another assignment makes that void.
      const isLost = (): boolean => this.epoch !== epoch;
      const committed = await this.insist(isLost, 'a commit is repeated', () => payload.commitOffsetsIfNecessary({ topics }));
      if (!committed) return;
    }
  }

  /** Repeats `work` with growing pauses until it succeeds, or gives false once `isOver`. */
  private async insist(isOver: () => boolean, what: string, work: () => Promise<void>): Promise<boolean> {
    const pause = createPause();
    for (let attempts = 1; !isOver(); attempts++) {
      try {
        await this.slots(work);
        return true;
      } catch (error) {
        this.log.warn({ error, group: this.options.group, attempts }, what);
        this.pauses.add(pause);
        if (!isOver()) await pause.wait(backoffMs(attempts, REDELIVERY));
        this.pauses.delete(pause);
      }
    }
    return false;
  }
}
