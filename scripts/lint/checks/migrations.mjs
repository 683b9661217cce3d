import { basename } from 'node:path';
import { nodesOf } from '../source.mjs';

export const RULES = ['migration-tables'];

/** Those merged before the rule came are as they are: a migration is never edited. */
const RULE_SINCE = 1795990000000;

const NAME = '"?([\\w${}.]+)"?';
// What takes a table from whoever writes to it. What the same migration creates is nobody's yet.
const TAKEN = new RegExp(
  `\\b(?:ALTER TABLE(?: IF EXISTS)?(?: ONLY)?|LOCK TABLE|DROP TABLE(?: IF EXISTS)?|TRUNCATE(?: TABLE)?|` +
    `CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY)[^;]*?\\bON|CREATE (?:OR REPLACE )?(?:CONSTRAINT )?TRIGGER[^;]*?\\bON|DROP TRIGGER[^;]*?\\bON) ${NAME}`,
  'gi',
);
const CREATED = new RegExp(`\\bCREATE TABLE(?: IF NOT EXISTS)? ${NAME}`, 'gi');

const isOfNow = (path) => Number(/^(\d+)-/.exec(basename(path))?.[1] ?? 0) >= RULE_SINCE;
const tables = (text, pattern) => [...text.matchAll(pattern)].map(([, name]) => name);

/**
 * A migration takes one table that is in use: the traffic takes tables in an order of its own, so of a transaction that has
 * one and waits for the next, the other end may hold the next and wait for the first.
 */
export function check(source) {
  if (source.isTest || !/\/migrations\//.test(source.path) || !isOfNow(source.path)) return [];
  const up = nodesOf(source, 'ClassMethod').find(({ key }) => key.value === 'up');
  if (!up) return [];
  const text = source.textOf(up);
  const created = new Set(tables(text, CREATED));
  const taken = [...new Set(tables(text, TAKEN))].filter((table) => !created.has(table));
  if (taken.length < 2) return [];
  return [
    {
      rule: 'migration-tables',
      message: `takes ${taken.join(' and ')}: a migration changes one table that is in use (ADR 9)`,
      line: source.lineOf(up),
    },
  ];
}
