import { parentPort } from 'node:worker_threads';
import { drawKit } from './kit.work';
import type { Poster } from './promotion-kit';

// A thread of its own for pictures: one takes a tenth of a second in which the service could answer nobody, and a name of rare letters more than one.
// What fails ends the thread, and is told by that.
parentPort?.on('message', (poster: Poster) => {
  void drawKit(poster).then((drawn) => parentPort?.postMessage(drawn));
});
