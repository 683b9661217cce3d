import { buildASTSchema, lexicographicSortSchema, parse, printSchema } from 'graphql';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { breakingChanges } from './breaking-changes.mjs';
import { apiSchema, composeContract } from './composition.mjs';
import { referenceOf } from './reference.mjs';
import { Refused } from './refused.mjs';
import { changesOf } from './schema-changes.mjs';

/** The partners' contract: what the gateway plans over, what a bank may know, and its two pages. */
export const CONTRACT = {
  supergraph: 'partner.supergraph.graphql',
  schema: 'partner.schema.graphql',
  reference: path.join('docs', 'partners', 'reference.md'),
  changelog: path.join('docs', 'partners', 'changelog.md'),
};

const SCHEMA_HEADER =
  '# What a partner bank sees at /partner/graphql. Made by scripts/compose.mjs of what is marked in services/*/schema.graphql.\n';
const CHANGELOG_HEADER = `# What changed for partner banks

Made by \`npm run compose\` from the difference between [the contract](../../partner.schema.graphql) and the one that was committed
before; the newest comes first. **Breaking** is what a client can fail on: it was declared in \`docs/breaking-changes.json\` before.
`;

const sumOf = (/** @type {string} */ schema) => createHash('sha256').update(schema).digest('hex').slice(0, 16);
const schemaOf = (/** @type {string} */ text) => buildASTSchema(parse(text), { assumeValid: true });

/** @typedef {(file: string) => string | undefined} Reader gives the text of a file of some tree */

/**
 * The changelog with an entry for what is new since the contract of `last`. Told anew at each composition, so that what was
 * never committed leaves no entry.
 * @param {{ schema: string, last: Reader, today: string }} given
 */
function changelogOf({ schema, last, today }) {
  const before = last(CONTRACT.schema);
  const told = last(CONTRACT.changelog) ?? CHANGELOG_HEADER;
  if (before === schema && told.includes(`contract ${sumOf(schema)}`)) return told;
  const old = before === undefined ? undefined : schemaOf(before);
  const lines = changesOf(old, schemaOf(schema));
  const breaking = new Set(old ? breakingChanges(old, schemaOf(schema)).map(({ text }) => `- **Breaking**: ${text}`) : []);
  const list = [...breaking, ...lines.map((line) => `- ${line}`)];
  const entry = `## ${today}\n\n<!-- contract ${sumOf(schema)} -->\n\n${(list.length ? list : ['- Words of descriptions.']).join('\n')}\n`;
  return `${CHANGELOG_HEADER}\n${entry}${told.slice(CHANGELOG_HEADER.length)}`;
}

/**
 * Whether the newest entry of a changelog is about this contract.
 * @param {string} changelog
 * @param {string} schema
 */
const tellsOf = (changelog, schema) => /<!-- contract (\w+) -->/.exec(changelog)?.[1] === sumOf(schema);

/**
 * The files of the partners' contract as they have to be. None where nothing is marked and there was no contract.
 * @param {{ root: string, last: Reader, today: string }} options `last` reads what was committed last
 * @returns {Map<string, string>}
 */
export function contractOf({ root, last, today }) {
  const supergraph = composeContract(root);
  const present = /** @type {Reader} */ ((file) => {
    const place = path.join(root, file);
    return existsSync(place) ? readFileSync(place, 'utf8') : undefined;
  });
  if (supergraph === undefined) {
    if (present(CONTRACT.schema) === undefined && last(CONTRACT.schema) === undefined) return new Map();
    throw new Refused('Nothing is marked with @tag(name: "partner") any more: the contract of the partner banks would be gone.');
  }
  const schema = `${SCHEMA_HEADER}${printSchema(lexicographicSortSchema(apiSchema(supergraph)))}\n`;
  const told = present(CONTRACT.changelog);
  // What the newest entry says stays as it is: a day later it is not written anew.
  const changelog = told !== undefined && tellsOf(told, schema) ? told : changelogOf({ schema, last, today });
  return new Map([
    [CONTRACT.supergraph, supergraph],
    [CONTRACT.schema, schema],
    [CONTRACT.reference, referenceOf(schemaOf(schema))],
    [CONTRACT.changelog, changelog],
  ]);
}

/**
 * Changes that break the clients of partner banks. They are declared like others, with `PARTNER` before the kind: who takes
 * a mark away takes something from banks and from nobody else.
 * @param {string} before
 * @param {string} after
 */
export const contractBreaks = (before, after) =>
  breakingChanges(schemaOf(before), schemaOf(after)).map(({ id, text }) => ({ id: `PARTNER ${id}`, text }));
