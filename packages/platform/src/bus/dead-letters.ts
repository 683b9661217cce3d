import type { Bus, BusMessage, OutgoingMessage } from './bus.port';

/** Gives the topic that takes what a group could not work off. */
export function deadLetterTopic(topic: string, group: string): string {
  return `${topic}.${group}.dlq`;
}

/** Why and where a message failed. */
export interface Failure {
  /** Class and message of the error, without data of the event. */
  readonly cause: string;
  readonly attempts: number;
  readonly firstFailedAt: Date;
}

/** A message that a group could not work off, with its place in the original topic. */
export interface DeadLetter extends Failure {
  readonly eventId: string | undefined;
  readonly eventType: string | undefined;
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** False where {@link replayDeadLetters} has sent it again. */
  readonly open: boolean;
  /** The message as it was, to be published again. */
  readonly original: OutgoingMessage;
}

const PREFIX = 'dead_letter_';
const CAUSE_LENGTH_MAX = 500;

// The group whose committed offset says up to where dead letters were sent again.
const replayGroup = (group: string): string => `${group}.replay`;

/** Makes the dead letter of a message: as it was, with the failure in headers of its own. */
export function deadLetterOf(message: BusMessage, group: string, failure: Failure): OutgoingMessage {
  const { topic, partition, offset, key, headers, value } = message;
  return {
    topic: deadLetterTopic(topic, group),
    key,
    value,
    headers: {
      ...headers,
      [`${PREFIX}cause`]: printable(failure.cause).slice(0, CAUSE_LENGTH_MAX),
      [`${PREFIX}attempts`]: String(failure.attempts),
      [`${PREFIX}first_failed_at`]: failure.firstFailedAt.toISOString(),
      [`${PREFIX}group`]: group,
      [`${PREFIX}topic`]: topic,
      [`${PREFIX}partition`]: String(partition),
      [`${PREFIX}offset`]: String(offset),
    },
  };
}

/** Lists the dead letters of a group on a topic, oldest first. */
export async function listDeadLetters(bus: Bus, topic: string, group: string): Promise<DeadLetter[]> {
  const dead = deadLetterTopic(topic, group);
  const messages: BusMessage[] = [];
  for await (const message of bus.read(dead)) messages.push(message);
  const open = Number(await bus.lag(replayGroup(group), [dead]));
  return messages.map((message, index) => ({ ...parse(message), open: index >= messages.length - open }));
}

/**
 * Publishes dead letters to their original topic again: all that are open, or those with the given event ids. Groups that
 * had worked an event off know it by its id and pass over it. A replayed event comes after later ones of its key.
 * @returns how many were published
 */
export async function replayDeadLetters(
  bus: Bus, from: { topic: string; group: string; eventIds?: readonly string[] },
): Promise<number> {
  const { topic, group, eventIds } = from;
  const letters = await listDeadLetters(bus, topic, group);
  if (eventIds) {
    const chosen = letters.filter((letter) => letter.eventId !== undefined && eventIds.includes(letter.eventId));
    await bus.publish(chosen.map((letter) => letter.original));
    return chosen.length;
  }
  return replayOpen(bus, deadLetterTopic(topic, group), { group, expected: letters.filter((letter) => letter.open).length });
}

async function replayOpen(bus: Bus, dead: string, { group, expected }: { group: string; expected: number }): Promise<number> {
  if (expected === 0) return 0;
  let replayed = 0;
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const consumer = await bus.subscribe({
    group: replayGroup(group),
    topics: [dead],
    onBatch: async (messages) => {
      await bus.publish(messages.map((message) => parse(message).original));
      replayed += messages.length;
      if (replayed >= expected) finish();
    },
  });
  await finished;
  await consumer.stop();
  return replayed;
}

function parse(message: BusMessage): Omit<DeadLetter, 'open'> {
  const own = (name: string): string => message.headers[PREFIX + name] ?? '';
  const headers = Object.fromEntries(Object.entries(message.headers).filter(([name]) => !name.startsWith(PREFIX)));
  return {
    eventId: headers['ce_id'],
    eventType: headers['ce_type'],
    topic: own('topic'),
    partition: Number(own('partition')),
    offset: BigInt(own('offset') || 0),
    cause: own('cause'),
    attempts: Number(own('attempts')),
    firstFailedAt: new Date(own('first_failed_at')),
    original: { topic: own('topic'), key: message.key, headers, value: message.value },
  };
}

// A header travels as one line, and Postgres takes no NUL.
// eslint-disable-next-line no-control-regex
const printable = (text: string): string => text.replace(/[\u0000-\u001f\u007f]+/g, ' ');
