import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { Logger } from '../log';
import { gauge } from '../metrics';
import type { BusConsumer, ConsumerOptions } from './bus.port';
import { withDeadline } from './deadline';
import { Commits } from './kafka.commits';
import type { Fetched, Lane } from './kafka.lane';
import { type Assignment, Lanes } from './kafka.lanes';
import { busMessage } from './kafka.message';
import { Room } from './kafka.room';
import { backoffMs, createPause, type Pause } from './pause';
import { createSlots } from './slots';

const BATCH_SIZE = 500;
// Batches of different partitions run side by side; the inbox bounds how many transactions they make of it.
const PARTITIONS_AT_ONCE = 16;
const REDELIVERY = { firstMs: 100, mostMs: 5_000 };
// Soon again: a broker that comes back is to be found within the second.
const RESTART = { firstMs: 250, mostMs: 1_000 };
// A fetch is answered as soon as there is a message: this bounds only how long the broker lets an idle one wait.
const FETCH_WAIT_MS = 500;
// After a fetch that brought less than a batch the next one waits for a moment: what comes meanwhile is one batch, not many of one.
const FETCH_PACE_MS = 40;
// Of one partition, so that what comes on top of the room for all of them stays small. A larger message comes alone.
const FETCH_BYTES_MAX = 256 * 1_024;
const COMMIT_MS = 200;
// A member that died is out of its group after so long, and its partitions go to others. A broker may demand more.
const SESSION_MS = 3_000;
const SESSION_SAFE_MS = 6_000;
// kafkajs is known to hang now and then on a dropped connection: nothing fetched for so long means start anew.
const SILENCE_MS = 30_000;
const DISCONNECT_MS = 5_000;

/**
 * A member of a group. kafkajs only fetches and keeps the membership; batches run in a lane per partition of ours, so that
 * a slow or refused batch neither stops the other partitions nor the heartbeats. A crashed kafkajs consumer is replaced.
 */
export class KafkaConsumer implements BusConsumer {
  private readonly lanes: Lanes;
  private readonly batchSizeMax: number;
  private readonly commits: Commits;
  private readonly pauses = new Set<Pause>();
  private readonly slots = createSlots(PARTITIONS_AT_ONCE);
  private readonly restart = createPause();
  /** Counts the kafkajs consumers: one that hangs and comes back after it was replaced is not listened to. */
  private round = 0;
  private faults = 0;
  private sessionMs = SESSION_MS;
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
    this.commits = new Commits(log);
    this.batchSizeMax = options.batchSizeMax ?? BATCH_SIZE;
    const room = new Room(options.waitingBytesMax);
    this.lanes = new Lanes(room);
    gauge({
      name: 'tael_consumer_waiting_bytes',
      help: 'What messages take up in memory, about, that a consumer has fetched and not worked off yet.',
      labels: ['group'],
      collect: (level) => level.set({ group: options.group }, room.bytes),
    });
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
    await this.lanes.idle();
    await this.commits.flush();
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
      sessionTimeout: this.sessionMs,
      heartbeatInterval: 500,
      rebalanceTimeout: 10_000,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      maxBytesPerPartition: FETCH_BYTES_MAX,
      metadataMaxAge: 60_000,
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 5, restartOnFailure: async () => false },
    });
    const round = ++this.round;
    let watch: NodeJS.Timeout | undefined;
    let committing: NodeJS.Timeout | undefined;
    try {
      const over = this.endOf(consumer, round);
      over.catch(() => undefined);
      await consumer.connect();
      await consumer.subscribe({ topics: [...topics], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
        eachBatch: async (payload) => {
          if (round === this.round) await this.onFetched(payload, consumer);
          else payload.pause();
        },
      });
      this.heardAt = performance.now();
      watch = setInterval(() => this.checkSilence(), 1_000);
      committing = setInterval(() => void this.commits.commit(), COMMIT_MS);
      await over;
    } catch (error) {
      this.widenSession(error);
      if (!this.stopping) {
        this.cause = `not in the group: ${(error as Error).message}`;
        this.log.warn({ error, group }, 'the consumer starts anew');
      }
    } finally {
      clearInterval(watch);
      clearInterval(committing);
      this.round += 1;
      this.lanes.closeAll();
      this.commits.forget();
      await withDeadline(consumer.disconnect(), DISCONNECT_MS, 'leaving the group').catch((error: unknown) => {
        this.log.debug({ error, group }, 'the consumer did not leave cleanly');
      });
    }
  }

  /** Resolves where this consumer is stopped, rejects where kafkajs gives up or is silent. */
  private endOf(consumer: Consumer, round: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.endRound = () => (this.stopping ? resolve() : reject(new Error('the broker has gone silent')));
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
      consumer.on(consumer.events.FETCH, () => {
        this.heardAt = performance.now();
      });
      consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
        if (round !== this.round) return;
        this.takeOver(payload.memberId, payload.memberAssignment);
        this.faults = 0;
        if (!this.stopping) this.cause = undefined;
      });
    });
  }

  private checkSilence(): void {
    if (performance.now() - this.heardAt > SILENCE_MS) this.endRound();
  }

  /** Begins an assignment. What stays is committed anew: a commit of the assignment before may have been refused. */
  private takeOver(memberId: string, assignment: Assignment): void {
    this.commits.forget();
    for (const { topic, partition, workedTo } of this.lanes.assign(memberId, assignment)) {
      this.commits.note({ topic, partition, next: workedTo });
    }
  }

  /** A broker of others may have a lower bound for sessions that is above ours: then its default is kept to. */
  private widenSession(error: unknown): void {
    if ((error as { type?: string }).type === 'INVALID_SESSION_TIMEOUT') this.sessionMs = SESSION_SAFE_MS;
  }

  /** Takes what was fetched into the partition's lane, and lets the fetch loop go on, whatever becomes of it. */
  private async onFetched(payload: EachBatchPayload, consumer: Consumer): Promise<void> {
    const { topic, partition } = payload.batch;
    if (this.stopping) return void payload.pause();
    // Asked for before a rebalance that gave the partition to somebody else.
    const lane = this.lanes.of(topic, partition);
    if (!lane) return;
    const goOn = lane.add(fetchedOf(payload));
    if (goOn !== undefined) return consumer.seek({ topic, partition, offset: goOn.toString() });
    // The fetch position moves on; the committed offset only follows the work.
    payload.resolveOffset(payload.batch.lastOffset());
    lane.bound(() => this.pause(consumer, [{ topic, partitions: [partition] }]));
    this.commits.through(payload.commitOffsetsIfNecessary);
    if (!lane.isEmpty) lane.running ??= this.empty(lane);
    if (payload.batch.messages.length < this.batchSizeMax) await new Promise((resolve) => setTimeout(resolve, FETCH_PACE_MS));
  }

  /** Pauses fetching; gives what ends the pause. Not the payload's own pause: that keeps all that it came with in memory. */
  private pause(consumer: Consumer, places: { topic: string; partitions: number[] }[]): () => void {
    const { round } = this;
    consumer.pause(places);
    return () => {
      if (round === this.round) consumer.resume(places);
    };
  }

  /** Works off what waits in a lane, and what comes meanwhile, batch after batch. Never throws. */
  private async empty(lane: Lane): Promise<void> {
    const isOver = (): boolean => this.stopping || lane.isClosed;
    await lane.before;
    for (;;) {
      // Of a lane that is closed there is none.
      const batch = this.stopping ? [] : lane.take(this.batchSizeMax);
      const last = batch.at(-1);
      if (!last) {
        // At once with the look that found nothing: what is fetched next starts the work anew.
        lane.running = undefined;
        return;
      }
      const worked = await this.insist(isOver, () => this.options.onBatch(batch));
      if (!worked || lane.isClosed) continue;
      lane.workedTo = last.offset + 1n;
      this.commits.note({ topic: last.topic, partition: last.partition, next: lane.workedTo });
    }
  }

  /** Repeats `work` with growing pauses until it succeeds, or gives false once `isOver`. */
  private async insist(isOver: () => boolean, work: () => Promise<void>): Promise<boolean> {
    const pause = createPause();
    for (let attempts = 1; !isOver(); attempts++) {
      try {
        await this.slots(work);
        return true;
      } catch (error) {
        this.log.warn({ error, group: this.options.group, attempts }, 'a batch comes again');
        this.pauses.add(pause);
        if (!isOver()) await pause.wait(backoffMs(attempts, REDELIVERY));
        this.pauses.delete(pause);
      }
    }
    return false;
  }
}

/** kafkajs keeps on the batch, beyond its types, which offset was asked for: a gap before the first message is the log's own. */
function fetchedOf({ batch }: EachBatchPayload): Fetched {
  const { fetchedOffset } = batch as unknown as { fetchedOffset: string };
  return {
    from: BigInt(fetchedOffset),
    messages: batch.messages.map((message) => busMessage(batch.topic, batch.partition, message)),
  };
}
