import { basename } from 'node:path';
import { nodesOf } from '../source.mjs';

export const RULES = ['migration-tables'];

/** Those merged before the rule came are as they are: a migration is never edited. */
const RULE_SINCE = 1795990000000;

const NAME = '(?:ONLY\\s+)?"?[\\w${}.]+"?';
const LIST = `(${NAME}(?:\\s*,\\s*${NAME})*)`;
// What holds up whoever writes to a table, or waits for them. What the same migration creates is nobody's yet.
const TAKEN = new RegExp(
  [
    `\\bALTER\\s+TABLE\\s+(?:IF\\s+EXISTS\\s+)?(${NAME})`,
    `\\bLOCK\\s+(?:TABLE\\s+)?${LIST}`,
    `\\bDROP\\s+TABLE\\s+(?:IF\\s+EXISTS\\s+)?${LIST}`,
    `\\bTRUNCATE\\s+(?:TABLE\\s+)?${LIST}`,
    `\\bREFERENCES\\s+(${NAME})`,
    `\\bPARTITION\\s+OF\\s+(${NAME})`,
    `\\bCREATE\\s+(?:UNIQUE\\s+)?INDEX\\s+(?!CONCURRENTLY)[^;]*?\\bON\\s+(${NAME})`,
    `\\b(?:CREATE\\s+(?:OR\\s+REPLACE\\s+)?(?:CONSTRAINT\\s+)?|DROP\\s+)TRIGGER[^;]*?\\bON\\s+(${NAME})`,
  ].join('|'),
  'gi',
);
const CREATED = new RegExp(`\\bCREATE\\s+TABLE\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?(${NAME})`, 'gi');
// It holds up other changes alone, and nobody who writes.
const HARMLESS = new RegExp(`\\bALTER\\s+TABLE\\s+${NAME}\\s+VALIDATE\\s+CONSTRAINT\\s+"?\\w+"?(?=\\s*[;'"\`]|\\s*$)`, 'gi');

const isOfNow = (path) => Number(/^(\d+)-/.exec(basename(path))?.[1] ?? 0) >= RULE_SINCE;
const plain = (name) => name.trim().replace(/^ONLY\s+/i, '').replaceAll('"', '');

function tables(text, pattern) {
  return [...text.matchAll(pattern)].flatMap(([, ...groups]) => groups.filter(Boolean).flatMap((list) => list.split(',').map(plain)));
}

/** Whether each statement is a transaction of its own: `transaction = false`. */
const isBeside = (source) =>
  nodesOf(source, 'ClassProperty').some(({ key, value }) => key.value === 'transaction' && value?.value === false);

/**
 * A migration takes one table that is in use: the traffic takes tables in an order of its own, so of a transaction that has
 * one and waits for the next, the other end may hold the next and wait for the first. It sees what stands in the file, not what
 * a constant of another holds.
 */
export function check(source) {
  if (source.isTest || !/\/migrations\//.test(source.path) || !isOfNow(source.path) || isBeside(source)) return [];
  const up = nodesOf(source, 'ClassMethod').find(({ key }) => key.value === 'up');
  if (!up) return [];
  const text = source.textOf(up).replace(HARMLESS, '');
  const created = new Set(tables(text, CREATED));
  const taken = [...new Set(tables(text, TAKEN))].filter((table) => !created.has(table));
  // A name that is put together may be any of many.
  if (taken.length < 2 && !taken.some((table) => table.includes('${'))) return [];
  return [
    {
      rule: 'migration-tables',
      message: `takes ${taken.join(' and ')}: a migration changes one table that is in use, by its name (ADR 9)`,
      line: source.lineOf(up),
    },
  ];
}
