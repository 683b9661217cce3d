import type { Logger } from '@tael/platform/log';
import type { DataSource } from 'typeorm';

const POLL_MS = 200;

/**
 * Lets gateways wait until something has ended: a session, a partner's client, a key of one, or the rate that a partner had. One query for all who wait, only while somebody does.
 * Polled rather than notified, since NOTIFY makes all commits of the database queue.
 */
export class EndedWatchService {
  private readonly waiting = new Set<() => void>();
  private running: Promise<void> | undefined;
  private closed = false;
  private mark = '';

  constructor(private readonly parts: { dataSource: DataSource; log: Logger }) {}

  /**
   * Waits until the mark is another than `known`, and gives it. What ended may be seen late, where its transaction committed late:
   * who waits looks again when the time is up, so that a mark that did not move costs the wait and nothing else.
   * @param known - the mark of the answer before; whoever has none does not wait
   * @param waitMs - the longest wait, in milliseconds
   */
  async changed(known: string, waitMs: number): Promise<string> {
    if (known === '' || waitMs <= 0) return this.read();
    this.mark = await this.read();
    if (this.mark === known && !this.closed) await this.moved(known, waitMs);
    return this.mark;
  }

  /** Sends everybody on who waits, and keeps nobody any more. */
  async close(): Promise<void> {
    this.closed = true;
    for (const go of this.waiting) go();
    await this.running;
  }

  private moved(known: string, waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const go = (): void => {
        clearTimeout(timer);
        this.waiting.delete(look);
        resolve();
      };
      const look = (): void => {
        if (this.mark !== known || this.closed) go();
      };
      const timer = setTimeout(go, waitMs);
      this.waiting.add(look);
      this.running ??= this.loop();
    });
  }

  private async loop(): Promise<void> {
    while (!this.closed && this.waiting.size > 0) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      try {
        this.mark = await this.read();
      } catch (error) {
        this.parts.log.warn({ error }, 'what has ended could not be looked for');
      }
      for (const look of this.waiting) look();
    }
    this.running = undefined;
  }

  /** Each of the four is the last entry of an index. Where nothing has ended yet there is a mark, too: an empty one is that of who knows none. */
  private async read(): Promise<string> {
    const [row]: { mark: string }[] = await this.parts.dataSource.query(
      `/* ended.mark */ SELECT concat_ws('/', 'm', (SELECT max("endedAt") FROM session WHERE "endedAt" IS NOT NULL),
         (SELECT max("refusedAt") FROM partner_client_copy), (SELECT max("refusedAt") FROM partner_key_refusal),
         (SELECT max("rateChangedAt") FROM partner_copy)) AS mark`,
    );
    return row!.mark;
  }
}
