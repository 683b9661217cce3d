import { randomUUID } from 'node:crypto';
import { eventually } from './eventually';
import type { RecordedEvent } from './recorded-events';

/** What of a bus the replay of recorded events needs. */
export interface ReplayBus {
  publish(messages: readonly { topic: string; key: string; headers: Record<string, string>; value: string }[]): Promise<void>;
  lag(group: string, topics: readonly string[]): Promise<bigint>;
  read(topic: string): AsyncIterable<{ readonly headers: Readonly<Record<string, string>> }>;
}

export interface RecordedReplay {
  /** Lets the consumer hear these events to the last. Gives the types of what is dead then. */
  hear(events: readonly RecordedEvent[]): Promise<string[]>;
  /** The types of the events that its inbox knows, and of those that it does not, each in order. */
  worked(events: readonly RecordedEvent[]): Promise<{ workedOff: string[]; passedOver: string[] }>;
}

const idOf = ({ headers }: RecordedEvent): string => headers['ce_id']!;
const typesOf = (events: readonly RecordedEvent[]): string[] => [...new Set(events.map(({ type }) => type))].sort();

/** Sends recorded events to a service's own consumer. `start` starts it as its main program does; `inbox` gives the ids of the events that it has worked off. */
export function recordedReplay(parts: {
  readonly bus: ReplayBus;
  readonly group: string;
  readonly topics: readonly string[];
  readonly deadLetterTopic: (topic: string, group: string) => string;
  readonly start: () => Promise<{ stop(): Promise<unknown> }>;
  readonly inbox: () => Promise<readonly string[]>;
}): RecordedReplay {
  const { bus, group, topics, deadLetterTopic, start, inbox } = parts;
  return {
    async hear(events) {
      await bus.publish(events);
      const consumer = await start();
      await eventually(async () => {
        if ((await bus.lag(group, topics)) !== 0n) throw new Error('events wait');
      }, { timeoutMs: 60_000, describe: 'every recorded event is heard' });
      await consumer.stop();
      const dead: string[] = [];
      for (const topic of topics) for await (const { headers } of bus.read(deadLetterTopic(topic, group))) dead.push(headers['ce_type']!);
      return dead;
    },
    async worked(events) {
      const known = new Set(await inbox());
      const [heard, other] = [events.filter((one) => known.has(idOf(one))), events.filter((one) => !known.has(idOf(one)))];
      return { workedOff: typesOf(heard), passedOver: typesOf(other) };
    },
  };
}

/** The same as new events, which no inbox knows: what they say is known by itself, or done twice. */
export const asNewEvents = (events: readonly RecordedEvent[]): RecordedEvent[] =>
  events.map((one) => ({ ...one, headers: { ...one.headers, ce_id: randomUUID() } }));
