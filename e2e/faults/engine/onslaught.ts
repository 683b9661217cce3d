import type { Fault } from './schedule';
import type { Trial } from './trial';

/** So many operations are acknowledged between two faults: what is hit is at work. */
const ANSWERS = 5;
const PATIENCE_MS = 180_000;

/**
 * Fault upon fault, so that they overlap: what is hit next must serve again, and clients must have been answered since the last one; nothing else is
 * waited for. A service is then killed while Postgres recovers, or while its neighbour starts.
 */
export class Onslaught {
  private readonly open = new Map<string, Promise<void>>();

  constructor(private readonly trial: Trial) {}

  async next(fault: Fault): Promise<void> {
    const { trial } = this;
    const parts = trial.partsOf(fault);
    // Nobody comes to a point of a relay or a consumer while what they work on is away.
    const needed = fault.kind === 'point' ? [...parts, 'postgres', 'kafka'] : parts;
    await trial.spend('until the next one serves again', () => Promise.all(needed.map((part) => this.open.get(part) ?? Promise.resolve())));
    await trial.spend('moments and answers before faults', () => trial.quiet(fault.afterMs, ANSWERS, PATIENCE_MS));
    const { over } = await trial.hit(fault);
    parts.forEach((part) => this.open.set(part, over));
  }

  /** Waits until everything that was hit serves again. */
  async over(): Promise<void> {
    await this.trial.spend('until all serve again', () => Promise.all(this.open.values()));
    this.open.clear();
  }
}
