import { readServeEnv } from './env';

const key = Buffer.alloc(32, 1).toString('base64');
const usual = {
  PORT: '4002', DATABASE_URL: 'postgres://localhost/tael', EVENT_BUS: 'kafka', KAFKA_BROKERS: 'localhost:9092', IDENTITY_KEYS: `k1:${key}`, SEAL_KEYS: `k1:${key}`,
};

it.each<[string, Record<string, string>, boolean]>([
  ['not where nothing is said: services take themselves to be in production', {}, false],
  ['not in production', { NODE_ENV: 'production' }, false],
  ['in development', { NODE_ENV: 'development' }, true],
  ['in production where that is said', { NODE_ENV: 'production', SANDBOX_PARTNERS: 'true' }, true],
  ['not in development where that is said', { NODE_ENV: 'development', SANDBOX_PARTNERS: 'false' }, false],
])('banks of the sandbox are let in: %s', (_when, given, expected) => {
  expect(readServeEnv({ ...usual, ...given }).SANDBOX_PARTNERS).toBe(expected);
});
