import type { DataSource } from 'typeorm';

/** Gives the statements that would bring the tables to what the entities say: none where the two agree. */
export async function drift(dataSource: DataSource): Promise<string[]> {
  const log = await dataSource.driver.createSchemaBuilder().log();
  return log.upQueries.map((query) => query.query);
}

/** Settings under which an acknowledged payment could be lost: gives each that is unsafe, with what it must be. */
export async function checkDurability(dataSource: DataSource): Promise<string[]> {
  const wanted: Record<string, string> = { fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on' };
  const rows: { name: string; setting: string }[] = await dataSource.query(
    '/* postgres.durability */ SELECT name, setting FROM pg_settings WHERE name = ANY($1)', [Object.keys(wanted)],
  );
  // remote_apply and remote_write are stricter than on.
  return rows
    .filter((row) => row.setting !== wanted[row.name] && !row.setting.startsWith('remote_'))
    .map((row) => `${row.name} is ${row.setting}, it must be ${wanted[row.name]}`);
}
