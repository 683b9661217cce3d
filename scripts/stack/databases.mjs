import { createRequire } from 'node:module';
import path from 'node:path';
import { Problem } from './problem.mjs';
import { databaseOf, ownerOf, readSubgraphs } from '../subgraphs.mjs';
import { ROOT } from './settings.mjs';

const require = createRequire(path.join(ROOT, 'package.json'));

/** Each is used by a role of the same name, which owns nothing in it: it belongs to another, {@link ownerOf}. */
export const DATABASES = /** @type {readonly (keyof DatabaseUrls)[]} */ ([
  ...readSubgraphs().map(({ name }) => databaseOf(name)),
  'tael_sandbox',
  'tael_bus',
]);

/** @typedef {`tael_${import('./services.mjs').DataServiceName | 'sandbox' | 'bus'}`} DatabaseName */
/** @typedef {Record<DatabaseName, string>} DatabaseUrls */

/**
 * Makes the roles and databases that are missing, and gives the address of each.
 * @param {string} adminUrl of a user who may create roles and databases
 * @param {Record<string, string>} passwords by role
 * @returns {Promise<{ urls: DatabaseUrls, ownerUrls: DatabaseUrls, created: number, handedOver: number }>}
 */
export async function ensureDatabases(adminUrl, passwords) {
  const { Client } = require('pg');
  const client = new Client({ connectionString: adminUrl, connectionTimeoutMillis: 10_000 });
  await client.connect().catch((/** @type {Error} */ error) => {
    throw new Problem(`Postgres at ${withoutPassword(adminUrl)} refuses us: ${error.message}`);
  });
  try {
    const counts = { created: 0, 'handed over': 0, there: 0 };
    for (const name of DATABASES) counts[await ensureDatabase(client, { adminUrl, name, passwords })] += 1;
    const handedOver = counts['handed over'];
    return { ...urlsOf(adminUrl, passwords), created: counts.created, handedOver };
  } finally {
    await client.end();
  }
}

/**
 * @param {import('pg').Client} client
 * @param {{ adminUrl: string, name: string, passwords: Record<string, string> }} options
 * @returns {Promise<'created' | 'handed over' | 'there'>} what was done
 */
async function ensureDatabase(client, { adminUrl, name, passwords }) {
  const owner = ownerOf(name);
  for (const role of new Set([name, owner])) await ensureRole(client, role, passwords[role] ?? '');
  const [database, application] = [name, name].map((text) => client.escapeIdentifier(text));
  const { rows } = await client.query(
    '/* stack.lookup */ SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = $1', [name],
  );
  if (rows[0]?.owner === owner) return 'there';
  if (rows[0]) {
    await handOver({ adminUrl, name, owner });
  } else {
    await client.query(`/* stack.database */ CREATE DATABASE ${database} OWNER ${client.escapeIdentifier(owner)}`);
  }
  await client.query(`/* stack.private */ REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
  await client.query(`/* stack.door */ GRANT CONNECT ON DATABASE ${database} TO ${application}`);
  return rows[0] ? 'handed over' : 'created';
}

/**
 * @param {import('pg').Client} client
 * @param {string} name
 * @param {string} password
 */
async function ensureRole(client, name, password) {
  const role = client.escapeIdentifier(name);
  const { rowCount } = await client.query('/* stack.role.find */ SELECT FROM pg_roles WHERE rolname = $1', [name]);
  const verb = rowCount ? 'ALTER' : 'CREATE';
  // Statements that define objects take no bound parameters: name and password are quoted by the driver.
  await client.query(`/* stack.role */ ${verb} ROLE ${role} LOGIN PASSWORD ${client.escapeLiteral(password)}`);
  // Where the given user is no superuser, only a member may hand a database over to the role.
  if (!rowCount) await client.query(`/* stack.member */ GRANT ${role} TO CURRENT_USER`);
}

/**
 * Gives a database of an earlier version, where one role owned the tables and used them, to the owner of now. The role that
 * used it goes on using it in the same moment: instances may be serving. What it may not change any more, the migrate
 * program takes from it.
 * @param {{ adminUrl: string, name: string, owner: string }} options
 */
async function handOver({ adminUrl, name, owner }) {
  const { Client } = require('pg');
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  const client = new Client({ connectionString: url.toString(), connectionTimeoutMillis: 10_000 });
  const [from, to] = [name, owner].map((role) => client.escapeIdentifier(role));
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query(`/* stack.hand-over */ REASSIGN OWNED BY ${from} TO ${to}`);
    await client.query(`/* stack.hand-over.database */ ALTER DATABASE ${from} OWNER TO ${to}`);
    await client.query(
      `/* stack.hand-over.rights */ GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${from}`,
    );
    await client.query('COMMIT');
  } finally {
    await client.end();
  }
}

/**
 * The addresses of each database: for the role that uses it, and for its owner.
 * @param {string} adminUrl
 * @param {Record<string, string>} passwords
 * @returns {{ urls: DatabaseUrls, ownerUrls: DatabaseUrls }}
 */
export function urlsOf(adminUrl, passwords) {
  /** @param {(database: string) => string} roleOf */
  const addresses = (roleOf) =>
    /** @type {DatabaseUrls} */ (
      Object.fromEntries(
        DATABASES.map((name) => {
          const url = new URL(adminUrl);
          url.username = roleOf(name);
          url.password = passwords[roleOf(name)] ?? '';
          url.pathname = `/${name}`;
          return [name, url.toString()];
        }),
      )
    );
  return { urls: addresses((name) => name), ownerUrls: addresses(ownerOf) };
}

/**
 * The same addresses at another port: that of a proxy.
 * @param {DatabaseUrls} urls
 * @param {number | undefined} port
 * @returns {DatabaseUrls}
 */
export function through(urls, port) {
  if (!port) return urls;
  const moved = Object.entries(urls).map(([name, text]) => {
    const url = new URL(text);
    url.port = String(port);
    return [name, url.toString()];
  });
  return /** @type {DatabaseUrls} */ (Object.fromEntries(moved));
}

/** @param {string} url */
export function withoutPassword(url) {
  const shown = new URL(url);
  shown.password = '';
  return shown.toString();
}
