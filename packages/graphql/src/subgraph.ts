import { buildSubgraphSchema } from '@apollo/subgraph';
import { printSchemaWithDirectives } from '@graphql-tools/utils';
import { writeFileSync } from 'node:fs';
import { type DocumentNode, type GraphQLSchema, parse } from 'graphql';
import { buildSchemaSync, createResolversMap, type NonEmptyArray } from 'type-graphql';
import type { SubgraphContext } from './context';
import { markForPartners } from './partner-marks';
import { CurrencyCodeScalar, DateTime, Decimal } from './scalars';

const LINK = `extend schema
  @link(
    url: "https://specs.apollo.dev/federation/v2.9"
    import: ["@key", "@shareable", "@external", "@requires", "@provides", "@inaccessible", "@tag"]
  )
`;

// type-graphql asks for topics wherever there is a subscription; each of ours names its own source with `subscribe`.
const noTopics = {
  publish: () => undefined,
  subscribe: (topic: string): never => {
    throw new Error(`the subscription on ${topic} names no source`);
  },
};

export interface SubgraphParts<Loaders> {
  /** Resolver classes; instances come from `container`. */
  resolvers: NonEmptyArray<Function>;
  /** Types that no field of this subgraph returns, such as entities that it only adds fields to. */
  orphanedTypes?: Function[];
  /** Gives the instance of a resolver class: a Map filled in app.ts is enough. */
  container: { get(resolver: Function): unknown };
  /** What the schema begins with instead of the house's link to federation: another version, directives of its own. */
  link?: string;
  /** By entity: loads one reference; must batch through a loader, since `_entities` asks for each on its own. */
  references?: Record<string, (reference: { id: string }, context: SubgraphContext<Loaders>) => unknown>;
}

/** Builds a federated subgraph of decorated classes: the executable schema, and its SDL for composition. */
export function buildSubgraph<Loaders>(parts: SubgraphParts<Loaders>): { schema: GraphQLSchema; sdl: string } {
  const classes = buildSchemaSync({
    resolvers: parts.resolvers,
    ...(parts.orphanedTypes ? { orphanedTypes: parts.orphanedTypes } : {}),
    container: parts.container as never,
    skipCheck: true,
    pubSub: noTopics as never,
    // Rules of input live in the domain, where they are tables with a field path; class-validator is not used.
    validate: false,
    scalarsMap: [{ type: Date, scalar: DateTime }],
  });
  markForPartners(classes);
  const sdl = `${parts.link ?? LINK}\n${printSchemaWithDirectives(classes)}\n`;
  const typeDefs: DocumentNode = parse(sdl);
  const resolvers = createResolversMap(classes) as Record<string, Record<string, unknown>>;
  for (const [entity, load] of Object.entries(parts.references ?? {})) {
    resolvers[entity] = { ...resolvers[entity], __resolveReference: load };
  }
  const scalars = { Decimal, CurrencyCode: CurrencyCodeScalar, DateTime };
  const schema = buildSubgraphSchema([{ typeDefs, resolvers: { ...resolvers, ...scalars } as never }]);
  return { schema, sdl };
}

/** Writes the SDL of a subgraph to the file that is committed and composed. */
export function emitSchema(sdl: string, file: string): void {
  writeFileSync(file, `# Emitted by the build from the decorated classes. Edit those; review the difference here.\n${sdl}`);
}
