import type { ColumnOptions } from 'typeorm';

/**
 * Options of a `bigint` column that is a bigint in TypeScript too: `@Column('bigint', bigintColumn)`.
 * Drivers hand it out as text or bigint, depending on who asks.
 */
export const bigintColumn: ColumnOptions = {
  type: 'bigint',
  transformer: {
    to: (value: unknown) => (typeof value === 'bigint' ? value.toString() : value),
    from: (value: unknown) => (value === null || value === undefined ? value : BigInt(value as string)),
  },
};
