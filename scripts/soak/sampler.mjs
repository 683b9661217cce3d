import fs from 'node:fs';
import pg from 'pg';
import { liveHeapOf } from '../inspector/live-heap.mjs';

/** What is measured of each. */
const SERVICES = ['gateway', 'accounts', 'merchants', 'rewards', 'notifications'];

/**
 * What is measured of one process of the stack.
 * @typedef {{ rssMiB: number, files: number, sockets: number }} Sample
 */

/** @param {number} pid */
function fromSystem(pid) {
  const rss = /^VmRSS:\s+(\d+) kB$/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  const links = fs.readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return fs.readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return { rssMiB: Number(rss) / 1_024, files: links.length, sockets: links.filter((link) => link.startsWith('socket:')).length };
}

/**
 * Measures the processes of a stack.
 * @param {Record<string, any>} stack what stack.json says
 * @returns {Record<string, Sample>}
 */
export function sampleOf(stack) {
  return Object.fromEntries(SERVICES.map((name) => [name, fromSystem(stack.services[name].pid)]));
}

/**
 * Measures what the processes of a stack hold once their garbage is collected, one after the other.
 * @param {Record<string, any>} stack what stack.json says
 * @returns {Promise<Record<string, { liveMiB: number }>>}
 */
export async function liveOf(stack) {
  /** @type {Record<string, { liveMiB: number }>} */
  const samples = {};
  for (const name of SERVICES) samples[name] = { liveMiB: await liveHeapOf(stack.services[name].pid) };
  return samples;
}

/**
 * Counts what is open at the database, and what waits in the outboxes.
 * @param {Record<string, any>} stack
 */
export async function databaseOf(stack) {
  const admin = new pg.Client({ connectionString: stack.adminDatabaseUrl });
  await admin.connect();
  try {
    const { rows } = await admin.query("/* soak.connections */ SELECT count(*)::int AS count FROM pg_stat_activity WHERE application_name LIKE 'tael-%'");
    return { connections: rows[0].count };
  } finally {
    await admin.end();
  }
}
