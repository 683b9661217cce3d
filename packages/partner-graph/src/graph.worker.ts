import { parentPort } from 'node:worker_threads';
import { type Work, workOff } from './graph.work';

// A thread of its own for compositions: one takes hundreds of milliseconds in which the caller could answer nobody.
parentPort?.on('message', (work: Work) => parentPort?.postMessage(workOff(work)));
