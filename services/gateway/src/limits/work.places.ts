import { createWorkLimit } from '@tael/platform/http';
import type { Answer } from '../graph/graph.runtime';
import { HttpRefusal } from '../http/http.errors';

/** Where all places are taken, an operation that takes longer is one of too many: a query is given up after three times that. */
const IN_TIME_MS = 1_000;

const busy = (): HttpRefusal =>
  new HttpRefusal(503, 'SERVICE_BUSY', 'The service has too much to do. Try again in a moment.', {
    'retry-after': '1',
  });

/** Places for operations that run at the same time. */
export interface WorkPlaces {
  /** Runs an operation, or refuses it where all places are taken. */
  run(work: () => Promise<Answer>): Promise<Answer>;
}

/** Makes at most `max` places; fewer where operations then take too long. */
export function createWorkPlaces(max: number): WorkPlaces {
  const places = createWorkLimit({ max, targetMs: IN_TIME_MS });
  let running = 0;
  return {
    async run(work) {
      if (running >= places.current()) throw busy();
      running++;
      places.began(running);
      const at = performance.now();
      try {
        const answer = await work();
        // What is refused at once says nothing of how long work takes.
        if (answer.kind !== 'refused') places.ended(performance.now() - at);
        return answer;
      } finally {
        running--;
      }
    },
  };
}
