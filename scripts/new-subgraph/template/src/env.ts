import { migrateEnv, readEnv, serviceEnv } from '@tael/platform/env';

/** The settings of the serving process. */
export const readServeEnv = () => readEnv(serviceEnv);

/** A migration needs no more than the database: it runs before the rest of the platform is there. */
export const readMigrateEnv = () => readEnv(migrateEnv);
