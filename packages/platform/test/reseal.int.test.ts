import { randomBytes, randomUUID } from 'node:crypto';
import { eventually, type TestDatabase } from '@tael/testkit';
import type { DataSource } from 'typeorm';
import { metricsText } from '../src/metrics';
import { type ResealTask, resealStep, sealedColumn, sealedColumnIndex, startResealing } from '../src/reseal';
import { createSealer } from '../src/seal';
import { connectTo, log, serviceDatabase } from './service-database';

const [k1, k2] = [{ id: 'k1', key: randomBytes(32) }, { id: 'k2', key: randomBytes(32) }];
const [old, turned, after] = [createSealer([k1]), createSealer([k2, k1]), createSealer([k2, { id: 'k1', key: null }])];
const SPEC = { table: 'note', column: 'body', key: 'id', owner: 'id' } as const;

let database: TestDatabase;
let dataSource: DataSource;
beforeAll(async () => {
  database = await serviceDatabase('reseal');
  dataSource = await connectTo(database.url);
  await database.asOwner('CREATE TABLE note (id uuid PRIMARY KEY, body text)');
  await database.asOwner(sealedColumnIndex(SPEC));
  await database.asOwner('GRANT UPDATE, DELETE ON note TO tael_test');
});
beforeEach(() => dataSource.query('DELETE FROM note'));
afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

const add = async (count: number, sealer = old): Promise<string[]> => {
  const ids = Array.from({ length: count }, () => randomUUID());
  await dataSource.query('INSERT INTO note SELECT * FROM unnest($1::uuid[], $2::text[])', [ids, ids.map((id) => sealer.seal(`note ${id}`, id))]);
  return ids;
};
const bodies = async (): Promise<Map<string, string>> => {
  const rows: { id: string; body: string | null }[] = await dataSource.query('SELECT id, body FROM note WHERE body IS NOT NULL');
  return new Map(rows.map(({ id, body }) => [id, after.open(body!, id)]));
};
const left = async (): Promise<object> => Object.fromEntries(await sealedColumn(turned, SPEC).left(dataSource));

it('A25: workers of several instances seal every row anew while rows are written, and the last word is the writer’s', async () => {
  const ids = await add(300);
  await dataSource.query('INSERT INTO note VALUES ($1, NULL)', [randomUUID()]);
  const other = await connectTo(database.url);
  const workers = [dataSource, other].map((one) =>
    startResealing({ dataSource: one, log, tasks: [sealedColumn(turned, SPEC)], batch: 20, pauseMs: 5, idleMs: 20 }),
  );
  const said = new Map<string, string>();
  for (let n = 0; n < 200; n += 1) {
    const id = ids[n % 60]!;
    said.set(id, `said ${n}`);
    // An instance one step behind seals with the old key meanwhile.
    await dataSource.query('UPDATE note SET body = $2 WHERE id = $1', [id, (n % 2 ? old : turned).seal(`said ${n}`, id)]);
  }
  await eventually(async () => expect(await left()).toEqual({}));
  await Promise.all(workers.map((worker) => worker.stop()));
  await other.destroy();
  const found = await bodies();
  expect(found.size).toBe(300);
  for (const id of ids) expect(found.get(id)).toBe(said.get(id) ?? `note ${id}`);
});

it('A25: of several instances one does a step at a time, and the next as soon as that has ended', async () => {
  await add(10);
  const task = sealedColumn(turned, SPEC);
  let goOn: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (goOn = resolve));
  let begun: () => void = () => undefined;
  const isIn = new Promise<void>((resolve) => (begun = resolve));
  const slow: ResealTask = {
    ...task,
    async step(tx, limit) {
      begun();
      await held;
      return task.step(tx, limit);
    },
  };
  const first = resealStep(dataSource, slow, 5);
  await isIn;
  expect(await resealStep(dataSource, task, 5)).toBe(0);
  goOn();
  expect(await first).toBe(5);
  expect(await resealStep(dataSource, task, 5)).toBe(5);
});

it('A25: rows that cannot be opened are told of once, counted, and passed over', async () => {
  const broken = await add(3, createSealer([{ id: 'k1', key: randomBytes(32) }]));
  const [unknown] = await add(1, createSealer([{ id: 'k0', key: randomBytes(32) }]));
  await add(5);
  const faults: string[] = [];
  const task = sealedColumn(turned, SPEC, ({ key }) => faults.push(key));
  for (let n = 0; n < 20; n += 1) await resealStep(dataSource, task, 2);
  expect(faults.sort()).toEqual([...broken].sort());
  expect(await left()).toEqual({ k0: 1, k1: 3 });
  await dataSource.query('DELETE FROM note WHERE id = ANY ($1::uuid[])', [[...broken, unknown]]);
  expect((await bodies()).size).toBe(5);
});

it('A25: what is left is a metric, by table, column and key', async () => {
  await add(7, createSealer([{ id: 'k0', key: randomBytes(32) }]));
  const worker = startResealing({ dataSource, log, tasks: [sealedColumn(turned, SPEC)], idleMs: 10 });
  await eventually(async () =>
    expect(await metricsText()).toContain('tael_reseal_rows_left{table="note",column="body",key="k0"} 7'),
  );
  await worker.stop();
});

it('A25: a column that cannot go on does not keep the others, and is not well', async () => {
  await add(5);
  const task = sealedColumn(turned, SPEC);
  const stuck: ResealTask = { ...task, step: () => Promise.reject(new Error('a constraint was broken')) };
  const worker = startResealing({ dataSource, log, tasks: [stuck, task], pauseMs: 1, idleMs: 1 });
  await eventually(async () => expect(await left()).toEqual({}));
  await eventually(async () => expect(await worker.health()).toMatchObject({ ready: false }));
  await worker.stop();
});

it('long rows are sealed anew a few a step, however many a step may take', async () => {
  await add(5);
  const task = sealedColumn(turned, { ...SPEC, rowsMax: 2 });
  const steps = [];
  for (let step = 0; step < 4; step += 1) steps.push(await resealStep(dataSource, task, 100));
  expect(steps).toEqual([2, 2, 1, 0]);
  expect(await left()).toEqual({});
});
