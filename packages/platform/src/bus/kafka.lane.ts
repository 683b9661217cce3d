import type { BusMessage } from './bus.port';
import { Room, weightOf } from './kafka.room';

// So much waits in memory for a partition at most, before fetching pauses; it goes on when half of it is worked off. All of a member's
// partitions have a bound in bytes, too: of sixty with 2,000 messages each a container would not have the room.
const WAITING_MAX = 2_000;

/** What one fetch has brought of a partition, and the offset that was asked for. */
export interface Fetched {
  readonly from: bigint;
  readonly messages: readonly BusMessage[];
}

/**
 * What was fetched of one partition, for as long as this member owns it, and waits to be worked off. A batch takes all that
 * has come since the last one, so that batches grow with the load and fetching never waits for them. A lane that is closed
 * gives nothing any more: the partition may be another member's.
 */
export class Lane {
  /** The work that empties this lane, while there is any. */
  running: Promise<void> | undefined;
  /** Behind the last message that was worked off; undefined where none was yet. */
  workedTo: bigint | undefined;
  private waiting: BusMessage[] = [];
  /** The offset that comes next: behind what was added. */
  private next: bigint | undefined;
  private asked: bigint | undefined;
  private closed = false;
  private resume: (() => void) | undefined;
  /** What the batch weighs that was taken last: it is in memory until the next one is. */
  private inWork = 0;

  /**
   * @param before work on the same partition that has not ended: two batches of one are never worked off at once
   * @param room what this lane shares with the others of its member
   */
  constructor(readonly before: Promise<void> = Promise.resolve(), private readonly room = new Room()) {}

  /**
   * Adds what was fetched. What is known already is left out: after a rebalance fetching begins again at the committed
   * offset. Where something lies between (these messages were asked for before a rebalance, from a place further on)
   * nothing is added, and the answer is where to go on fetching. The same answer twice in a row: the log itself has lost
   * what lay there.
   */
  add({ from, messages }: Fetched): bigint | undefined {
    if (this.next !== undefined && from > this.next && this.asked !== this.next) {
      this.asked = this.next;
      return this.next;
    }
    this.asked = undefined;
    const known = this.next ?? from;
    for (const message of messages) {
      if (message.offset < known) continue;
      this.waiting.push(message);
      this.room.take(weightOf(message));
    }
    const last = messages.at(-1);
    const reached = last ? last.offset + 1n : from;
    this.next = reached > known ? reached : known;
    return undefined;
  }

  /** Begins another assignment under which the partition stays here: nothing that was asked for before counts. */
  renew(): void {
    this.asked = undefined;
  }

  /** Takes the next messages in order; none where the lane is closed. Those that were taken before are worked off. */
  take(most: number): BusMessage[] {
    this.room.give(this.inWork);
    const batch = this.waiting.splice(0, most);
    this.inWork = weightOfAll(batch);
    // An empty lane fetches whatever the others hold: one that is stuck must not stop it.
    if (batch.length === 0 || (this.waiting.length <= WAITING_MAX / 2 && this.room.isFreeAgain)) this.goOn();
    return batch;
  }

  /** Ends the lane, whatever waits in it. */
  close(): void {
    this.closed = true;
    this.room.give(weightOfAll(this.waiting));
    this.waiting = [];
    this.goOn();
  }

  /** Pauses fetching where too much waits; `pause` gives what ends the pause. */
  bound(pause: () => () => void): void {
    const isFull = this.room.isFull && !this.isEmpty;
    if (isFull || this.waiting.length >= WAITING_MAX) this.resume ??= pause();
  }

  get isEmpty(): boolean {
    return this.waiting.length === 0;
  }

  get isClosed(): boolean {
    return this.closed;
  }

  private goOn(): void {
    this.resume?.();
    this.resume = undefined;
  }
}

function weightOfAll(messages: readonly BusMessage[]): number {
  return messages.reduce((bytes, message) => bytes + weightOf(message), 0);
}
