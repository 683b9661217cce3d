import type { Logger } from '../log';

type Offsets = { topics: { topic: string; partitions: { partition: number; offset: string }[] }[] };

interface Place {
  readonly topic: string;
  readonly partition: number;
  /** The offset of the next message. */
  readonly next: bigint;
}

const FLUSHES_MAX = 3;

/**
 * Commits how far a group has come: of all partitions in one request, and some times a second rather than after each
 * batch. What is not committed at a crash is delivered again, and passed over by the inbox.
 */
export class Commits {
  private pending = new Map<string, Place>();
  private running: Promise<void> = Promise.resolve();
  private send: ((offsets: Offsets) => Promise<void>) | undefined;
  private assignments = 0;

  constructor(private readonly log: Logger) {}

  /** Tells how a request of the present assignment is sent. */
  through(send: (offsets: Offsets) => Promise<void>): void {
    this.send = send;
  }

  /** Notes a place to commit. */
  note(place: Place): void {
    this.pending.set(`${place.topic}/${place.partition}`, place);
  }

  /** Forgets what was noted under an assignment that is over: those partitions may be another member's now. */
  forget(): void {
    this.assignments += 1;
    this.pending = new Map();
    this.send = undefined;
  }

  /** Commits what was noted; after a fault it is noted again, where nothing newer is. Never throws. */
  commit(): Promise<void> {
    this.running = this.running.then(() => this.commitNow());
    return this.running;
  }

  /** Commits all before the group is left. */
  async flush(): Promise<void> {
    for (let attempt = 1; attempt <= FLUSHES_MAX; attempt++) {
      await this.commit();
      if (this.pending.size === 0) return;
    }
  }

  private async commitNow(): Promise<void> {
    const { pending, send, assignments } = this;
    if (pending.size === 0 || !send) return;
    this.pending = new Map();
    try {
      await send(offsetsOf([...pending.values()]));
    } catch (error) {
      this.log.warn({ error, partitions: pending.size }, 'a commit is repeated');
      // Under a new assignment there is nothing to repeat.
      if (this.assignments !== assignments) return;
      for (const [name, place] of pending) if (!this.pending.has(name)) this.pending.set(name, place);
    }
  }
}

function offsetsOf(places: readonly Place[]): Offsets {
  const topics = new Map<string, { partition: number; offset: string }[]>();
  for (const { topic, partition, next } of places) {
    const partitions = topics.get(topic) ?? [];
    partitions.push({ partition, offset: next.toString() });
    topics.set(topic, partitions);
  }
  return { topics: [...topics].map(([topic, partitions]) => ({ topic, partitions })) };
}
