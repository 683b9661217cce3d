import type { Logger } from '../log';
import type { Bus } from './bus.port';
import { KafkaBus } from './kafka.bus';
import { PostgresBus } from './postgres.bus';

/** Which bus, and where. */
export type BusSettings =
  | { kind: 'kafka'; brokers: readonly string[]; clientId: string; log: Logger }
  | { kind: 'postgres'; url: string; clientId: string; log: Logger; keepDays?: number };

/** Makes the bus that the settings name. Connects lazily: the first call may wait or fail. */
export function createBus(settings: BusSettings): Bus {
  return settings.kind === 'kafka' ? new KafkaBus(settings) : new PostgresBus(settings);
}
