#!/usr/bin/env node
// Composes the supergraph of the subgraphs' committed schemas and writes it to supergraph.graphql.
//   node scripts/compose.mjs                   writes; refuses breaking changes that are not declared
//   node scripts/compose.mjs --check           writes nothing; fails where the file is not what would be written
//   node scripts/compose.mjs --allow-breaking  writes breaking changes too (before the first release)
//   --root <folder>                            another tree than this one
// A breaking change is declared by its text, as this program prints it, in backquotes in docs/breaking-changes.md.
import { composeServices, transformSupergraphToPublicSchema } from '@theguild/federation-composition';
import { buildASTSchema, findBreakingChanges, parse } from 'graphql';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const SUBGRAPHS = ['accounts', 'merchants', 'rewards', 'notifications'];
const HEADER =
  '# Composed by scripts/compose.mjs from services/*/schema.graphql. Run `npm run compose`; do not edit.\n';

class Refused extends Error {}

/** Reads the schemas that the subgraphs' builds emitted. */
function readSubgraphs(root) {
  const missing = [];
  const subgraphs = SUBGRAPHS.map((name) => {
    const file = path.join(root, 'services', name, 'schema.graphql');
    if (!existsSync(file)) return void missing.push(path.relative(root, file));
    const text = readFileSync(file, 'utf8');
    try {
      // The address only names the subgraph; the gateway takes the real ones from its environment.
      return { name, url: `http://${name}.tael.local/graphql`, typeDefs: parse(text) };
    } catch (error) {
      throw new Refused(`services/${name}/schema.graphql cannot be parsed: ${error.message}`);
    }
  });
  if (missing.length)
    throw new Refused(`These schemas are missing; build their services first:\n  ${missing.join('\n  ')}`);
  return subgraphs;
}

/** Composes, or refuses with every error on a line of its own. */
function compose(subgraphs) {
  const result = composeServices(subgraphs);
  if (result.errors?.length) {
    const lines = result.errors.map((error) => `  ${error.extensions?.code ?? 'ERROR'}: ${error.message}`);
    throw new Refused(`The subgraphs do not compose:\n${[...new Set(lines)].join('\n')}`);
  }
  return `${HEADER}${result.supergraphSdl.trim()}\n`;
}

const apiSchema = (supergraph) =>
  buildASTSchema(transformSupergraphToPublicSchema(parse(supergraph)), { assumeValid: true });

/** Gives the breaking changes of the API that nobody declared. */
function undeclaredChanges(root, before, after) {
  const file = path.join(root, 'docs', 'breaking-changes.md');
  const declared = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const changes = findBreakingChanges(apiSchema(before), apiSchema(after));
  return changes.filter((change) => !declared.includes(`\`${change.description}\``));
}

function run({ root, check, allowBreaking }) {
  const file = path.join(root, 'supergraph.graphql');
  const before = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  const after = compose(readSubgraphs(root));
  if (before === after) return 'supergraph.graphql is up to date.';

  const changes = before === undefined ? [] : undeclaredChanges(root, before, after);
  const list = changes.map((change) => `  ${change.type}: ${change.description}`).join('\n');
  if (changes.length && !allowBreaking) {
    throw new Refused(
      `These changes break clients:\n${list}\n` +
        'Declare each by its text in backquotes in docs/breaking-changes.md, with why and since when.',
    );
  }
  if (check)
    throw new Refused('supergraph.graphql is not what the schemas compose to. Run `npm run compose` and commit it.');
  // The gateway may read the file at any moment: it must never see half of it.
  writeFileSync(`${file}.new`, after);
  renameSync(`${file}.new`, file);
  return `supergraph.graphql is written${changes.length ? `, with changes that break clients:\n${list}` : '.'}`;
}

const { values } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    'allow-breaking': { type: 'boolean', default: false },
    root: { type: 'string', default: path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..') },
  },
});
try {
  const { root, check, 'allow-breaking': allowBreaking } = values;
  process.stdout.write(`${run({ root: path.resolve(root), check, allowBreaking })}\n`);
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
