import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Work, type Worked, workOff } from './graph.work';
import type { PartnerSource, SubgraphCheck, SubgraphSource, SubgraphVerdict } from './subgraph.check';

/** No schema that keeps the bounds takes a tenth of this; one that was made to take long ends here. */
const PATIENCE_MS = 20_000;
const MEMORY_MB = 512;
/** So long a thread waits for more. */
const IDLE_MS = 60_000;
/** Beside the compiled sources; where they are not compiled, as in a test of one workspace, there is no thread. */
const FILE = join(__dirname, 'graph.worker.js');

/** The composer was stopped: a schema took it too long, or too much memory. */
export class TooHardToCompose extends Error {
  constructor() {
    super(`composing took more than ${PATIENCE_MS} ms or ${MEMORY_MB} MB`);
    this.name = 'TooHardToCompose';
  }
}

/** The composer said no. */
export class DoesNotCompose extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DoesNotCompose';
  }
}

/** A thread that waits for more: to start one, and to read the composer anew, takes as long as a composition. */
let idle: { readonly worker: Worker; readonly leave: NodeJS.Timeout } | undefined;

function takeWorker(): Worker {
  const kept = idle;
  idle = undefined;
  if (kept) clearTimeout(kept.leave);
  const worker = kept?.worker ?? new Worker(FILE, { resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB } });
  worker.ref();
  return worker;
}

function keepWorker(worker: Worker): void {
  worker.removeAllListeners();
  // One that ends by itself now is simply not there the next time.
  const forget = (): void => {
    if (idle?.worker === worker) idle = undefined;
  };
  worker.once('error', forget).once('exit', forget);
  worker.unref();
  // Forgotten before it ends: whoever comes in between would be told that a schema is too hard.
  const leave = setTimeout(() => (forget(), void worker.terminate()), IDLE_MS).unref();
  idle = { worker, leave };
}

function inThread(work: Work): Promise<Worked> {
  return new Promise((resolve, reject) => {
    const worker = takeWorker();
    const end = setTimeout(() => void worker.terminate(), PATIENCE_MS);
    worker.removeAllListeners();
    worker.once('message', (worked: Worked) => {
      clearTimeout(end);
      keepWorker(worker);
      resolve(worked);
    });
    worker.once('error', (error: Error & { code?: string }) => {
      clearTimeout(end);
      reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? new TooHardToCompose() : error);
    });
    worker.once('exit', () => reject(new TooHardToCompose()));
    worker.postMessage(work);
  });
}

let last: Promise<unknown> = Promise.resolve();

/** One after the other: two at once would only take longer. */
async function worked<Value>(work: Work): Promise<Value> {
  const mine = last.then(() => (existsSync(FILE) ? inThread(work) : workOff(work)));
  last = mine.catch(() => undefined);
  const done = await mine;
  if ('fault' in done) throw new DoesNotCompose(done.fault);
  return done.value as Value;
}

/** {@link checkPartnerSubgraph}, beside whatever else this process does. @throws TooHardToCompose */
export const checkInThread = (check: SubgraphCheck): Promise<SubgraphVerdict> => worked({ kind: 'check', check });

/** {@link composeGraph}, beside whatever else this process does. @throws DoesNotCompose, TooHardToCompose */
export const composeInThread = (own: readonly SubgraphSource[], partners: readonly PartnerSource[]): Promise<string> =>
  worked({ kind: 'compose', own, partners });
