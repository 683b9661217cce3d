import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CATALOGUE, type EventType } from './catalogue';
import { type EventMessage, fromMessage, toMessage } from './envelope';

const FOLDER = join(__dirname, '..', 'test', 'corpus');
const SUMS = 'SHA256SUMS';
const textOf = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.json')).sort();
const NAME = /^(?<type>[a-z.-]+)\.v(?<version>\d+)\.\d+\.json$/;
const recordingOf = (name: string): EventMessage => JSON.parse(textOf(name)) as EventMessage;

/** The value with one more field in every object of it, as a newer sender may write it. */
function withMore(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withMore);
  if (value === null || typeof value !== 'object') return value;
  const fields = Object.entries(value).map(([name, field]) => [name, withMore(field)]);
  return { ...Object.fromEntries(fields), addedLater: { 'of a': ['newer', 'sender'] } };
}

describe('the corpus', () => {
  it('is as it was recorded: a file is added, and never changed or taken away', () => {
    const sums = Object.fromEntries(textOf(SUMS).trimEnd().split('\n').map((line) => line.split('  ').reverse() as [string, string]));
    const present = FILES.map((name) => [name, createHash('sha256').update(textOf(name)).digest('hex')]);
    expect(Object.fromEntries(present)).toEqual(sums);
  });

  it('has every type and version of the catalogue', () => {
    const recorded = new Set(FILES.map((name) => name.replace(/\.\d+\.json$/, '')));
    const known = Object.values(CATALOGUE).map(({ type, version }) => `${type}.v${version}`);
    expect(known.filter((name) => !recorded.has(name))).toEqual([]);
  });
});

describe.each(FILES)('%s', (name) => {
  const recorded = recordingOf(name);
  const { type, version } = NAME.exec(name)!.groups as { type: EventType; version: string };

  it('is named after what it holds', () => {
    expect(recorded.headers).toMatchObject({ ce_type: type, ce_dataschema: `/tael/events/${type}/v${version}` });
  });

  it('is read by the schema of today, and every field of it arrives', () => {
    const { data, id, source, time, traceparent } = fromMessage(recorded);
    const again = toMessage(type, data, { id, source, time, traceparent });
    expect(JSON.parse(again.value)).toMatchObject(JSON.parse(recorded.value) as object);
    expect({ ...again, value: '' }).toEqual({ ...recorded, value: '' });
  });

  it('is read alike where a newer sender adds fields and headers', () => {
    const value = JSON.stringify(withMore(JSON.parse(recorded.value)));
    const newer = { ...recorded, value, headers: { ...recorded.headers, ce_addedlater: 'x', addedlater: 'y' } };
    expect(fromMessage(newer)).toEqual(fromMessage(recorded));
  });
});
