import { migrateEnv, readEnv, sealRing, serviceEnv } from '@tael/platform/env';
import { z } from 'zod';

/** The settings of the serving process. */
export const readServeEnv = () =>
  readEnv(
    serviceEnv.safeExtend({
      /** Lets webhooks, and subgraphs of banks, be on plain http on loopback: for the embedded stack and tests alone. */
      WEBHOOKS_ALLOW_HTTP: z
        .enum(['true', 'false'])
        .default('false')
        .transform((text) => text === 'true'),
      /** The folder with the schemas of the house's own subgraphs, one folder each: beside this service's own, unless told. */
      SUBGRAPH_SCHEMAS: z.string().min(1).default('..'),
    }),
  );

/** A migration needs no more than the database: it runs before the rest of the platform is there. */
export const readMigrateEnv = () => readEnv(migrateEnv);

/** What the count of rows under old keys needs. */
export const readSealsLeftEnv = () => readEnv(z.object({ DATABASE_URL: z.url(), SEAL_KEYS: sealRing }));
