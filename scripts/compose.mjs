#!/usr/bin/env node
// Composes the supergraph of the subgraphs' committed schemas and writes it to supergraph.graphql.
//   node scripts/compose.mjs                  writes; refuses changes that break clients and are not declared
//   node scripts/compose.mjs --check          writes nothing; fails where the file is not what would be written
//   node scripts/compose.mjs --against <ref>  compares with the graph of this commit too, such as the last release's
//   --root <folder>                           another tree than this one
// What is compared with: the file as it is and, where something is to be written, as it was committed last.
// A breaking change is declared in docs/breaking-changes.json: {"change": "FIELD_REMOVED Query.me", "why": …, "until": day}.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { breakingChanges, readWaivers, refusalOf } from './compose/breaking-changes.mjs';
import { apiSchema, compose } from './compose/composition.mjs';
import { Refused } from './compose/refused.mjs';

/**
 * The supergraph of a commit. Nothing where the tree is not the top of a repository, or the commit has none.
 * @param {string} root
 * @param {string} ref
 */
function committed(root, ref) {
  const git = (/** @type {string[]} */ ...args) =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    if (path.resolve(git('rev-parse', '--show-toplevel').trim()) !== root) return undefined;
    return git('show', `${ref}:supergraph.graphql`);
  } catch {
    return undefined;
  }
}

/**
 * The graphs that clients may know.
 * @param {{ root: string, check: boolean, against: string | undefined }} options
 * @param {string | undefined} present
 */
function baselines({ root, check, against }, present) {
  const named = against === undefined ? undefined : committed(root, against);
  if (against !== undefined && named === undefined) throw new Refused(`${against} has no supergraph.graphql here.`);
  const last = check ? undefined : committed(root, 'HEAD');
  // A graph that was composed since the last commit has no clients: its changes may be taken back.
  return [...new Set([named, last ?? present])].filter((graph) => graph !== undefined);
}

/** @param {{ root: string, check: boolean, against: string | undefined }} options */
function run(options) {
  const { root, check } = options;
  const file = path.join(root, 'supergraph.graphql');
  const before = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  const after = compose(root);
  const { holding, lapsed } = readWaivers(root, new Date().toISOString().slice(0, 10));
  const changes = baselines(options, before).flatMap((graph) =>
    graph === after ? [] : breakingChanges(apiSchema(graph), apiSchema(after)),
  );
  const distinct = [...new Map(changes.map((change) => [change.id, change])).values()];
  const undeclared = distinct.filter(({ id }) => !holding.has(id));
  if (undeclared.length) throw refusalOf(undeclared, lapsed);
  if (before === after) return 'supergraph.graphql is up to date.';
  if (check)
    throw new Refused('supergraph.graphql is not what the schemas compose to. Run `npm run compose` and commit it.');
  // The gateway may read the file at any moment: it must never see half of it.
  writeFileSync(`${file}.new`, after);
  renameSync(`${file}.new`, file);
  const list = distinct.map(({ id, text }) => `  ${id}: ${text}`).join('\n');
  return `supergraph.graphql is written${list ? `, with declared changes that break clients:\n${list}` : '.'}`;
}

const { values } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    against: { type: 'string' },
    root: { type: 'string', default: path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..') },
  },
});
try {
  const { root, check, against } = values;
  process.stdout.write(`${run({ root: path.resolve(root), check, against })}\n`);
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
