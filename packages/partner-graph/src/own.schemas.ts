import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SubgraphSource } from './subgraph.check';

const FILE = 'schema.graphql';

/**
 * Reads the schemas of the house's own subgraphs from a folder that has one folder a subgraph, as `services` has.
 * @throws Error where there is none
 */
export function readOwnSchemas(folder: string): SubgraphSource[] {
  const found = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isDirectory() || !readdirSync(join(folder, entry.name)).includes(FILE)) return [];
    return [{ name: entry.name, sdl: readFileSync(join(folder, entry.name, FILE), 'utf8') }];
  });
  if (found.length === 0) throw new Error(`${folder} has no schema of a subgraph`);
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}
