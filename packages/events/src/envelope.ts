import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { CATALOGUE, type EventData, type EventType } from './catalogue';

/** The part of a bus message that events need; packages/platform's bus carries it. */
export interface EventMessage {
  readonly topic: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: string;
}

/** An event as a consumer sees it. */
export interface TaelEvent<Type extends EventType = EventType> {
  readonly id: string;
  readonly type: Type;
  /** The service that sent it. */
  readonly source: string;
  readonly time: Date;
  readonly traceparent: string | undefined;
  readonly data: EventData<Type>;
}

/** A message is no event of the catalogue, or its data does not fit the schema: trying again cannot help. */
export class MalformedEvent extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MalformedEvent';
  }
}

/**
 * Writes an event as a bus message: CloudEvents 1.0 in Kafka's binary mode (attributes as `ce_` headers, data as JSON).
 * @param origin.id - given where the sender must send the very same event again; else a new UUIDv7
 */
export function toMessage<Type extends EventType>(
  type: Type,
  data: EventData<Type>,
  origin: { source: string; time: Date; traceparent?: string | undefined; id?: string },
): EventMessage {
  const definition = CATALOGUE[type];
  const encoded = z.encode(definition.data, data) as Record<string, unknown>;
  const key = (data as Record<string, unknown>)[definition.key];
  if (typeof key !== 'string') throw new TypeError(`${type}: the key ${definition.key} is no text`);
  return {
    topic: definition.topic,
    key,
    headers: {
      ce_specversion: '1.0',
      ce_id: origin.id ?? uuidv7(),
      ce_type: type,
      ce_source: `/tael/${origin.source}`,
      ce_time: origin.time.toISOString(),
      ce_subject: key,
      ce_dataschema: `/tael/events/${type}/v${definition.version}`,
      'content-type': 'application/json',
      ...(origin.traceparent ? { traceparent: origin.traceparent } : {}),
    },
    value: JSON.stringify(encoded),
  };
}

const ID = z.uuid();

/** Reads a bus message as an event of the catalogue. Throws {@link MalformedEvent}; its text holds no data of the event. */
export function fromMessage(message: EventMessage): TaelEvent {
  const { ce_id: id, ce_type: type, ce_source: source, ce_time: time, traceparent } = message.headers;
  if (!ID.safeParse(id).success) throw new MalformedEvent('ce_id is missing or no UUID');
  if (!type || !Object.hasOwn(CATALOGUE, type)) throw new MalformedEvent(`unknown event type ${JSON.stringify(type?.slice(0, 80))}`);
  let raw: unknown;
  try {
    raw = JSON.parse(message.value);
  } catch {
    throw new MalformedEvent(`${type}: the data is no JSON`);
  }
  const parsed = CATALOGUE[type as EventType].data.safeParse(raw);
  if (!parsed.success) {
    const where = parsed.error.issues.map((issue) => `${issue.path.join('.')} (${issue.code})`).join(', ');
    throw new MalformedEvent(`${type}: the data does not fit its schema at ${where}`);
  }
  return {
    id: id!,
    type: type as EventType,
    source: source?.replace('/tael/', '') ?? '',
    time: new Date(time ?? 0),
    traceparent,
    data: parsed.data as EventData<EventType>,
  };
}

/** What a service does on the events that it wants; `Context` is its transaction. */
export type EventHandlers<Context> = {
  [Type in EventType]?: (context: Context, event: TaelEvent<Type>) => Promise<void>;
};

/**
 * Makes one function of a table of handlers: reads the message, calls the handler of its type, passes over types of the
 * catalogue that have none. Throws {@link MalformedEvent} for what is no event.
 */
export function dispatcher<Context>(handlers: EventHandlers<Context>): (context: Context, message: EventMessage) => Promise<void> {
  return async (context, message) => {
    const event = fromMessage(message);
    const handler = handlers[event.type] as ((context: Context, event: TaelEvent) => Promise<void>) | undefined;
    await handler?.(context, event);
  };
}

/**
 * Makes the function that says of a message, by its headers alone, that this service has nothing to do with it: an event of
 * the catalogue without a handler in the table, or an event of a type that only a newer sender knows. It may be passed over
 * unread. What is no event of ours at all is not passed over: somebody has to look at that.
 */
export function withoutHandler(handlers: Readonly<Partial<Record<EventType, unknown>>>): (message: EventMessage) => boolean {
  return (message) => {
    const type = message.headers['ce_type'] ?? '';
    if (!Object.hasOwn(CATALOGUE, type)) return isOfNewerSender(message);
    return handlers[type as EventType] === undefined;
  };
}

const TYPE = /^[a-z][a-z-]*(\.[a-z][a-z-]*)+$/;
const SCHEMA = /^\/tael\/events\/([^/]+)\/v[1-9]\d*$/;

/**
 * Whether an event of an unknown type has the envelope that {@link toMessage} writes. Whoever wants a new type runs before it
 * is first sent, so to everybody else it says nothing.
 */
function isOfNewerSender({ headers }: EventMessage): boolean {
  const { ce_id: id, ce_type: type = '', ce_specversion: version, ce_source: source = '', ce_dataschema: schema = '' } = headers;
  return version === '1.0' && TYPE.test(type) && SCHEMA.exec(schema)?.[1] === type && source.startsWith('/tael/') && ID.safeParse(id).success;
}
