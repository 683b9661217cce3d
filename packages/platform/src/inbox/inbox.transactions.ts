import type { BusMessage } from '../bus';
import { createSlots } from '../bus/slots';

/** Messages of one partition that wait for their transaction. */
interface Waiting {
  readonly word: string;
  readonly messages: readonly BusMessage[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const TRANSACTIONS_AT_ONCE = 4;

/**
 * Puts what waits of several partitions into one transaction: while one runs, the next gathers, so that transactions grow
 * with the load and a single event waits for nobody. The order within a partition stays, since a partition hands over its
 * next messages only when the last are done. Where the transaction fails, everyone who shared it hears of it.
 */
export class SharedTransactions {
  private readonly slots = createSlots(TRANSACTIONS_AT_ONCE);
  private waiting: Waiting[] = [];
  private running = false;

  /**
   * @param run does the work of one transaction
   * @param messagesMax the most messages of one; 1 keeps every message to a transaction of its own
   */
  constructor(private readonly run: (messages: readonly BusMessage[]) => Promise<void>, private readonly messagesMax: number) {}

  /** Runs `messages`, perhaps together with others of the same word. Rejects with the fault of the transaction. */
  share(messages: readonly BusMessage[], word = ''): Promise<void> {
    if (this.messagesMax <= 1) return this.alone(messages);
    return new Promise((resolve, reject) => {
      this.waiting.push({ word, messages, resolve, reject });
      if (this.running) return;
      this.running = true;
      // What one fetch has brought for other partitions is handed over in the same turn of the event loop.
      setImmediate(() => void this.runAll());
    });
  }

  /** Runs `messages` in a transaction of their own. */
  alone(messages: readonly BusMessage[]): Promise<void> {
    return this.slots(() => this.run(messages));
  }

  private async runAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const together = this.next();
      try {
        await this.alone(together.flatMap(({ messages }) => messages));
        together.forEach(({ resolve }) => resolve());
      } catch (error) {
        together.forEach(({ reject }) => reject(error));
      }
    }
    this.running = false;
  }

  /** Takes those of the word of the first, as far as there is room. */
  private next(): Waiting[] {
    const { word } = this.waiting[0]!;
    let count = 0;
    const taken: Waiting[] = [];
    const left: Waiting[] = [];
    for (const one of this.waiting) {
      const fits = one.word === word && (taken.length === 0 || count + one.messages.length <= this.messagesMax);
      if (fits) count += one.messages.length;
      (fits ? taken : left).push(one);
    }
    this.waiting = left;
    return taken;
  }
}
