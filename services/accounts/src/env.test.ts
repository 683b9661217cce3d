import { accountsSettings } from './env';

const key = Buffer.alloc(32, 1).toString('base64');
const usual = {
  PORT: '4001', DATABASE_URL: 'postgres://localhost/tael', EVENT_BUS: 'kafka', KAFKA_BROKERS: 'localhost:9092',
  IDENTITY_KEYS: `k1:${key}`, SEAL_KEYS: `k1:${key}`, CARD_FINGERPRINT_KEYS: `f1:${key}`,
  CARD_PROCESSOR_URL: 'http://localhost:1', CARD_PROCESSOR_SECRET: 'x'.repeat(16),
  CARD_PROCESSOR_NOTICE_KEYS: `whpk_${key}`,
  BANK_URL: 'http://localhost:1', BANK_SIGNING_KEYS: `k1:${key}`,
  PARTNER_ISSUER: 'http://localhost:4000/partner/oauth', PARTNER_AUDIENCE: 'http://localhost:4000/partner/graphql',
  TOKEN_SIGNING_KEYS: JSON.stringify({ keys: [{ kty: 'EC', crv: 'P-256', kid: 'a', x: 'x', y: 'y', d: 'd' }] }),
};

it.each<[string, Record<string, string>, readonly string[]]>([
  ['operators, where nothing is said: services take themselves to be in production', {}, ['OPERATOR']],
  ['operators in production', { NODE_ENV: 'production' }, ['OPERATOR']],
  ['nobody in development', { NODE_ENV: 'development' }, []],
  ['nobody where that is said', { NODE_ENV: 'production', SECOND_FACTOR_ROLES: 'none' }, []],
  ['whom it names', { NODE_ENV: 'development', SECOND_FACTOR_ROLES: 'operator, CUSTOMER' }, ['OPERATOR', 'CUSTOMER']],
])('a second factor is demanded of %s', (_what, given, roles) => {
  expect(accountsSettings({ ...usual, ...given }).SECOND_FACTOR_ROLES).toEqual(roles);
});

it('reads each key of the card processor’s notices', () => {
  expect(accountsSettings({ ...usual, CARD_PROCESSOR_NOTICE_KEYS: `whpk_${key} whpk_${key}` }).CARD_PROCESSOR_NOTICE_KEYS).toHaveLength(2);
});

it.each([
  ['SECOND_FACTOR_ROLES', 'root', 'a role that is none'], ['CARD_PROCESSOR_NOTICE_KEYS', `whsec_${key}`, 'a key of another kind'],
  ['BANK_SIGNING_KEYS', 'a-secret-that-is-shared', 'no key'],
  ['CARD_PROCESSOR_NOTICE_KEYS', `whpk_${key} x`, 'a key that is none beside one'], ['CARD_PROCESSOR_NOTICE_KEYS', ' ', 'no key'],
])('%s=%s ends the start: %s', (name, value) => {
  const exit = jest.spyOn(process, 'exit').mockImplementation(() => {
    throw new Error('exit');
  });
  const stderr = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  expect(() => accountsSettings({ ...usual, [name]: value })).toThrow('exit');
  expect(String(stderr.mock.calls)).toContain(name);
  exit.mockRestore();
  stderr.mockRestore();
});

it.each([[undefined, 'on'], ['on', 'on'], ['off', 'off']])('collects debts unless told otherwise: %s', (given, expected) => {
  expect(accountsSettings({ ...usual, ...(given ? { DEBT_COLLECTION: given } : {}) }).DEBT_COLLECTION).toBe(expected);
});
