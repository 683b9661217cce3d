import { join } from 'node:path';
import { partOf, ROOT, Trial } from './engine';
import { INSTANCES, SEED } from './settings';

/** The names of a service's instances. */
export const instances = (service: string): string[] => Array.from({ length: INSTANCES }, (_, index) => partOf(service, index + 1));

/**
 * Starts a stack of its own before the tests of a file, loads it before each of them, and stops it after the last. `home` names its folder; `started` is
 * given it. Gives what each test ends with: what was acknowledged stands once, and nothing else stands.
 */
export function underLoad({ home, workers, started }: { home: string; workers: number; started: (trial: Trial) => void }): () => Promise<void> {
  let trial: Trial | undefined;
  beforeAll(async () => {
    trial = await Trial.start({ home: join(ROOT, '.tael', 'test', home), instances: INSTANCES, seed: SEED, workers, people: 8 });
    started(trial);
  });
  afterAll(() => trial?.stop());
  beforeEach(() => trial!.load.start());
  // Where a test has failed in the middle, the next one is not to fail for it.
  afterEach(() => trial?.processes.wakeAll());
  return async () => {
    expect(await trial!.verdict()).toEqual([]);
  };
}
