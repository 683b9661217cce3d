import { composeSchemaContract, composeServices, transformSupergraphToPublicSchema } from '@theguild/federation-composition';
import { buildASTSchema, parse, print } from 'graphql';
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
  return supergraphOf(composeServices(readSchemas(root)), 'The subgraphs do not compose');
}

/** The mark of what partner banks may see. */
const PARTNER_TAG = 'partner';
const PARTNER_MARK = /@tag\(\s*name:\s*"partner"\s*\)/;

/**
 * Composes the partners' graph of a tree: what is marked, and nothing besides. Nothing where nobody has marked anything.
 * @param {string} root
 * @returns {string | undefined}
 */
export function composeContract(root) {
  const schemas = readSchemas(root);
  if (!schemas.some(({ typeDefs }) => PARTNER_MARK.test(print(typeDefs)))) return undefined;
  const filter = { include: new Set([PARTNER_TAG]), exclude: new Set() };
  return supergraphOf(composeSchemaContract(schemas, filter, true), "The partners' graph does not compose");
}

/**
 * @param {import('@theguild/federation-composition').CompositionResult} result
 * @param {string} otherwise
 */
function supergraphOf({ errors, supergraphSdl }, otherwise) {
  if (errors?.length) {
    const lines = errors.map((error) => `  ${error.extensions?.code ?? 'ERROR'}: ${error.message}`);
    throw new Refused(`${otherwise}:\n${[...new Set(lines)].join('\n')}`);
  }
  return `${HEADER}${supergraphSdl?.trim()}\n`;
}

/**
 * What clients see of a supergraph.
 * @param {string} supergraph
 */
export const apiSchema = (supergraph) =>
  buildASTSchema(transformSupergraphToPublicSchema(parse(supergraph)), { assumeValid: true });
