import { collectDefaultMetrics } from 'prom-client';
import { metricsRegistry } from './registry';

let started = false;

/** Counts what the process itself spends: CPU, memory, handles, garbage collection, delay of the event loop. */
export function countProcess(): void {
  if (started) return;
  started = true;
  collectDefaultMetrics({ register: metricsRegistry, prefix: 'tael_' });
}
