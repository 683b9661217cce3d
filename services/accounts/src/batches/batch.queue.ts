/** More wait than the queue takes, or one waited too long: nothing was done, the same wish may come again. */
export class QueueFull extends Error {
  constructor() {
    super('too many are waiting');
    this.name = 'QueueFull';
  }
}

export interface BatchQueueOptions<Item, Answer> {
  /** Does a batch and answers each item in its place, all or nothing. */
  readonly work: (items: readonly Item[]) => Promise<readonly Answer[]>;
  /** Of items with the same group only one is in work at a time, in the order of their coming. */
  readonly groupOf: (item: Item) => string;
  /** Says whether a batch that failed with this may be done again item by item, so that only those at fault fail. */
  readonly isFaultOfOne: (error: unknown) => boolean;
  /** How many batches are in work at once, at most. */
  readonly lanes: number;
  /** When a batch is in work for so many milliseconds, others wait for it no longer: it may wait for a lock itself. */
  readonly slowMs: number;
  readonly batchMax: number;
  readonly waitingMax: number;
  /** The longest that an item may wait before its work begins, in milliseconds. */
  readonly patienceMs: number;
  /** Milliseconds that only grow. */
  readonly clock: () => number;
}

/** How many items of a batch that failed are done at once. */
const ALONE_AT_ONCE = 3;

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly since: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** A batch in work. */
interface Running {
  readonly size: number;
  readonly since: number;
}

/**
 * Gathers what waits while others are in work. A free lane takes all that waits, up to its bound; where another lane is in work it does so
 * only once as many wait as that one has. So a lone item never waits for company, and a busy queue makes few large batches and not twice
 * as many small ones, each of which costs what a large one does.
 */
export class BatchQueue<Item, Answer> {
  private readonly groups = new Map<string, Waiting<Item, Answer>[]>();
  /** Groups with something to do and nothing in work, longest waiting first. */
  private readonly ready = new Set<string>();
  private readonly busy = new Set<string>();
  private readonly running = new Set<Running>();
  private waiting = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: BatchQueueOptions<Item, Answer>) {}

  /** Gives the answer to an item once its batch is done; throws {@link QueueFull} at once where too many wait. */
  submit(item: Item): Promise<Answer> {
    if (this.waiting >= this.options.waitingMax) return Promise.reject(new QueueFull());
    return new Promise((resolve, reject) => {
      const group = this.options.groupOf(item);
      const line = this.groups.get(group) ?? [];
      line.push({ item, since: this.options.clock(), resolve, reject });
      this.groups.set(group, line);
      this.waiting += 1;
      if (!this.busy.has(group)) this.ready.add(group);
      this.begin();
    });
  }

  private begin(): void {
    while (this.running.size < this.options.lanes && this.ready.size > 0) {
      const waitMs = this.waitForOthers();
      if (waitMs > 0) return this.lookAgain(waitMs);
      const batch = this.take();
      if (batch.length === 0) continue;
      const running = { size: batch.length, since: this.options.clock() };
      this.running.add(running);
      void this.run(batch).finally(() => {
        this.running.delete(running);
        this.begin();
      });
    }
  }

  /** How long what is ready waits at most for a batch that is in work to end, in milliseconds; 0 where it is worth a batch of its own. */
  private waitForOthers(): number {
    const { slowMs, clock } = this.options;
    const waits = [...this.running].map(({ size, since }) => (this.ready.size >= size ? 0 : since + slowMs - clock()));
    return Math.max(0, ...waits);
  }

  private lookAgain(waitMs: number): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.begin();
    }, Math.ceil(waitMs)).unref();
  }

  private take(): Waiting<Item, Answer>[] {
    const batch: Waiting<Item, Answer>[] = [];
    const late = this.options.clock() - this.options.patienceMs;
    for (const group of this.ready) {
      if (batch.length >= this.options.batchMax) break;
      const line = this.groups.get(group)!;
      const next = line.shift()!;
      this.waiting -= 1;
      this.ready.delete(group);
      if (next.since < late) {
        next.reject(new QueueFull());
        this.release(group);
        continue;
      }
      this.busy.add(group);
      batch.push(next);
    }
    return batch;
  }

  private release(group: string): void {
    this.busy.delete(group);
    if (this.groups.get(group)?.length) this.ready.add(group);
    else this.groups.delete(group);
  }

  private async run(batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    try {
      await this.answer(batch);
    } catch (error) {
      if (batch.length > 1 && this.options.isFaultOfOne(error)) await this.oneByOne(batch);
      else batch.forEach((waiting) => waiting.reject(error));
    }
    batch.forEach(({ item }) => this.release(this.options.groupOf(item)));
  }

  private async answer(batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    const answers = await this.options.work(batch.map(({ item }) => item));
    batch.forEach((waiting, index) => waiting.resolve(answers[index]!));
  }

  /** A few at a time, so that one that waits long does not hold up all the others. */
  private async oneByOne(batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    const rest = [...batch];
    const work = async () => {
      for (let next = rest.shift(); next; next = rest.shift()) {
        const { reject } = next;
        await this.answer([next]).catch((error: unknown) => reject(error));
      }
    };
    await Promise.all(Array.from({ length: ALONE_AT_ONCE }, work));
  }
}
