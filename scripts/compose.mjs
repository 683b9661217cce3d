#!/usr/bin/env node
// Composes the supergraph of the subgraphs' committed schemas and writes it to supergraph.graphql. What is marked for partner
// banks is composed once more alone: partner.supergraph.graphql, its API partner.schema.graphql, and docs/partners' reference and
// changelog (ADR 21).
//   node scripts/compose.mjs                  writes; refuses changes that break clients and are not declared
//   node scripts/compose.mjs --check          writes nothing; fails where the file is not what would be written
//   node scripts/compose.mjs --against <ref>  compares with the graph of this commit too, such as the last release's
//   --root <folder>                           another tree than this one
// What is compared with: the file as it is and, where something is to be written, as it was committed last.
// A breaking change is declared in docs/breaking-changes.json: {"change": "FIELD_REMOVED Query.me", "why": …, "until": day}.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { breakingChanges, readWaivers, refusalOf } from './compose/breaking-changes.mjs';
import { apiSchema, compose } from './compose/composition.mjs';
import { CONTRACT, contractBreaks, contractOf } from './compose/contract.mjs';
import { Refused } from './compose/refused.mjs';

const SUPERGRAPH = 'supergraph.graphql';

/**
 * Reads a file of a commit. Gives nothing where the tree is not the top of a repository, or the commit does not have it.
 * @param {string} root
 * @param {string} ref
 * @param {string} file
 */
function committed(root, ref, file) {
  const git = (/** @type {string[]} */ ...args) =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 64 * 1024 * 1024 });
  try {
    if (path.resolve(git('rev-parse', '--show-toplevel').trim()) !== root) return undefined;
    return git('show', `${ref}:${file}`);
  } catch {
    return undefined;
  }
}

/** @param {string} root @param {string} file */
const present = (root, file) => {
  const place = path.join(root, file);
  return existsSync(place) ? readFileSync(place, 'utf8') : undefined;
};

/**
 * @typedef {object} Options
 * @property {string} root
 * @property {boolean} check
 * @property {string | undefined} against
 */

/**
 * The texts of a file that clients may know.
 * @param {Options} options
 * @param {string} file
 */
function baselines({ root, check, against }, file) {
  const named = against === undefined ? undefined : committed(root, against, file);
  const last = check ? undefined : committed(root, 'HEAD', file);
  // A graph that was composed since the last commit has no clients: its changes may be taken back.
  return [...new Set([named, last ?? present(root, file)])].filter((text) => text !== undefined);
}

/** @param {Options} options @param {string} after @param {Map<string, string>} contract */
function breaksOf(options, after, contract) {
  const { root, against } = options;
  if (against !== undefined && committed(root, against, SUPERGRAPH) === undefined)
    throw new Refused(`${against} has no supergraph.graphql here.`);
  const ofAll = baselines(options, SUPERGRAPH).flatMap((graph) =>
    graph === after ? [] : breakingChanges(apiSchema(graph), apiSchema(after)),
  );
  const schema = contract.get(CONTRACT.schema);
  const ofPartners = schema ? baselines(options, CONTRACT.schema).flatMap((text) => contractBreaks(text, schema)) : [];
  return [...new Map([...ofAll, ...ofPartners].map((change) => [change.id, change])).values()];
}

/** @param {Options} options */
function run(options) {
  const { root, check } = options;
  const today = new Date().toISOString().slice(0, 10);
  const after = compose(root);
  const contract = contractOf({ root, today, last: (file) => committed(root, 'HEAD', file) ?? present(root, file) });
  const { holding, lapsed } = readWaivers(root, today);
  const changes = breaksOf(options, after, contract);
  const undeclared = changes.filter(({ id }) => !holding.has(id));
  if (undeclared.length) throw refusalOf(undeclared, lapsed);
  const files = new Map([[SUPERGRAPH, after], ...contract]);
  const stale = [...files].filter(([file, text]) => present(root, file) !== text).map(([file]) => file);
  const partners = contract.size ? '' : '\nNothing is marked for partner banks: there is no contract of theirs.';
  if (stale.length === 0) return `supergraph.graphql is up to date.${partners}`;
  const are = stale.length > 1 ? 'are' : 'is';
  if (check)
    throw new Refused(`${stale.join(', ')} ${are} not what the schemas compose to. Run \`npm run compose\` and commit it.`);
  for (const file of stale) write(path.join(root, file), String(files.get(file)));
  const list = changes.map(({ id, text }) => `  ${id}: ${text}`).join('\n');
  return `${stale.join(', ')} ${are} written${list ? `, with declared changes that break clients:\n${list}` : '.'}${partners}`;
}

/**
 * The gateway may read a file at any moment: it must never see half of it.
 * @param {string} file
 * @param {string} text
 */
function write(file, text) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
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
