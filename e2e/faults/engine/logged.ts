import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const LINES_MAX = 3;
const LINE_LENGTH_MAX = 1_200;

/** What the services logged under the reference that an answer names: the first lines, each with its file. */
export function loggedOf(home: string, answer: string): string {
  const reference = /"reference":"([^"]+)"/.exec(answer)?.[1];
  if (!reference) return '';
  const folder = join(home, 'logs');
  const files = readdirSync(folder).filter((file) => file.endsWith('.log'));
  const lines = files.flatMap((file) => {
    const found = readFileSync(join(folder, file), 'utf8').split('\n').filter((line) => line.includes(reference));
    return found.map((line) => `${file}: ${line.slice(0, LINE_LENGTH_MAX)}`);
  });
  return lines.slice(0, LINES_MAX).map((line) => `\n  ${line}`).join('');
}
