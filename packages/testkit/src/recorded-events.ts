import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const FOLDER = resolve(__dirname, '..', '..', 'events', 'test', 'corpus');

/** A message as it lay on the topic of a stack once, of whatever version of Tael that was. */
export interface RecordedEvent {
  /** Its file in the corpus. */
  readonly file: string;
  readonly type: string;
  readonly topic: string;
  readonly key: string;
  readonly headers: Record<string, string>;
  readonly value: string;
}

/**
 * Gives the recorded events of the topics, in the order of their files. Their sealed texts are sealed under keys that are gone, so each is replaced by
 * one of the same kind that `seal` seals; everything else is as it was sent.
 */
export function recordedEvents(topics: readonly string[], seal: (text: string, owner: string) => string): RecordedEvent[] {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json')).sort(byVersion);
  return files.flatMap((file) => {
    const { topic, key, headers, value } = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as RecordedEvent;
    return topics.includes(topic) ? [{ file, type: headers['ce_type']!, topic, key, headers, value: resealed(value, seal) }] : [];
  });
}

// The tenth recording of a type comes after the ninth.
const byVersion = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

function resealed(value: string, seal: (text: string, owner: string) => string): string {
  const data = JSON.parse(value) as Record<string, unknown>;
  const isSealed = (text: unknown): boolean => typeof text === 'string' && /^v1\.[a-z0-9-]+\./.test(text);
  const owner = String(data['personId'] ?? data['merchantId'] ?? data['partnerId']);
  if (isSealed(data['name'])) data['name'] = seal('Harbour Coffee', owner);
  if (isSealed(data['contact'])) data['contact'] = seal(JSON.stringify({ displayName: 'Ada Example', email: `${owner}@people.example` }), owner);
  return JSON.stringify(data);
}
