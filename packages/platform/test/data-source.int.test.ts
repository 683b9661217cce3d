import { createServer } from 'node:net';
import { eventually, proxyTo, type TestDatabase } from '@tael/testkit';
import type { DataSource } from 'typeorm';
import { createDataSource, openDataSource } from '../src/postgres';
import { log, serviceDatabase } from './service-database';

// A service that starts while its database recovers waits for it, and starts no second time for that.
describe('a service that starts while its database is away', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await serviceDatabase('data_source');
  });
  afterAll(() => database.drop());

  const sourceOf = (url: string): DataSource => createDataSource({ url, service: 'test', poolSize: 2, entities: [], migrations: [] });

  it('has it once it is there', async () => {
    let refused = 0;
    const away = createServer((socket) => {
      refused += 1;
      socket.resetAndDestroy();
    });
    await new Promise<void>((resolve) => away.listen(0, '127.0.0.1', resolve));
    const { port } = away.address() as { port: number };
    const url = new URL(database.url);
    url.port = String(port);
    const opened = openDataSource(sourceOf(url.toString()), log);
    await eventually(() => expect(refused).toBeGreaterThan(1));
    await new Promise((resolve) => away.close(resolve));
    const proxy = await proxyTo(database.url, { port });
    const dataSource = await opened;
    expect(await dataSource.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await dataSource.destroy();
    await proxy.close();
  });

  it('gives up when its patience is over, with what the driver said', async () => {
    const proxy = await proxyTo(database.url);
    await proxy.cut();
    await expect(openDataSource(sourceOf(proxy.url), log, { patienceMs: 300 })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('says at once what no waiting mends', async () => {
    const url = new URL(database.url);
    url.pathname = '/nobody_made_it';
    await expect(openDataSource(sourceOf(url.toString()), log)).rejects.toMatchObject({ code: '3D000' });
  });
});
