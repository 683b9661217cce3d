interface Waiting<Item> {
  readonly item: Item;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes items together: while one write runs, the next gathers. Each item's promise tells how its write ended, so
 * that nobody goes on before what they have done is kept, and a slow one keeps nobody else waiting.
 */
export class GatheredWrites<Item> {
  private waiting: Waiting<Item>[] = [];
  private running = false;

  /**
   * @param write keeps all of them, or none
   * @param gatherMs how long the first waits for company, in milliseconds; 0 waits for the end of the turn of the event loop
   */
  constructor(private readonly write: (items: readonly Item[]) => Promise<void>, private readonly gatherMs = 0) {}

  add(item: Item): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (this.running) return;
      this.running = true;
      const begin = (): void => void this.run();
      if (this.gatherMs > 0) setTimeout(begin, this.gatherMs);
      else setImmediate(begin);
    });
  }

  private async run(): Promise<void> {
    while (this.waiting.length > 0) {
      const together = this.waiting;
      this.waiting = [];
      try {
        await this.write(together.map(({ item }) => item));
        together.forEach(({ resolve }) => resolve());
      } catch (error) {
        together.forEach(({ reject }) => reject(error));
      }
    }
    this.running = false;
  }
}
