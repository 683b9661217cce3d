import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { busOf, count, key32, keyRing, port, readEnv, sealRing, serviceEnv } from './index';

const key = (fill: number): string => Buffer.alloc(32, fill).toString('base64');

const full: Record<string, string> = {
  PORT: '4001',
  DATABASE_URL: 'postgres://u:p@127.0.0.1:5432/db',
  EVENT_BUS: 'postgres',
  BUS_DATABASE_URL: 'postgres://u:p@127.0.0.1:5432/bus',
  IDENTITY_KEYS: `k1:${key(1)}`,
  SEAL_KEYS: `s2:${key(3)},s1:${key(2)}`,
};

const folder = mkdtempSync(join(tmpdir(), 'tael-env-'));
const authority = join(folder, 'authority.pem');
writeFileSync(authority, '-----BEGIN CERTIFICATE-----\nnot looked into\n-----END CERTIFICATE-----\n');
writeFileSync(join(folder, 'empty.pem'), '');
afterAll(() => rmSync(folder, { recursive: true }));

class Exit extends Error {}

describe('readEnv', () => {
  let printed = '';
  let status: unknown;

  beforeEach(() => {
    printed = '';
    status = undefined;
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
      printed += String(text);
      return true;
    });
    jest.spyOn(process, 'exit').mockImplementation((code) => {
      status = code;
      throw new Exit();
    });
  });
  afterEach(() => jest.restoreAllMocks());

  it('gives parsed settings with their defaults', () => {
    const env = readEnv(serviceEnv, full);
    expect(env).toMatchObject({ NODE_ENV: 'production', HOST: '127.0.0.1', PORT: 4001, LOG_LEVEL: 'info', DATABASE_POOL_SIZE: 10 });
    expect(env.SEAL_KEYS.map(({ id }) => id)).toEqual(['s2', 's1']);
    expect(status).toBeUndefined();
  });

  it('takes an empty setting for a missing one', () => {
    expect(readEnv(serviceEnv, { ...full, HOST: '', LOG_LEVEL: '' })).toMatchObject({ HOST: '127.0.0.1', LOG_LEVEL: 'info' });
  });

  it.each([{ FAILPOINT: 'relay.read:kill' }, { FAILPOINT_FILE: '/tmp/point' }])('refuses %j in production, unless it is allowed', (wish) => {
    expect(() => readEnv(serviceEnv, { ...full, ...wish })).toThrow(Exit);
    expect(printed).toContain(`${Object.keys(wish)[0]}: is refused in production`);
    expect(readEnv(serviceEnv, { ...full, ...wish, FAILPOINTS_ALLOWED: 'true' }).PORT).toBe(4001);
    expect(readEnv(serviceEnv, { ...full, ...wish, NODE_ENV: 'test' }).PORT).toBe(4001);
  });

  it('refuses a failpoint that is not in the list', () => {
    expect(() => readEnv(serviceEnv, { ...full, NODE_ENV: 'test', FAILPOINT: 'relay.raed:kill' })).toThrow(Exit);
    expect(printed).toContain('FAILPOINT: there is no failpoint relay.raed');
  });

  it.each<[string, Record<string, string>, string]>([
    ['a name without its password', { KAFKA_USERNAME: 'rewards', KAFKA_TLS: 'true' }, 'KAFKA_USERNAME: and KAFKA_PASSWORD are needed together'],
    ['a password that would go out in clear', { KAFKA_USERNAME: 'rewards', KAFKA_PASSWORD: 'p' }, 'KAFKA_PASSWORD: is sent to nobody in clear'],
    ['authorities for nothing', { KAFKA_CA_FILE: authority }, 'KAFKA_CA_FILE: is of no use without KAFKA_TLS=true'],
    ['authorities that are not there', { KAFKA_TLS: 'true', KAFKA_CA_FILE: '/nowhere.pem' }, 'KAFKA_CA_FILE: cannot be read'],
    ['authorities that are none', { KAFKA_TLS: 'true', KAFKA_CA_FILE: join(folder, 'empty.pem') }, 'KAFKA_CA_FILE: must name a file of certificates'],
  ])('refuses for Kafka %s', (_what, wish, problem) => {
    expect(() => readEnv(serviceEnv, { ...full, EVENT_BUS: 'kafka', KAFKA_BROKERS: 'a:9092', ...wish })).toThrow(Exit);
    expect(printed).toContain(problem);
  });

  it('gives the bus, with how one signs in to it', () => {
    const kafka = { ...full, EVENT_BUS: 'kafka', KAFKA_BROKERS: 'a:9092' };
    expect(busOf(readEnv(serviceEnv, kafka))).toEqual({ kind: 'kafka', brokers: ['a:9092'] });
    expect(busOf(readEnv(serviceEnv, { ...kafka, KAFKA_TLS: 'true', KAFKA_CA_FILE: authority, KAFKA_USERNAME: 'rewards', KAFKA_PASSWORD: 'p' }))).toEqual({
      kind: 'kafka', brokers: ['a:9092'], tls: { authorities: readFileSync(authority, 'utf8') }, user: { name: 'rewards', password: 'p' },
    });
    expect(busOf(readEnv(serviceEnv, { ...kafka, KAFKA_TLS: 'true' }))).toMatchObject({ tls: {} });
    expect(busOf(readEnv(serviceEnv, full))).toEqual({ kind: 'postgres', url: full['BUS_DATABASE_URL'], keepDays: 30 });
  });

  it('reads the brokers of a list', () => {
    const env = readEnv(serviceEnv, { ...full, EVENT_BUS: 'kafka', KAFKA_BROKERS: 'a:9092, b:9092' });
    expect(env.KAFKA_BROKERS).toEqual(['a:9092', 'b:9092']);
  });

  it('prints every problem, none of the values, and exits with 78', () => {
    const bad = { ...full, PORT: '70000', DATABASE_URL: 'secret-value', IDENTITY_KEYS: `k1:${key(1)},k1:${key(2)}` };
    expect(() => readEnv(serviceEnv, bad)).toThrow(Exit);
    expect(status).toBe(78);
    for (const name of ['PORT', 'DATABASE_URL', 'IDENTITY_KEYS']) expect(printed).toContain(name);
    expect(printed).not.toContain('secret-value');
    expect(printed).not.toContain(key(1));
  });

  it.each([['kafka', 'KAFKA_BROKERS'], ['postgres', 'BUS_DATABASE_URL']])('asks for what the %s bus needs', (bus, name) => {
    const { BUS_DATABASE_URL: _dropped, ...rest } = full;
    expect(() => readEnv(serviceEnv, { ...rest, EVENT_BUS: bus })).toThrow(Exit);
    expect(printed).toContain(name);
  });
});

describe('a ring that seals', () => {
  it('names retired keys behind the ones that live', () => {
    expect(sealRing.parse(`k1:retired, k3:${key(3)},k0:retired,k2:${key(2)}`)).toEqual([
      { id: 'k3', key: Buffer.alloc(32, 3) }, { id: 'k2', key: Buffer.alloc(32, 2) }, { id: 'k1', key: null }, { id: 'k0', key: null },
    ]);
  });

  it.each(['', 'k1:retired', `k1:${key(1)},k1:retired`, `k1:${key(1)},k0:retired,k0:retired`, `k1:${key(1)},K0:retired`, 'k1:short', `k1:${key(1)},`])(
    'wants a key, distinct ids and nothing else: %j', (text) => expect(sealRing.safeParse(text).success).toBe(false),
  );
});

describe('settings', () => {
  const accepts = (shape: z.ZodType, value: unknown): boolean => shape.safeParse(value).success;

  it.each([['0', true], ['65535', true], ['65536', false], ['-1', false], ['80.5', false], ['http', false]])(
    'port %s: %s', (value, accepted) => expect(accepts(port, value)).toBe(accepted),
  );
  it.each([['1', true], ['0', false], ['-3', false], ['1.5', false], ['many', false]])(
    'count %s: %s', (value, accepted) => expect(accepts(count, value)).toBe(accepted),
  );
  it('takes a key of 32 bytes only', () => {
    expect(key32.parse(key(7))).toEqual(Buffer.alloc(32, 7));
    expect(accepts(key32, Buffer.alloc(31).toString('base64'))).toBe(false);
    expect(accepts(key32, '')).toBe(false);
  });
  it.each([
    ['one key', `a:${key(1)}`, true],
    ['two keys', `a:${key(1)}, b:${key(2)}`, true],
    ['no id', `:${key(1)}`, false],
    ['no separator', key(1), false],
    ['an id twice', `a:${key(1)},a:${key(2)}`, false],
    ['a capital id', `A:${key(1)}`, false],
    ['an id with a dot, which would split a signature', `a.b:${key(1)}`, false],
    ['a short key', `a:${Buffer.alloc(16).toString('base64')}`, false],
    ['a trailing comma', `a:${key(1)},`, false],
  ])('a key ring with %s', (_name, text, accepted) => expect(accepts(keyRing, text)).toBe(accepted));
});
