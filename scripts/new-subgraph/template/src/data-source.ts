import { createDataSource } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { __Entity__Entity } from './__entities__/__entityFile__.entity';
import { __Name__1763800000000 } from './migrations/1763800000000-__name__';

/** Makes the data source of __name__. */
export function __nameVar__DataSource(settings: { url: string; poolSize: number }): DataSource {
  return createDataSource({
    ...settings,
    service: '__name__',
    entities: [__Entity__Entity],
    migrations: [__Name__1763800000000],
    // Rows of it change and are never removed; what no list names, the service may also delete from.
    rights: { kept: ['__table__'] },
  });
}
