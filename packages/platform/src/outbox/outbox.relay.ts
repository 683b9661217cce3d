import type { DataSource } from 'typeorm';
import type { Bus } from '../bus';
import { failpoint } from '../failpoint';
import { backoffMs, createPause } from '../bus/pause';
import type { Logger } from '../log';
import { counter, gauge } from '../metrics';
import { onCommit } from '../postgres/transaction';
import { outboxBacklog } from './outbox';
import { createHorizonAge } from './horizon';
import { openSession, type OutboxSession, type Position, type SessionTimes } from './outbox.session';
import { publishTraced } from './outbox.tracing';

/** Hands the rows of the outbox to the bus, in the order of their commits, at least once. */
export interface OutboxRelay {
  /** A HealthCheck for /ready. */
  readonly health: () => Promise<OutboxHealth>;
  stop(): Promise<void>;
}

/** Ready also while the bus is away: the outbox keeps what is committed. The cause and the lag are for the operator. */
export interface OutboxHealth {
  readonly ready: true;
  readonly cause?: string;
  /** Whether this instance is the one that works. */
  readonly leader: boolean;
  /** Committed events that are not handed on yet, and the age of the oldest. */
  readonly waiting: number;
  readonly oldestMs: number;
}

export interface OutboxRelayOptions {
  dataSource: DataSource;
  bus: Bus;
  log: Logger;
  /** How long the relay rests where nothing is waiting and no commit of this process wakes it, 40 ms unless told. */
  pollMs?: number;
  /** How long it rests at most, where it has found nothing again and again, 200 ms unless told. */
  pollMaxMs?: number;
  /** The most rows of one publish, 1,000 unless told. */
  batchSizeMax?: number;
  /** How long its session may take; tests want it shorter. */
  sessionTimes?: SessionTimes;
}

const STAND_BY_MS = 500;
// A transaction that is about to end holds the rows behind it back: after a wake-up one quick look more pays.
const SECOND_LOOK_MS = 5;
// Batches begin at least so far apart: what commits meanwhile goes along, instead of a round trip for each.
const PACE_MS = 25;
// Soon again: a broker that comes back is to be found within the second.
const BACKOFF = { firstMs: 100, mostMs: 1_000 };
// Older rows that nothing hinders mean that a transaction somewhere on the server holds the horizon back.
const HORIZON_MS = 10_000;

const handedOn = counter({ name: 'tael_outbox_events_total', help: 'Events that the relay has handed to the bus.', labels: ['type'] });

function measureBacklog(dataSource: DataSource): void {
  gauge({
    name: 'tael_outbox_waiting_events',
    help: 'Committed events that are not handed on yet.',
    collect: async (level) => level.set(Number((await outboxBacklog(dataSource)).rows)),
  });
  gauge({
    name: 'tael_outbox_oldest_seconds',
    help: 'Age of the oldest event that is not handed on yet: the lag of the relay.',
    collect: async (level) => level.set((await outboxBacklog(dataSource)).oldestMs / 1_000),
  });
  const horizonAge = createHorizonAge(dataSource);
  gauge({
    name: 'tael_outbox_horizon_age_seconds',
    help: 'How long a transaction somewhere on the server has held the relay back.',
    collect: async (level) => level.set((await horizonAge()) / 1_000),
  });
}

/** Starts the relay of a service's outbox. Of several instances one works, the others stand by. */
export function createOutboxRelay(options: OutboxRelayOptions): OutboxRelay {
  return new Relay(options);
}

class Relay implements OutboxRelay {
  private readonly pause = createPause();
  private readonly removeListener: () => void;
  private stopping = false;
  private isLeader = false;
  private cause: string | undefined;
  private faults = 0;
  private woken = false;
  private emptyLooks = 0;
  private readonly ended: Promise<void>;

  constructor(private readonly options: OutboxRelayOptions) {
    this.removeListener = onCommit(options.dataSource, () => {
      this.woken = true;
      this.pause.wake();
    });
    measureBacklog(options.dataSource);
    this.ended = this.run();
  }

  readonly health = async (): Promise<OutboxHealth> => {
    const { rows, oldestMs } = await outboxBacklog(this.options.dataSource);
    const held = this.isLeader && oldestMs > HORIZON_MS ? 'an old transaction on the server holds the outbox back' : undefined;
    const cause = this.cause ?? held;
    return { ready: true, leader: this.isLeader, waiting: Number(rows), oldestMs, ...(cause ? { cause } : {}) };
  };

  async stop(): Promise<void> {
    this.stopping = true;
    this.removeListener();
    this.pause.wake();
    await this.ended;
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      let session: OutboxSession | undefined;
      try {
        session = await openSession(this.options.dataSource, this.options.sessionTimes);
        await this.leadWith(session);
      } catch (error) {
        this.fault(error, 'the outbox cannot be read');
      }
      this.isLeader = false;
      await session?.close().catch(() => undefined);
      if (!this.stopping) await this.rest(backoffMs(Math.max(this.faults, 1), BACKOFF));
    }
  }

  /** Stands by until this session leads, then hands on batch after batch until the relay stops or loses its office. */
  private async leadWith(session: OutboxSession): Promise<void> {
    while (!(await session.lead())) {
      this.healed();
      if (this.stopping) return;
      await this.rest(STAND_BY_MS);
      if (this.stopping) return;
    }
    this.isLeader = true;
    let position: Position | undefined = await session.position();
    while (position && !this.stopping) position = await this.handOn(session, position);
  }

  /** Publishes one batch and moves the cursor over it. Gives the new position, or undefined where another relay leads. */
  private async handOn(session: OutboxSession, position: Position): Promise<Position | undefined> {
    const { batchSizeMax = 1_000, bus } = this.options;
    const wasWoken = this.woken;
    const begun = performance.now();
    this.woken = false;
    const rows = await session.next(position, batchSizeMax);
    const last = rows.at(-1);
    if (!last) {
      this.healed();
      await this.rest(wasWoken ? SECOND_LOOK_MS : this.pollMs());
      return position;
    }
    this.emptyLooks = 0;
    failpoint('relay.read');
    try {
      await publishTraced((messages) => bus.publish(messages), rows.map((row) => row.message));
    } catch (error) {
      this.fault(error, 'the bus does not take events');
      await this.backOff();
      return position;
    }
    failpoint('relay.published');
    const reached = { xid: last.xid, id: last.id };
    if (await session.advance(position, reached)) {
      failpoint('relay.marked');
      this.healed();
      for (const { message } of rows) handedOn.inc({ type: message.headers['ce_type'] ?? 'unknown' });
      if (rows.length < batchSizeMax) await this.restUntil(begun + PACE_MS);
      return reached;
    }
    this.fault(new Error('the cursor was moved by another session'), 'the relay gives up its office');
    return undefined;
  }

  /** Waits in full: commits go on while the bus is away, and must not turn the back-off into a storm. */
  private async backOff(): Promise<void> {
    await this.restUntil(performance.now() + backoffMs(this.faults, BACKOFF));
  }

  /** Gives how long to rest after a look that found nothing: longer with each, since who commits here wakes the relay. */
  private pollMs(): number {
    const { pollMs = 40, pollMaxMs = 200 } = this.options;
    this.emptyLooks += 1;
    return Math.min(pollMs * 2 ** Math.min(Math.floor(this.emptyLooks / 8), 10), Math.max(pollMs, pollMaxMs));
  }

  private async restUntil(end: number): Promise<void> {
    while (!this.stopping && performance.now() < end) await this.rest(end - performance.now());
  }

  private async rest(milliseconds: number): Promise<void> {
    if (!this.stopping) await this.pause.wait(milliseconds);
  }

  private fault(error: unknown, what: string): void {
    this.faults += 1;
    this.cause = `${what}: ${(error as Error).message}`;
    this.options.log.warn({ error, faults: this.faults }, what);
  }

  private healed(): void {
    if (this.faults > 0) this.options.log.info({ faults: this.faults }, 'the outbox is handed on again');
    this.faults = 0;
    this.cause = undefined;
  }
}
