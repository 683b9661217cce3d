import { type Fault, textOf } from './schedule';
import type { Trial } from './trial';

/** So many operations are acknowledged after the last fault: it is not the end of everything. */
const ANSWERS = 20;

/** One fault after another, each once what the one before hit serves again. */
async function inflictInTurn(trial: Trial, seed: number, faults: readonly Fault[]): Promise<void> {
  for (const fault of faults) {
    await trial.inflict(fault).catch((error: Error) => {
      throw new Error(`${textOf(fault)} (seed ${seed}): ${error.message}`, { cause: error });
    });
  }
}

/** The faults of each lane in turn, the lanes beside each other: while a service of one starts again, one of another is hit. */
export async function inflictAll(trial: Trial, seed: number, ...lanes: readonly (readonly Fault[])[]): Promise<void> {
  const ends = await Promise.allSettled(lanes.map((lane) => inflictInTurn(trial, seed, lane)));
  const broken = ends.find((end) => end.status === 'rejected');
  if (broken) throw broken.reason;
  await trial.load.more(ANSWERS);
}
