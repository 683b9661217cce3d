import { composeServices, transformSupergraphToPublicSchema } from '@theguild/federation-composition';
import { buildASTSchema, parse } from 'graphql';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { readSubgraphs, registryOf } from '../subgraphs.mjs';
import { Refused } from './refused.mjs';

const HEADER =
  '# Composed by scripts/compose.mjs from services/*/schema.graphql. Run `npm run compose`; do not edit.\n';

/**
 * Reads the schemas that the subgraphs' builds emitted.
 * @param {string} root
 */
function readSchemas(root) {
  // A tree of a test has schemas only: it is composed of the same subgraphs as this one.
  const names = readSubgraphs(existsSync(registryOf(root)) ? root : undefined).map(({ name }) => name);
  const file = (/** @type {string} */ name) => path.join(root, 'services', name, 'schema.graphql');
  const missing = names.filter((name) => !existsSync(file(name))).map((name) => path.relative(root, file(name)));
  if (missing.length)
    throw new Refused(`These schemas are missing; build their services first:\n  ${missing.join('\n  ')}`);
  return names.map((name) => {
    try {
      // The address only names the subgraph; the gateway takes the real ones from its environment.
      return { name, url: `http://${name}.tael.local/graphql`, typeDefs: parse(readFileSync(file(name), 'utf8')) };
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      throw new Refused(`services/${name}/schema.graphql cannot be parsed: ${message}`);
    }
  });
}

/**
 * Composes the supergraph of a tree, or refuses with every error on a line of its own.
 * @param {string} root
 * @returns {string}
 */
export function compose(root) {
  const result = composeServices(readSchemas(root));
  if (result.errors?.length) {
    const lines = result.errors.map((error) => `  ${error.extensions?.code ?? 'ERROR'}: ${error.message}`);
    throw new Refused(`The subgraphs do not compose:\n${[...new Set(lines)].join('\n')}`);
  }
  return `${HEADER}${result.supergraphSdl?.trim()}\n`;
}

/**
 * What clients see of a supergraph.
 * @param {string} supergraph
 */
export const apiSchema = (supergraph) =>
  buildASTSchema(transformSupergraphToPublicSchema(parse(supergraph)), { assumeValid: true });
