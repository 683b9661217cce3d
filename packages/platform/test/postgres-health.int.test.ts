import { eventually, type TestDatabase } from '@tael/testkit';
import type { DataSource } from 'typeorm';
import { createDataSource, poolPressure, postgresHealth, watchPool } from '../src/postgres';
import { connectTo, serviceDatabase } from './service-database';

let database: TestDatabase;
const open: DataSource[] = [];

beforeAll(async () => {
  database = await serviceDatabase('postgres_health');
});
afterAll(async () => {
  await Promise.all(open.map((dataSource) => dataSource.destroy()));
  await database.drop();
});

async function connect(poolSize: number): Promise<DataSource> {
  const dataSource = await createDataSource({ url: database.url, service: 'test', poolSize, entities: [], migrations: [] }).initialize();
  open.push(dataSource);
  return dataSource;
}

class Later1800000000000 {
  name = 'Later1800000000000';
  up = async (): Promise<void> => undefined;
  down = async (): Promise<void> => undefined;
}

describe('the readiness of the database', () => {
  it('is there where it answers and has every migration', async () => {
    const dataSource = await connectTo(database.url);
    open.push(dataSource);
    expect(await postgresHealth(dataSource)()).toEqual({ ready: true });
  });

  it('names the migrations that it has not had', async () => {
    const dataSource = await createDataSource({
      url: database.url, service: 'test', poolSize: 2, entities: [], migrations: [Later1800000000000],
    }).initialize();
    open.push(dataSource);
    expect(await postgresHealth(dataSource)()).toEqual({ ready: false, cause: 'migrations are missing: Later1800000000000' });
  });

  it('is asked beside a pool that is all in use', async () => {
    const dataSource = await connect(1);
    const health = postgresHealth(dataSource);
    expect(await health()).toEqual({ ready: true });
    const held = dataSource.createQueryRunner();
    await held.connect();
    const waiting = dataSource.query('/* test.waiting */ SELECT 1');
    await eventually(() => expect(watchPool(dataSource).load()).toEqual({ used: 1, waiting: 1 }));
    expect(await health()).toEqual({ ready: true });
    await held.release();
    await waiting;
  });
});

describe('the watch over the pool', () => {
  it('says how long the oldest has waited, and is a sign of overload from a certain time on', async () => {
    const dataSource = await connect(1);
    const pressure = poolPressure(dataSource, 50);
    expect([watchPool(dataSource).waitMs(), pressure()]).toEqual([0, undefined]);
    const held = dataSource.createQueryRunner();
    await held.connect();
    const waiting = dataSource.query('/* test.waiting */ SELECT 1');
    await eventually(() => expect(pressure()).toMatch(/all in use/));
    expect(watchPool(dataSource).waitMs()).toBeGreaterThan(50);
    await held.release();
    await waiting;
    expect([watchPool(dataSource).waitMs(), pressure()]).toEqual([0, undefined]);
  });
});
