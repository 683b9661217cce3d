import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Drawn, drawKit } from './kit.work';
import type { Poster } from './promotion-kit';

/** What bounds a drawing, whatever the name: the rarest letters that a name can have take a tenth of the time, and a third of the memory. */
export interface Bounds {
  readonly patienceMs: number;
  readonly memoryMb: number;
}
const BOUNDS: Bounds = { patienceMs: 20_000, memoryMb: 256 };
/** So long a thread waits for more; then its fonts go with it. */
const IDLE_MS = 60_000;
/** Beside the compiled sources; where they are not compiled, as in a test, there is no thread. */
const FILE = join(__dirname, 'kit.worker.js');

/** Draws promotion kits beside whatever else this process does: one after the other, since two at once would only take longer. */
export class KitDrawer {
  private idle: { readonly worker: Worker; readonly leave: NodeJS.Timeout } | undefined;
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly file = FILE, private readonly bounds = BOUNDS) {}

  /** @throws Error where it took too long or too much memory, or failed */
  draw(poster: Poster): Promise<Drawn> {
    const mine = this.last.then(() => (existsSync(this.file) ? this.inThread(poster) : drawKit(poster)));
    this.last = mine.catch(() => undefined);
    return mine;
  }

  private inThread(poster: Poster): Promise<Drawn> {
    return new Promise((resolve, reject) => {
      const worker = this.taken();
      const end = setTimeout(() => void worker.terminate(), this.bounds.patienceMs);
      worker.once('message', (drawn: Drawn) => {
        clearTimeout(end);
        this.keep(worker);
        resolve(drawn);
      });
      worker.once('error', (error: Error) => {
        clearTimeout(end);
        reject(error);
      });
      worker.once('exit', () => {
        clearTimeout(end);
        reject(new Error(`a promotion kit was not drawn within ${this.bounds.patienceMs} ms`));
      });
      worker.postMessage(poster);
    });
  }

  private taken(): Worker {
    const kept = this.idle;
    this.idle = undefined;
    if (kept) clearTimeout(kept.leave);
    const worker = kept?.worker ?? new Worker(this.file, { resourceLimits: { maxOldGenerationSizeMb: this.bounds.memoryMb } });
    worker.removeAllListeners();
    worker.ref();
    return worker;
  }

  private keep(worker: Worker): void {
    worker.removeAllListeners();
    // One that ends by itself now is simply not there the next time.
    const forget = (): void => {
      if (this.idle?.worker === worker) this.idle = undefined;
    };
    worker.once('error', forget).once('exit', forget);
    worker.unref();
    const leave = setTimeout(() => (forget(), void worker.terminate()), IDLE_MS).unref();
    this.idle = { worker, leave };
  }
}
