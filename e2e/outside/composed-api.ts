import { transformSupergraphToPublicSchema } from '@theguild/federation-composition';
import { buildASTSchema, parse, printSchema } from 'graphql';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** The schema as clients see it, of the supergraph as it is committed. */
export function composedApi(): string {
  const supergraph = parse(readFileSync(resolve(__dirname, '../../supergraph.graphql'), 'utf8'));
  return printSchema(buildASTSchema(transformSupergraphToPublicSchema(supergraph)));
}
