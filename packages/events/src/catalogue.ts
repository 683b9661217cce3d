import type { z } from 'zod';
import * as accounts from './accounts.events';
import type { EventDefinition } from './define';
import * as disputes from './disputes.events';
import * as merchants from './merchants.events';
import * as notifications from './notifications.events';
import * as payments from './payments.events';
import * as rewards from './rewards.events';

const definitions = { ...accounts, ...payments, ...disputes, ...merchants, ...rewards, ...notifications };

type Definitions = (typeof definitions)[keyof typeof definitions];

export type EventType = Definitions['type'];

/** The data of an event by its type, as code sees it: bigint amounts, Date instants. */
export type EventData<Type extends EventType> = z.output<Extract<Definitions, { type: Type }>['data']>;

/** Every event that crosses a service, by type. */
export const CATALOGUE: Readonly<Record<EventType, EventDefinition>> = Object.fromEntries(
  Object.values(definitions).map((definition) => [definition.type, definition]),
) as unknown as Record<EventType, EventDefinition>;
