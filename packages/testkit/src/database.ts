import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import pg from 'pg';
import { testEnvironment } from './env';

/** A database of a test file's own. */
export interface TestDatabase {
  /**
   * With `prepare`, the application role's address: a service under test may do what it may do where it serves. Without, the
   * owner's: the test makes its tables itself.
   */
  readonly url: string;
  /** The address of the role that owns the tables: for tests that change or break them. */
  readonly ownerUrl: string;
  readonly name: string;
  /** Runs statements as the owner, and gives the rows of the last. */
  asOwner<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  /** Drops the database, and with it every session that is still open. Call it in afterAll. */
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** Part of the database's name, for a person who looks at the server. */
  readonly name: string;
  /** Brings an empty database to the state that the tests start from, as its owner: migrates it. Leaves no session behind. */
  readonly prepare?: (url: string) => Promise<unknown>;
  /**
   * With it `prepare` runs once for all test files that name the same key, and each gets a copy. The copy is made anew
   * when a source file of the caller or of a package has changed.
   */
  readonly templateKey?: string;
}

/** Creates a database with a name of its own on the server of TAEL_TEST_DATABASE_URL. */
export async function testDatabase(options: TestDatabaseOptions): Promise<TestDatabase> {
  const { databaseUrl } = testEnvironment();
  if (!databaseUrl) throw new Error('TAEL_TEST_DATABASE_URL must name a Postgres server on which databases may be created');
  const { prepare, templateKey } = options;
  const name = `test_${slug(options.name)}_${Date.now().toString(36)}_${randomBytes(4).toString('hex')}`;
  const ownerUrl = addressOf(databaseUrl, name, OWNER);

  await withSession(databaseUrl, async (session) => {
    await ensureRoles(session, databaseUrl);
    if (prepare && templateKey) await copyTemplate({ session, name, templateKey, prepare, serverUrl: databaseUrl });
    else await create(session, name, `template0 ENCODING 'UTF8'`);
  });
  if (prepare && !templateKey) await prepare(ownerUrl);

  return {
    url: prepare ? addressOf(databaseUrl, name, APPLICATION) : ownerUrl,
    ownerUrl,
    name,
    asOwner: (text, values) => withSession(ownerUrl, async (session) => {
      const done = await session.query(text, values);
      return (Array.isArray(done) ? done.at(-1) : done).rows;
    }),
    drop: () => withSession(databaseUrl, async (session) => {
      await session.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    }),
  };
}

// One pair of roles for all test databases of a server, as a service has one pair: the owner migrates, the other serves.
const APPLICATION = 'tael_test';
const OWNER = `${APPLICATION}_owner`;

/** Known to whoever knows the server's own password, and to nobody else: test files in other processes compute the same. */
const passwordOf = (serverUrl: string, role: string): string => digest(`tael/testkit/${role}/${new URL(serverUrl).password}`);

async function ensureRoles(session: pg.Client, serverUrl: string): Promise<void> {
  await session.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', ['tael/testkit/roles']);
  for (const role of [APPLICATION, OWNER]) {
    const { rowCount } = await session.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
    const password = session.escapeLiteral(passwordOf(serverUrl, role));
    await session.query(`${rowCount ? 'ALTER' : 'CREATE'} ROLE ${role} LOGIN PASSWORD ${password}`);
  }
  await session.query(`GRANT ${OWNER} TO CURRENT_USER`);
  await session.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', ['tael/testkit/roles']);
}

// A copy has the tables' rights of its template, but who may connect is a matter of each database.
async function create(session: pg.Client, name: string, template: string): Promise<void> {
  await session.query(`CREATE DATABASE ${name} OWNER ${OWNER} TEMPLATE ${template}`);
  await session.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
  await session.query(`GRANT CONNECT ON DATABASE ${name} TO ${APPLICATION}`);
}

interface Copy {
  readonly session: pg.Client;
  readonly name: string;
  readonly templateKey: string;
  readonly prepare: (url: string) => Promise<unknown>;
  readonly serverUrl: string;
}

// Test files run in processes of their own: the lock makes one of them build the template while the others wait for it.
async function copyTemplate({ session, name, templateKey, prepare, serverUrl }: Copy): Promise<void> {
  const family = `template_${slug(templateKey)}_${digest(templateKey).slice(0, 6)}_`;
  const template = family + sourcesDigest().slice(0, 12);
  await session.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [`tael/testkit/${family}`]);
  const found = await session.query<{ datname: string }>(
    'SELECT datname FROM pg_database WHERE starts_with(datname, $1)', [family],
  );
  const names = found.rows.map((row) => row.datname);
  if (!names.includes(template)) {
    for (const stale of names) await session.query(`DROP DATABASE IF EXISTS ${stale} WITH (FORCE)`);
    await buildTemplate(session, { template, prepare, serverUrl });
  }
  await create(session, name, template);
}

// Built under another name and renamed at the end, so that a crash in `prepare` leaves no half template behind.
async function buildTemplate(
  session: pg.Client,
  { template, prepare, serverUrl }: { template: string; prepare: Copy['prepare']; serverUrl: string },
): Promise<void> {
  const draft = `draft_${digest(template).slice(0, 24)}`;
  await session.query(`DROP DATABASE IF EXISTS ${draft} WITH (FORCE)`);
  await create(session, draft, `template0 ENCODING 'UTF8'`);
  await prepare(addressOf(serverUrl, draft, OWNER));
  // A pool's sessions need a moment to leave; a template with sessions cannot be copied.
  await session.query('SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1', [draft]);
  await session.query(`ALTER DATABASE ${draft} RENAME TO ${template}`);
}

async function withSession<T>(url: string, work: (session: pg.Client) => Promise<T>): Promise<T> {
  const session = new pg.Client({ connectionString: url, application_name: 'tael-testkit' });
  await session.connect();
  try {
    return await work(session);
  } finally {
    await session.end();
  }
}

function addressOf(serverUrl: string, database: string, role: string): string {
  const url = new URL(serverUrl);
  url.username = role;
  url.password = passwordOf(serverUrl, role);
  url.pathname = `/${database}`;
  return url.toString();
}

const slug = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]+/g, '_').slice(0, 20);
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

// What a migration makes depends on the sources of the package under test (jest runs in its folder) and of packages/.
function sourcesDigest(): string {
  const packages = resolve(dirname(__dirname), '..');
  const folders = [join(process.cwd(), 'src'), ...readdirSync(packages).map((name) => join(packages, name, 'src'))];
  return digest(folders.flatMap(fingerprints).join('\n'));
}

function fingerprints(folder: string): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => [path, statSync(path, { throwIfNoEntry: false })] as const)
    .map(([path, stat]) => `${path} ${stat?.size} ${stat?.mtimeMs}`);
}
