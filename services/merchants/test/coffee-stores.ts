import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A shop of the list of 113; its hours hold every day, and are missing where the list has none. */
export interface CoffeeStore {
  readonly name: string;
  readonly city: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly hours: { readonly opens: string; readonly closes: string } | undefined;
}

function timeOf(text: string): string {
  const [, hour, minute, half] = /^(\d+):(\d\d) (AM|PM)$/.exec(text)!;
  return `${String((Number(hour) % 12) + (half === 'PM' ? 12 : 0)).padStart(2, '0')}:${minute}`;
}

function hoursOf(text: string): CoffeeStore['hours'] {
  if (!text) return undefined;
  const [opens = '', closes = ''] = text.split(' to ').map(timeOf);
  return opens === closes ? { opens: '00:00', closes: '24:00' } : { opens, closes };
}

/** Reads the list: test/data/README.md says whose it is. */
export function coffeeStores(): CoffeeStore[] {
  const lines = readFileSync(join(__dirname, 'data/coffee-stores.csv'), 'utf8').trim().split(/\r?\n/).slice(1);
  return lines.map((line) => {
    const [, name = '', city = '', latitude, longitude, hours = ''] = [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, field]) => field!.replace(/^"|"$/g, ''));
    return { name, city, latitude: Number(latitude), longitude: Number(longitude), hours: hoursOf(hours) };
  });
}
