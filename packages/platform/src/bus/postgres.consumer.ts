import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import type { Logger } from '../log';
import type { BusConsumer, BusMessage, ConsumerOptions } from './bus.port';
import { backoffMs, createPause } from './pause';
import { type Claim, commit, leave, type Membership, nameOf, renew } from './postgres.group';
import { type MessageRow, messageOf } from './postgres.message';

/** How fast a consumer of the Postgres bus looks around. */
export interface ConsumerTiming {
  readonly pollMs: number;
  readonly heartbeatMs: number;
  /** A member that has not been heard of for so long is dead. */
  readonly leaseMs: number;
}

export const CONSUMER_TIMING: ConsumerTiming = { pollMs: 40, heartbeatMs: 500, leaseMs: 5_000 };

const BATCH_SIZE = 500;
// Batches of different partitions run side by side, but never more than a service's pool of connections can bear.
const PARTITIONS_AT_ONCE = 4;
const REDELIVERY = { firstMs: 100, mostMs: 5_000 };

export interface PostgresConsumerParts {
  readonly pool: Pool;
  readonly log: Logger;
  readonly options: ConsumerOptions;
  readonly timing: ConsumerTiming;
  /** Registers the function that wakes this consumer; gives the one that removes it. */
  readonly onPublish: (wake: () => void) => () => void;
}

/** A member of a group: keeps its lease, works off the partitions that it owns, and commits behind a fence. */
export class PostgresConsumer implements BusConsumer {
  private readonly pause = createPause();
  private readonly membership: Membership;
  private readonly removeWake: () => void;
  private readonly running = new Map<string, Promise<void>>();
  /** Owned partitions by name; `committed` moves on with each commit. */
  private claims = new Map<string, Claim>();
  private readonly failures = new Map<string, { attempts: number; notBefore: number }>();
  private beatAt = -Infinity;
  private cause: string | undefined = 'joining the group';
  private stopping = false;
  private readonly ended: Promise<void>;

  constructor(private readonly parts: PostgresConsumerParts) {
    const { group, topics } = parts.options;
    this.membership = { group, topics, member: randomUUID(), leaseMs: parts.timing.leaseMs };
    this.removeWake = parts.onPublish(() => this.pause.wake());
    this.ended = this.run();
  }

  health(): { ready: boolean; cause?: string } {
    return this.cause === undefined ? { ready: true } : { ready: false, cause: this.cause };
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.cause = 'stopped';
    this.pause.wake();
    await this.ended;
  }

  private async run(): Promise<void> {
    let faults = 0;
    while (!this.stopping) {
      try {
        if (performance.now() - this.beatAt >= this.parts.timing.heartbeatMs) await this.beat();
        await this.startWaiting();
        if (!this.stopping) this.cause = undefined;
        faults = 0;
        await this.pause.wait(this.parts.timing.pollMs);
      } catch (error) {
        faults += 1;
        this.cause = `the bus database does not answer: ${(error as Error).message}`;
        this.parts.log.warn({ error, group: this.membership.group }, 'the consumer cannot reach the bus');
        await this.pause.wait(backoffMs(faults, REDELIVERY));
      }
    }
    this.removeWake();
    await Promise.all(this.running.values());
    // A member that cannot say goodbye is taken for dead when its lease ends.
    await leave(this.parts.pool, this.membership).catch((error: unknown) => {
      this.parts.log.warn({ error, group: this.membership.group }, 'the consumer could not leave its group');
    });
  }

  private async beat(): Promise<void> {
    const claims = await renew(this.parts.pool, this.membership, new Set(this.running.keys()));
    this.beatAt = performance.now();
    // A batch may have committed while the heartbeat was under way: what was read then is older than what is known here.
    this.claims = new Map(claims.map((claim) => {
      const known = this.claims.get(nameOf(claim));
      const newer = known && known.epoch === claim.epoch && known.committed > claim.committed;
      return [nameOf(claim), newer ? { ...claim, committed: known.committed } : claim];
    }));
  }

  /** Starts a batch on each owned partition that has messages waiting, as far as there is room. */
  private async startWaiting(): Promise<void> {
    if (this.claims.size === 0 || this.running.size >= PARTITIONS_AT_ONCE) return;
    const now = performance.now();
    for (const name of await this.waiting()) {
      const claim = this.claims.get(name);
      if (!claim || claim.leaving || this.stopping || this.running.has(name) || this.running.size >= PARTITIONS_AT_ONCE) continue;
      if ((this.failures.get(name)?.notBefore ?? 0) > now) continue;
      this.running.set(name, this.workOff(name, claim).finally(() => {
        this.running.delete(name);
        this.pause.wake();
      }));
    }
  }

  private async waiting(): Promise<string[]> {
    const found = await this.parts.pool.query<{ topic: string; partition: number }>(
      `/* bus.offset.waiting */ SELECT o.topic, o.partition FROM bus_offset o JOIN bus_partition p USING (topic, partition)
       WHERE o.consumer_group = $1 AND o.owner = $2 AND p.next_offset > o.committed ORDER BY random()`,
      [this.membership.group, this.membership.member],
    );
    return found.rows.map(nameOf);
  }

  /** Works off batches of a partition until nothing waits, the partition is lost, or a batch is refused. Never throws. */
  private async workOff(name: string, claim: Claim): Promise<void> {
    try {
      let next = claim.committed;
      for (;;) {
        const messages = await this.fetch(claim, next);
        const last = messages.at(-1);
        if (!last) return;
        await this.parts.options.onBatch(messages);
        this.failures.delete(name);
        next = last.offset + 1n;
        const held = await commit(this.parts.pool, this.membership, claim, next);
        const current = this.claims.get(name);
        if (!held || current?.epoch !== claim.epoch) return this.forget(name, claim);
        this.claims.set(name, { ...current, committed: next });
        if (current.leaving) this.beatAt = -Infinity;
        if (this.stopping || current.leaving || messages.length < this.batchSize) return;
      }
    } catch (error) {
      const attempts = (this.failures.get(name)?.attempts ?? 0) + 1;
      const pauseMs = backoffMs(attempts, REDELIVERY);
      this.failures.set(name, { attempts, notBefore: performance.now() + pauseMs });
      this.parts.log.warn({ error, group: this.membership.group, partition: name, attempts }, 'a batch comes again');
    }
  }

  /** Drops a claim that another member has taken over; the next heartbeat says what is owned. */
  private forget(name: string, claim: Claim): void {
    if (this.claims.get(name)?.epoch === claim.epoch) this.claims.delete(name);
    this.beatAt = -Infinity;
  }

  private get batchSize(): number {
    return this.parts.options.batchSizeMax ?? BATCH_SIZE;
  }

  private async fetch(claim: Claim, from: bigint): Promise<BusMessage[]> {
    const found = await this.parts.pool.query<MessageRow>(
      `/* bus.message.fetch */ SELECT topic, partition, "offset", key, headers, value FROM bus_message
       WHERE topic = $1 AND partition = $2 AND "offset" >= $3 ORDER BY "offset" LIMIT $4`,
      [claim.topic, claim.partition, from.toString(), this.batchSize],
    );
    return found.rows.map(messageOf);
  }
}
