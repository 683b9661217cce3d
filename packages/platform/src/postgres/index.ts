export { openToApplication, type TableRights } from './application-role';
export { createDataSource, type DataSourceSettings, type Migration, openDataSource } from './data-source';
export { DatabaseUnavailable, isAway, isDataFault, isUniqueViolation, ranOutOfTime, violatedConstraint } from './postgres.errors';
export { inTransaction, onCommit, queryAndCommit, type Tx } from './transaction';
export { checkDurability, drift } from './maintenance';
export { buildIndexBeside, dropIndexBeside, migrate } from './migrate';
export { postgresHealth } from './health';
export { poolPressure, type PoolWatch, watchPool } from './pool';
export { bigintColumn } from './columns';
