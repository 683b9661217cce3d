import type { DataSource } from 'typeorm';
import type { ResealTask } from './reseal.task';

/** Rows that are not under the first key, by `table.column` and then by key; columns without any are left out. */
export type ResealReport = Record<string, Record<string, number>>;

/**
 * Says what is left under other keys than the first, in rows and in events that wait in the outbox for the bus: what must be
 * nothing before an old key is retired.
 */
export async function resealReport(
  dataSource: DataSource,
  tasks: readonly ResealTask[],
  /** The first key of the ring that seals events too; nothing where the ring seals none. */
  firstKeyId?: string,
): Promise<ResealReport> {
  const report: ResealReport = {};
  for (const task of tasks) {
    const left = await task.left(dataSource);
    if (left.size > 0) report[`${task.table}.${task.column}`] = Object.fromEntries(left);
  }
  if (firstKeyId === undefined) return report;
  const waiting: { key: string; rows: bigint }[] = await dataSource.query(
    `/* reseal.outbox */ SELECT m[1] AS key, count(*) AS rows
     FROM outbox, regexp_matches(value, '"v1\\.([a-z0-9-]{1,32})\\.', 'g') AS m WHERE m[1] <> $1 GROUP BY 1`,
    [firstKeyId],
  );
  if (waiting.length > 0) report['outbox.value'] = Object.fromEntries(waiting.map(({ key, rows }) => [key, Number(rows)]));
  return report;
}

/**
 * The program of a service that prints as JSON, by ring, how many rows stand under other keys than the first: `npm run
 * keys:rotate` asks before it retires one. Ends the process with 2 where that cannot be counted.
 */
export function printSealsLeft(dataSource: DataSource, count: () => Promise<Record<string, ResealReport>>): void {
  const print = async (): Promise<void> => {
    await dataSource.initialize();
    try {
      process.stdout.write(`${JSON.stringify(await count())}\n`);
    } finally {
      await dataSource.destroy();
    }
  };
  print().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(2);
  });
}
