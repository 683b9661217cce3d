import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROBLEM_CODES } from './history-row.domain';

it('the page of histories has every code of a wrong line, and no other', () => {
  const text = readFileSync(join(__dirname, '..', '..', '..', '..', 'docs', 'partners', 'history.md'), 'utf8');
  const rows = text.slice(text.indexOf('| Code | The line |')).split('\n\n')[0]!.split('\n').slice(2);
  expect(rows.flatMap((row) => [...row.split('|')[1]!.matchAll(/`([^`]+)`/g)].map(([, code]) => code!)).sort()).toEqual([...PROBLEM_CODES].sort());
});
