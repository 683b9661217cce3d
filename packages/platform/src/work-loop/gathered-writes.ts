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

  constructor(private readonly write: (items: readonly Item[]) => Promise<void>) {}

  add(item: Item): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (this.running) return;
      this.running = true;
      // What ends in the same turn of the event loop goes along.
      setImmediate(() => void this.run());
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
