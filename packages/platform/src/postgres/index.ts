export { createDataSource, type DataSourceSettings, type Migration } from './data-source';
export { DatabaseUnavailable, isUniqueViolation, violatedConstraint } from './postgres.errors';
export { inTransaction, type Tx } from './transaction';
export { checkDurability, drift, migrate, postgresHealth } from './maintenance';
export { bigintColumn } from './columns';
