import { composeServices } from '@theguild/federation-composition';
import { eventually } from '@tael/testkit';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'graphql';
import { serveProducts } from './federation/products.subgraph';

// The suite of Apollo for subgraph libraries, its tests as they are published: our builder makes the products subgraph,
// theirs are users and inventory, our composer and our gateway stand in front. Only the addresses are given to its client.
const SUITE = dirname(require.resolve('@apollo/federation-subgraph-compatibility-tests/package.json'));
const mockAddresses: { gateway: string; products: string } = { gateway: '', products: '' };

jest.mock('@apollo/federation-subgraph-compatibility-tests/dist/utils/client', () => {
  const ask = async (url: string, request: object, headers: object = {}): Promise<unknown> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
      body: JSON.stringify(request),
    });
    return response.ok ? response.json() : response.text();
  };
  return {
    productsRequest: (request: object, headers?: object) => ask(mockAddresses.products, request, headers),
    routerRequest: (request: object, headers?: object) => ask(mockAddresses.gateway, request, headers),
  };
});

const children: ChildProcess[] = [];
const folder = mkdtempSync(join(tmpdir(), 'tael-federation-'));
let products: Awaited<ReturnType<typeof serveProducts>>;

function run(program: string, env: Record<string, string>): void {
  const child = spawn(process.execPath, [program], {
    cwd: dirname(program),
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  children.push(child);
}

/** Ports that nobody has at this moment. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

const answers = (url: string): Promise<void> =>
  eventually(
    async () => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"query":"{ __typename }"}',
      });
      expect(response.status).toBe(200);
    },
    { describe: `${url} answers`, timeoutMs: 30_000 },
  );

beforeAll(async () => {
  const [users, inventory, gateway] = (await freePorts(3)) as [number, number, number];
  products = await serveProducts();
  run(join(SUITE, 'dist/subgraphs/users/index.js'), { USERS_PORT: String(users) });
  run(join(SUITE, 'dist/subgraphs/inventory/index.js'), { INVENTORY_PORT: String(inventory) });
  const sdl = (name: string): string => readFileSync(join(SUITE, `dist/subgraphs/${name}/${name}.graphql`), 'utf8');
  const { supergraphSdl, errors } = composeServices([
    { name: 'inventory', url: 'http://inventory/', typeDefs: parse(sdl('inventory')) },
    { name: 'products', url: 'http://products/', typeDefs: parse(products.sdl) },
    { name: 'users', url: 'http://users/', typeDefs: parse(sdl('users')) },
  ]);
  expect(errors ?? []).toEqual([]);
  writeFileSync(join(folder, 'supergraph.graphql'), supergraphSdl ?? '');
  const nowhere = 'http://127.0.0.1:1/graphql';
  const [usersUrl, inventoryUrl] = [`http://localhost:${users}/`, `http://localhost:${inventory}/`];
  run(resolve(__dirname, '../../services/gateway/dist/main.js'), {
    PORT: String(gateway),
    LOG_LEVEL: 'warn',
    SUPERGRAPH_FILE: join(folder, 'supergraph.graphql'),
    ACCOUNTS_URL: nowhere,
    MERCHANTS_URL: nowhere,
    REWARDS_URL: nowhere,
    NOTIFICATIONS_URL: nowhere,
    SUBGRAPH_URLS: `users=${usersUrl} inventory=${inventoryUrl} products=${products.url}`,
    IDENTITY_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    JWKS_URL: 'http://127.0.0.1:1/jwks.json',
    TOKEN_ISSUER: 'https://tael.local',
    TOKEN_AUDIENCE: 'tael',
  });
  mockAddresses.products = products.url;
  mockAddresses.gateway = `http://127.0.0.1:${gateway}/graphql`;
  await Promise.all([usersUrl, inventoryUrl, mockAddresses.gateway].map(answers));
}, 60_000);

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await products?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const tests = join(SUITE, 'dist/tests');
for (const file of readdirSync(tests).filter((name) => name.endsWith('.test.js'))) require(join(tests, file));
