import { TOPICS } from '@tael/events';
import type { Bus } from '@tael/platform/bus';
import type pg from 'pg';

/** A delivery as the database or an event has it. */
export interface Delivery {
  readonly notificationId: string;
  readonly channel: string;
  readonly outcome: string;
}

/** An event that tells of a delivery's end. */
export interface ToldDelivery extends Delivery {
  readonly id: string;
}

const TYPE = 'notification.delivered';
const placeOf = ({ notificationId, channel }: Delivery): string => `${channel} of ${notificationId}`;

/** Those that have ended, whose event waits in the outbox no more: from one snapshot, so that none is between the two. */
const HANDED_ON = `/* faults.handed-on */ SELECT d."notificationId", d.channel, d.status AS outcome FROM delivery d
  WHERE d.status NOT IN ('PLANNED', 'CLAIMED') AND NOT EXISTS (
    SELECT FROM outbox o WHERE o.headers ->> 'ce_type' = '${TYPE}'
      AND o.value::jsonb ->> 'notificationId' = d."notificationId"::text AND o.value::jsonb ->> 'channel' = d.channel)`;
const ENDED = `/* faults.ended */ SELECT "notificationId", channel, status AS outcome FROM delivery WHERE status NOT IN ('PLANNED', 'CLAIMED')`;

/**
 * Nobody reads what notifications tells of deliveries, and so nothing else would miss it: the topic itself is compared with the deliveries.
 * One that has ended is told of by one event, under one id however often that came, and none is told of that has not ended like that.
 */
export async function deliveryBreaches({ notifications }: { readonly notifications: pg.Client }, bus: Bus): Promise<string[]> {
  // Deliveries go on, a mail is tried for minutes: what had ended before the topic is read must be told, and what is told must have ended after.
  const { rows: due } = await notifications.query<Delivery>(HANDED_ON);
  const told = await toldOn(bus);
  const { rows: ended } = await notifications.query<Delivery>(ENDED);
  return unlikeTold({ due, ended, told });
}

async function toldOn(bus: Bus): Promise<ToldDelivery[]> {
  const told: ToldDelivery[] = [];
  for await (const { headers, value } of bus.read(TOPICS.notifications)) {
    if (headers['ce_type'] === TYPE) told.push({ ...(JSON.parse(value) as Delivery), id: headers['ce_id']! });
  }
  return told;
}

/** What is not told, told as another end, told under two ids, or told of nothing. */
export function unlikeTold({ due, ended, told }: {
  readonly due: readonly Delivery[]; readonly ended: readonly Delivery[]; readonly told: readonly ToldDelivery[];
}): string[] {
  const ends = new Map(ended.map((delivery) => [placeOf(delivery), delivery.outcome]));
  const events = new Map<string, ToldDelivery[]>();
  for (const event of told) events.set(placeOf(event), [...(events.get(placeOf(event)) ?? []), event]);
  const isTold = (delivery: Delivery): boolean => events.get(placeOf(delivery))?.some(({ outcome }) => outcome === delivery.outcome) ?? false;
  const idsOf = (all: readonly ToldDelivery[]): number => new Set(all.map(({ id }) => id)).size;
  const untrue = told.filter((event) => ends.get(placeOf(event)) !== event.outcome)
    .map((event) => `an event tells that ${placeOf(event)} is ${event.outcome}, and it is ${ends.get(placeOf(event)) ?? 'not ended'}`);
  return [
    ...due.filter((delivery) => !isTold(delivery)).map((delivery) => `no event tells that ${placeOf(delivery)} is ${delivery.outcome}`),
    ...[...events].filter(([, all]) => idsOf(all) > 1).map(([place, all]) => `${idsOf(all)} events tell of ${place}`),
    ...new Set(untrue),
  ];
}
