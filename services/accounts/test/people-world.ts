import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { makeClockMovable, moveClock } from '@tael/platform/clock';
import { readSigningKeys } from '@tael/http-signature';
import { type DeviceMark, IDENTITY_HEADER, type Principal, signIdentity } from '@tael/platform/identity';
import { createLogger } from '@tael/platform/log';
import { migrate } from '@tael/platform/postgres';
import { type Sandbox, startSandbox } from '@tael/sandbox';
import { eventually, newKeyPair, testDatabase } from '@tael/testkit';
import { decodeJwt } from 'jose';
import pg from 'pg';
import type pino from 'pino';
import type { DataSource } from 'typeorm';
import { type App, createApp } from '../src/app';
import { accountsDataSource } from '../src/data-source';
import { createHttpBank } from '../src/bank/http-bank';
import type { AppSettings } from '../src/services';

/** Accounts on a database of its own, with the sandbox as its card processor; requests go the gateway's way. */
export interface PeopleWorld {
  readonly app: App;
  readonly dataSource: DataSource;
  readonly sandbox: Sandbox;
  readonly sandboxUrl: string;
  readonly settings: AppSettings;
  /** Signs the notices of the card processor. */
  readonly noticeKey: KeyObject;
  readonly databaseUrl: string;
  /** All that the app has logged, as text. */
  log(): string;
  /** The app's clock. */
  now(): Date;
  /** Moves the app's clock on. */
  later(milliseconds: number): void;
  /** Moves the clock of the app and, where it was made movable, that of the database. */
  moveClock(milliseconds: number): Promise<void>;
  ask(query: string, variables?: Record<string, unknown>, as?: Asker): Promise<Answer>;
  /** Signs a new person up, with what is given in place of the usual. */
  signUp(input?: Record<string, unknown>, as?: Asker): Promise<NewPerson>;
  rows(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  /** Runs statements as the role that owns the tables, which the service is not. */
  asOwner(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  /** Events of a type in the outbox, oldest first, as the catalogue's JSON. */
  events(type: string): Promise<Record<string, unknown>[]>;
  /**
   * Does all the work at once, for certain: nobody may read the table until `count` sessions wait for a lock, then all
   * may go on in the same moment.
   */
  atOnce<T>(table: string, count: number, work: (index: number) => Promise<T>): Promise<T[]>;
  /** Lets the next calls of a channel of the outside world suffer. */
  fault(knob: object): Promise<unknown>;
  /** Every row of every table, as text. */
  dump(): Promise<string>;
  end(): Promise<void>;
}

export interface Asker {
  readonly principal?: Principal | null;
  readonly settingUp?: { readonly personId: string; readonly sessionId: string };
  readonly address?: string;
  readonly locale?: string;
  readonly userAgent?: string;
  readonly device?: DeviceMark;
}

export interface Answer {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly data: any;
  readonly errors?: { message: string; extensions: Record<string, unknown> }[];
}

export interface NewPerson {
  readonly id: string;
  readonly walletId: string;
  readonly email: string;
  readonly password: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly as: { principal: Principal };
}

export const SIGN_UP = `mutation ($input: SignUpInput!) { signUp(input: $input) {
  user { id email displayName locale timeZone wallets { id currency balance { posted { amount } available { amount } pending { amount } } } }
  session { accessToken refreshToken expiresAt } userErrors { code message field } } }`;

export function signingKey(kid: string): AppSettings['TOKEN_SIGNING_KEYS'][number] {
  return { ...newKeyPair().privateKey.export({ format: 'jwk' }), kid } as AppSettings['TOKEN_SIGNING_KEYS'][number];
}

function settingsOf(processorUrl: string, secret: string, noticeKey: KeyObject, bankKeys: AppSettings['BANK_SIGNING_KEYS']): AppSettings {
  const ring = (id: string): AppSettings['IDENTITY_KEYS'] => [{ id, key: randomBytes(32) }];
  return {
    IDENTITY_KEYS: ring('i1'),
    SEAL_KEYS: ring('s1'),
    TOKEN_SIGNING_KEYS: [signingKey('k1'), signingKey('k2')],
    TOKEN_ISSUER: 'https://tael.local',
    TOKEN_AUDIENCE: 'tael',
    CARD_FINGERPRINT_KEYS: ring('f1'),
    CARD_PROCESSOR_URL: processorUrl,
    CARD_PROCESSOR_SECRET: secret,
    CARD_PROCESSOR_NOTICE_KEYS: [noticeKey],
    BANK_URL: processorUrl,
    BANK_SIGNING_KEYS: bankKeys,
    SIGN_UPS_PER_HOUR: 1_000,
    SIGN_INS_PER_HOUR: 1_000,
    FAILED_SIGN_INS_PER_15_MINUTES: 10,
    FAILED_RECIPIENTS_PER_HOUR: 30,
    SECOND_FACTOR_ROLES: [],
    PARTNER_ISSUER: 'https://api.tael.example/partner/oauth',
    PARTNER_AUDIENCE: 'https://api.tael.example/partner/graphql',
    FAILED_CLIENT_SIGN_INS_PER_15_MINUTES: 60,
  };
}

/** What the bank knows of the keys that sign requests to it. */
const bankClientKeys = (ring: AppSettings['BANK_SIGNING_KEYS']) =>
  Object.fromEntries(readSigningKeys(ring).published.keys.map((key) => [String(key['kid']), createPublicKey({ key, format: 'jwk' })]));

/** How accounts speaks to the bank of a world. */
export const httpBankOf = ({ settings, sandbox, now }: PeopleWorld) =>
  createHttpBank({ url: sandbox.url, key: readSigningKeys(settings.BANK_SIGNING_KEYS).signing, now: () => now().getTime() });

/** Gives who a bearer of the token is, as the gateway would say it. */
export function principalOfToken(accessToken: string): Principal {
  const { sub, sid, roles } = decodeJwt(accessToken);
  return { personId: sub!, sessionId: sid as string, roles: roles as Principal['roles'] };
}

export async function startPeopleWorld(
  name: string, change: Partial<AppSettings> = {}, { movableClock = false, noticesUrl }: { movableClock?: boolean; noticesUrl?: string } = {},
): Promise<PeopleWorld> {
  const database = await testDatabase({ name, prepare: migrated, templateKey: 'accounts' });
  if (movableClock) await makeClockMovable(database.ownerUrl);
  const outside = await testDatabase({ name: `${name}_sandbox` });
  const secret = randomBytes(16).toString('hex');
  const quiet = createLogger({ service: 'sandbox', level: 'silent' });
  const noticePair = generateKeyPairSync('ed25519');
  const bankKeys: AppSettings['BANK_SIGNING_KEYS'] = [{ id: 'b1', key: randomBytes(32) }];
  const privateKey = noticePair.privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
  let offset = 0;
  const now = () => new Date(Date.now() + offset);
  // A processor that tells of itself signs by the true time, as the gateway does.
  const real = noticesUrl === undefined ? now : () => new Date();
  const sandbox = await startSandbox({
    databaseUrl: outside.url, cardProcessorSecret: secret, bank: { clientKeys: bankClientKeys(bankKeys), now: () => real().getTime() }, log: quiet,
    ...(movableClock ? { clock: { databaseUrls: [], seenByAllMs: 0 } } : {}),
    ...(noticesUrl === undefined ? {} : { chargeNotices: { url: noticesUrl, privateKey } }),
  });
  const lines: string[] = [];
  const destination = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(String(chunk));
      done();
    },
  });
  const log = createLogger({ service: 'accounts', level: 'trace', destination: destination as pino.DestinationStream });
  const settings = { ...settingsOf(sandbox.url, secret, noticePair.publicKey, bankKeys), ...change };
  const dataSource = await accountsDataSource({ url: database.url, poolSize: 10 }).initialize();
  const app = await createApp({ dataSource, log, settings, now, real });

  async function ask(query: string, variables: Record<string, unknown> = {}, as: Asker = {}): Promise<Answer> {
    const payload = JSON.stringify({ query, variables });
    const { principal = null, address = '192.0.2.1', locale = 'en', userAgent, settingUp, device } = as;
    const identity = { principal, settingUp, locale, reference: 'test', traceparent: '', address, userAgent, device };
    const header = signIdentity(identity, payload, settings.IDENTITY_KEYS, real().getTime());
    const answer = await app.server.inject({
      method: 'POST',
      url: '/graphql',
      payload,
      headers: { 'content-type': 'application/json', [IDENTITY_HEADER]: header },
    });
    return answer.json();
  }

  const rows = (sql: string, values: unknown[] = []) =>
    dataSource.query(sql, values) as Promise<Record<string, unknown>[]>;

  return {
    app,
    dataSource,
    sandbox,
    settings,
    noticeKey: noticePair.privateKey,
    rows,
    asOwner: (sql, values) => database.asOwner(sql, values),
    ask,
    sandboxUrl: outside.url,
    databaseUrl: database.url,
    log: () => lines.join(''),
    now,
    later: (milliseconds) => {
      offset += milliseconds;
    },
    async moveClock(milliseconds) {
      offset += milliseconds;
      await moveClock(database.ownerUrl, offset);
    },
    async signUp(input = {}, as = {}) {
      const email = `${randomUUID()}@example.com`;
      const password = 'correct horse battery';
      const full = { email, password, displayName: 'Ada Lovelace', currency: 'USD', ...input };
      const { data, errors } = await ask(SIGN_UP, { input: full }, as);
      if (!data?.signUp.user)
        throw new Error(`the sign-up was refused: ${JSON.stringify(errors ?? data.signUp.userErrors)}`);
      const { user, session } = data.signUp;
      return {
        id: user.id,
        walletId: user.wallets[0].id,
        email: full.email,
        password: full.password,
        accessToken: session.accessToken,
        refreshToken: session.refreshToken,
        as: { principal: principalOfToken(session.accessToken) },
      };
    },
    async events(type) {
      const found = await rows(`SELECT value FROM outbox WHERE headers ->> 'ce_type' = $1 ORDER BY id`, [type]);
      return found.map((row) => JSON.parse(row['value'] as string) as Record<string, unknown>);
    },
    async atOnce(table, count, work) {
      const gate = new pg.Client({ connectionString: database.ownerUrl });
      await gate.connect();
      try {
        await gate.query(`BEGIN; LOCK TABLE "${table}" IN ACCESS EXCLUSIVE MODE`);
        const all = Promise.all(Array.from({ length: count }, (_, index) => work(index)));
        await eventually(async () => {
          const waiting = await rows(
            `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
          );
          expect(waiting).toHaveLength(count);
        });
        await gate.query('COMMIT');
        return await all;
      } finally {
        await gate.end();
      }
    },
    fault: (knob) =>
      fetch(`${sandbox.url}/faults`, {
        method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(knob),
      }),
    async dump() {
      const tables = await rows(
        `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`,
      );
      const texts = await Promise.all(
        tables.map(({ name: table }) => rows(`SELECT t::text AS text FROM "${String(table)}" t`)),
      );
      return texts
        .flat()
        .map((row) => row['text'])
        .join('\n');
    },
    async end() {
      await app.server.close();
      if (dataSource.isInitialized) await dataSource.destroy();
      await sandbox.stop();
      await database.drop();
      await outside.drop();
    },
  };
}

async function migrated(url: string): Promise<void> {
  const dataSource = await accountsDataSource({ url, poolSize: 2 }).initialize();
  try {
    await migrate(dataSource);
  } finally {
    await dataSource.destroy();
  }
}
