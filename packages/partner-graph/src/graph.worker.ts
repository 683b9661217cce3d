import { parentPort, workerData } from 'node:worker_threads';
import { type Work, workOff } from './graph.work';

// A thread of its own for one composition: it takes hundreds of milliseconds in which the caller could answer nobody.
parentPort?.postMessage(workOff(workerData as Work));
