import { migrateEnv, readEnv, sealRing, serviceEnv } from '@tael/platform/env';
import { z } from 'zod';

const yesOrNo = z.enum(['true', 'false']).transform((text) => text === 'true');

/**
 * Reads the settings of the serving process.
 * @param given - the environment of the process, unless told
 */
export const readServeEnv = (given?: NodeJS.ProcessEnv) =>
  readEnv(
    serviceEnv.safeExtend({
      /** Lets webhooks, and subgraphs of banks, be on plain http on loopback: for the embedded stack and tests alone. */
      WEBHOOKS_ALLOW_HTTP: yesOrNo.default(false),
      /** Whether banks of the environment SANDBOX are let in: not in production, unless told. They run documents that nobody checked before. */
      SANDBOX_PARTNERS: yesOrNo.optional(),
      /** The folder with the schemas of the house's own subgraphs, one folder each: beside this service's own, unless told. */
      SUBGRAPH_SCHEMAS: z.string().min(1).default('..'),
    }).transform(({ SANDBOX_PARTNERS, ...env }) => ({ ...env, SANDBOX_PARTNERS: SANDBOX_PARTNERS ?? env.NODE_ENV !== 'production' })),
    ...(given ? [given] : []),
  );

/** A migration needs no more than the database: it runs before the rest of the platform is there. */
export const readMigrateEnv = () => readEnv(migrateEnv);

/** What the count of rows under old keys needs. */
export const readSealsLeftEnv = () => readEnv(z.object({ DATABASE_URL: z.url(), SEAL_KEYS: sealRing }));
