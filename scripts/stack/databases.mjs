import { createRequire } from 'node:module';
import path from 'node:path';
import { Problem } from './problem.mjs';
import { databaseOf, readSubgraphs } from '../subgraphs.mjs';
import { ROOT } from './settings.mjs';

const require = createRequire(path.join(ROOT, 'package.json'));

/** Each database belongs to a role of the same name. */
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
 * @returns {Promise<{ urls: DatabaseUrls, created: number }>}
 */
export async function ensureDatabases(adminUrl, passwords) {
  const { Client } = require('pg');
  const client = new Client({ connectionString: adminUrl, connectionTimeoutMillis: 10_000 });
  await client.connect().catch((/** @type {Error} */ error) => {
    throw new Problem(`Postgres at ${withoutPassword(adminUrl)} refuses us: ${error.message}`);
  });
  try {
    let created = 0;
    for (const name of DATABASES) created += await ensureDatabase(client, name, passwords[name] ?? '');
    return { urls: urlsOf(adminUrl, passwords), created };
  } finally {
    await client.end();
  }
}

/**
 * @param {import('pg').Client} client
 * @param {string} name
 * @param {string} password
 */
async function ensureDatabase(client, name, password) {
  const owner = client.escapeIdentifier(name);
  const { rows } = await client.query(
    `/* stack.lookup */ SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS role,
       EXISTS (SELECT FROM pg_database WHERE datname = $1) AS database`,
    [name],
  );
  const verb = rows[0]?.role ? 'ALTER' : 'CREATE';
  // Statements that define objects take no bound parameters: name and password are quoted by the driver.
  await client.query(`/* stack.role */ ${verb} ROLE ${owner} LOGIN PASSWORD ${client.escapeLiteral(password)}`);
  if (rows[0]?.database) return 0;
  // Where the given user is no superuser, only a member may hand a database over to the role.
  await client.query(`/* stack.member */ GRANT ${owner} TO CURRENT_USER`);
  await client.query(`/* stack.database */ CREATE DATABASE ${owner} OWNER ${owner}`);
  await client.query(`/* stack.private */ REVOKE CONNECT ON DATABASE ${owner} FROM PUBLIC`);
  return 1;
}

/**
 * The address of each database, for its own role.
 * @param {string} adminUrl
 * @param {Record<string, string>} passwords
 * @returns {DatabaseUrls}
 */
export function urlsOf(adminUrl, passwords) {
  return /** @type {DatabaseUrls} */ (
    Object.fromEntries(
      DATABASES.map((name) => {
        const url = new URL(adminUrl);
        url.username = name;
        url.password = passwords[name] ?? '';
        url.pathname = `/${name}`;
        return [name, url.toString()];
      }),
    )
  );
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
