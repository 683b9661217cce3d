import type { Logger } from '../log';
import type { Bus } from './bus.port';
import { KafkaBus } from './kafka.bus';
import type { KafkaAccess } from './kafka.client';
import { PostgresBus } from './postgres.bus';

/** Which bus, where, and how one comes in. */
export type BusAccess =
  | ({ readonly kind: 'kafka'; readonly brokers: readonly string[] } & KafkaAccess)
  | { readonly kind: 'postgres'; readonly url: string; readonly keepDays?: number };

export type BusSettings = BusAccess & { readonly clientId: string; readonly log: Logger };

/** Makes the bus that the settings name. Connects lazily: the first call may wait or fail. */
export function createBus(settings: BusSettings): Bus {
  return settings.kind === 'kafka' ? new KafkaBus(settings) : new PostgresBus(settings);
}
