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
export class DeliveryEvents {
  private ofBefore: ReadonlySet<string> = new Set();

  /** After a restore: what the topic holds may tell of what is not there any more, or ends anew. */
  async restored(bus: Bus): Promise<void> {
    this.ofBefore = new Set((await toldOn(bus)).map(({ id }) => id));
  }

  async breaches({ notifications }: { readonly notifications: pg.Client }, bus: Bus): Promise<string[]> {
    // Deliveries go on, a mail is tried for minutes: what had ended before the topic is read must be told, and what is told must have ended after.
    const { rows: due } = await notifications.query<Delivery>(HANDED_ON);
    const told = await toldOn(bus);
    const { rows: ended } = await notifications.query<Delivery>(ENDED);
    return unlikeTold({ due, ended, told, ofBefore: this.ofBefore });
  }
}

async function toldOn(bus: Bus): Promise<ToldDelivery[]> {
  const told: ToldDelivery[] = [];
  for await (const { headers, value } of bus.read(TOPICS.notifications)) {
    if (headers['ce_type'] === TYPE) told.push({ ...(JSON.parse(value) as Delivery), id: headers['ce_id']! });
  }
  return told;
}

/** What is not told, told as another end, told under two ids, or told of nothing. */
export function unlikeTold({ due, ended, told, ofBefore = new Set() }: {
  readonly due: readonly Delivery[]; readonly ended: readonly Delivery[]; readonly told: readonly ToldDelivery[]; readonly ofBefore?: ReadonlySet<string>;
}): string[] {
  const ends = new Map(ended.map((delivery) => [placeOf(delivery), delivery.outcome]));
  const outcomes = new Map<string, Set<string>>();
  const ids = new Map<string, Set<string>>();
  const note = (notes: Map<string, Set<string>>, place: string, text: string): unknown => notes.set(place, (notes.get(place) ?? new Set()).add(text));
  const breaches: string[] = [];
  for (const event of told) {
    const place = placeOf(event);
    note(outcomes, place, event.outcome);
    if (ofBefore.has(event.id)) continue;
    note(ids, place, event.id);
    if (ends.get(place) !== event.outcome) breaches.push(`an event tells that ${place} is ${event.outcome}, and it is ${ends.get(place) ?? 'not ended'}`);
  }
  return [
    ...due.filter((delivery) => !outcomes.get(placeOf(delivery))?.has(delivery.outcome)).map((delivery) => `no event tells that ${placeOf(delivery)} is ${delivery.outcome}`),
    ...[...ids].filter(([, { size }]) => size > 1).map(([place, { size }]) => `${size} events tell of ${place}`),
    ...new Set(breaches),
  ];
}
