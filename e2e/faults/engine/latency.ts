import { performance } from 'node:perf_hooks';
import type { GraphClient, Reply } from './client';

type Ask = Parameters<GraphClient['ask']>[0];

/**
 * A client that remembers how long each answer took, and what was not answered as a client wishes: a connection that is refused too. A process that stops
 * tells its clients with their next answer, before it shuts its door.
 */
export class WatchedClient {
  private readonly tookMs: number[] = [];
  readonly refusals = new Map<string, number>();

  constructor(private readonly client: Pick<GraphClient, 'ask'>) {}

  async ask(asked: Ask): Promise<Reply> {
    const begun = performance.now();
    const reply = await this.client.ask(asked);
    this.tookMs.push(performance.now() - begun);
    if (reply.kind !== 'data') {
      const what = reply.kind === 'fault' ? `${reply.code} ${reply.text.slice(0, 160)}` : reply.code;
      this.refusals.set(what, (this.refusals.get(what) ?? 0) + 1);
    }
    return reply;
  }

  get answers(): number {
    return this.tookMs.length;
  }

  /** The time below which so many of a hundred answers came; of none, 0. */
  percentile(percent: number): number {
    const sorted = [...this.tookMs].sort((one, other) => one - other);
    return Math.round(sorted[Math.min(sorted.length - 1, Math.floor((percent / 100) * sorted.length))] ?? 0);
  }

  forget(): void {
    this.tookMs.length = 0;
    this.refusals.clear();
  }
}
