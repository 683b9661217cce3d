import type { BusMessage } from './bus.port';

// So much waits in memory for a partition at most, before fetching pauses; it goes on when half of it is worked off.
const WAITING_MAX = 2_000;

/**
 * What was fetched of one partition and waits to be worked off. A batch takes all that has come since the last one, so
 * that batches grow with the load and fetching never waits for them.
 */
export class Lane {
  /** The work that empties this lane, while there is any. */
  running: Promise<void> | undefined;
  private waiting: BusMessage[] = [];
  private epoch = -1;
  /** The offset that comes next in this lane: behind what was added, or behind what was worked off where an assignment is new. */
  private next: bigint | undefined;
  private worked: bigint | undefined;
  private gap: bigint | undefined;
  private resume: (() => void) | undefined;

  /**
   * Adds what was fetched under an assignment. What waits from an older one is dropped, since it comes again. Where there is
   * a gap before these messages (they were fetched under the older assignment, from a place further on), nothing is added,
   * and the answer is where to go on fetching. The same gap twice is one of the log itself.
   */
  add(messages: readonly BusMessage[], epoch: number): bigint | undefined {
    if (epoch !== this.epoch) {
      this.waiting = [];
      this.next = this.worked;
    }
    this.epoch = epoch;
    const first = messages[0];
    if (!first) return undefined;
    if (this.next !== undefined && first.offset > this.next && this.gap !== this.next) {
      this.gap = this.next;
      return this.next;
    }
    this.gap = undefined;
    this.worked ??= first.offset;
    for (const message of messages) this.waiting.push(message);
    this.next = messages.at(-1)!.offset + 1n;
    return undefined;
  }

  /** Tells that everything before an offset is worked off. */
  done(next: bigint): void {
    this.worked = next;
  }

  /** Takes the next messages in order, none where those that wait are of an older assignment than `epoch`. */
  take(most: number, epoch: number): BusMessage[] {
    if (epoch !== this.epoch) this.waiting = [];
    const batch = this.waiting.splice(0, most);
    if (this.waiting.length <= WAITING_MAX / 2) {
      this.resume?.();
      this.resume = undefined;
    }
    return batch;
  }

  /** Pauses fetching where too much waits; `pause` gives what ends the pause. */
  bound(pause: () => () => void): void {
    if (this.waiting.length >= WAITING_MAX) this.resume ??= pause();
  }

  get isEmpty(): boolean {
    return this.waiting.length === 0;
  }
}
