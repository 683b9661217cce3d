export { createDataSource, type DataSourceSettings, type Migration } from './data-source';
export { DatabaseUnavailable, isAway, isUniqueViolation, ranOutOfTime, violatedConstraint } from './postgres.errors';
export { inTransaction, type Tx } from './transaction';
export { checkDurability, drift, migrate } from './maintenance';
export { postgresHealth } from './health';
export { poolPressure, type PoolWatch, watchPool } from './pool';
export { bigintColumn } from './columns';
