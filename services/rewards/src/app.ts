import { createSubgraphServer } from '@tael/graphql';
import type { KeyEntry, Serving } from '@tael/platform/env';
import type { HealthCheck } from '@tael/platform/http';
import type { Logger } from '@tael/platform/log';
import { poolPressure, postgresHealth } from '@tael/platform/postgres';
import type { FastifyInstance } from 'fastify';
import type { DataSource } from 'typeorm';
import { createLoaders, type Loaders } from './loaders';
import type { Services } from './services';
import { rewardsSubgraph } from './subgraph';

export interface AppParts {
  readonly dataSource: DataSource;
  readonly services: Services;
  readonly log: Logger;
  readonly identityKeys: readonly [KeyEntry, ...KeyEntry[]];
  /** The time of the world outside: that of the services, but in a sandbox whose clock was moved. */
  readonly real?: () => Date;
  /** Readiness of what works beside the server, such as the relay and the consumer. */
  readonly checks?: Readonly<Record<string, HealthCheck>>;
  readonly serving?: Serving;
}

/** Makes the server whole, all but listening; its data source is the caller's to open and close. */
export function createApp({ dataSource, services, log, identityKeys, real = services.now, checks, serving }: AppParts): Promise<FastifyInstance> {
  return createSubgraphServer<Loaders>({
    schema: rewardsSubgraph(services).schema,
    log,
    identityKeys,
    now: () => real().getTime(),
    loaders: () => createLoaders(services),
    checks: { postgres: postgresHealth(dataSource), ...checks },
    ...(serving ? { serving, pressure: poolPressure(dataSource, serving.admission.poolWaitMaxMs) } : {}),
  });
}
