import { buildSubgraph, createSubgraphServer } from '@tael/graphql';
import type { KeyEntry, Serving } from '@tael/platform/env';
import type { HealthCheck } from '@tael/platform/http';
import type { Logger } from '@tael/platform/log';
import { poolPressure, postgresHealth } from '@tael/platform/postgres';
import type { GraphQLSchema } from 'graphql';
import type { DataSource } from 'typeorm';
import { createLoaders, type Loaders } from './__entities__/__entityFile__.loader';
import { __Entity__Resolver } from './__entities__/__entityFile__.resolver';
import type { __Entity__Service } from './__entities__/__entityFile__.service';

export interface AppParts {
  readonly dataSource: DataSource;
  readonly service: __Entity__Service;
  readonly log: Logger;
  readonly identityKeys: readonly [KeyEntry, ...KeyEntry[]];
  /** Readiness of what works beside the server, such as the consumer. */
  readonly checks?: Readonly<Record<string, HealthCheck>>;
  readonly serving?: Serving;
  /** The time by which signed identities are checked; the process's own unless told. */
  readonly now?: () => Date;
}

/** Builds the subgraph: the schema that answers, and its SDL. Without a service it can only be printed. */
export function __nameVar__Subgraph(service?: __Entity__Service): { schema: GraphQLSchema; sdl: string } {
  const resolvers = new Map<Function, unknown>(service ? [[__Entity__Resolver, new __Entity__Resolver(service)]] : []);
  return buildSubgraph<Loaders>({
    resolvers: [__Entity__Resolver],
    container: resolvers,
    references: { __Entity__: (reference, context) => context.loaders.__entity__.load(reference.id) },
  });
}

/** Makes the server whole, all but listening; its data source is the caller's to open and close. */
export async function createApp(parts: AppParts): ReturnType<typeof createSubgraphServer<Loaders>> {
  const { dataSource, service, log, identityKeys, serving, now = () => new Date() } = parts;
  return createSubgraphServer<Loaders>({
    schema: __nameVar__Subgraph(service).schema,
    log,
    identityKeys,
    now: () => now().getTime(),
    loaders: ({ principal }) => createLoaders(service, principal?.personId ?? null),
    checks: { postgres: postgresHealth(dataSource), ...parts.checks },
    ...(serving ? { serving, pressure: poolPressure(dataSource, serving.admission.poolWaitMaxMs) } : {}),
  });
}
