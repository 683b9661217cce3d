import fs from 'node:fs';
import http from 'node:http';
import pg from 'pg';

/**
 * What is measured of one process of the stack.
 * @typedef {{ rssMiB: number, files: number, heapMiB: number, sockets: number }} Sample
 */

const MIB = 2 ** 20;

/** @param {number} port */
function metricsOf(port) {
  return new Promise((/** @type {(text: string) => void} */ resolve, reject) => {
    const request = http.get({ port, host: '127.0.0.1', path: '/metrics', timeout: 10_000, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part));
      response.on('end', () => resolve(text));
    });
    request.on('timeout', () => request.destroy(new Error('no figures within 10 s')));
    request.on('error', reject);
  });
}

const valueOf = (/** @type {string} */ text, /** @type {string} */ name) =>
  Number(new RegExp(`^${name}(?:\\{[^}]*\\})? ([\\d.e+-]+)$`, 'm').exec(text)?.[1] ?? Number.NaN);

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
 * @returns {Promise<Record<string, Sample>>}
 */
export async function sampleOf(stack) {
  /** @type {Record<string, Sample>} */
  const samples = {};
  for (const name of ['gateway', 'accounts', 'merchants', 'rewards', 'notifications']) {
    const port = name === 'gateway' ? stack.ports.management : stack.ports[name];
    const heap = valueOf(await metricsOf(port), 'tael_nodejs_heap_size_used_bytes');
    samples[name] = { ...fromSystem(stack.services[name].pid), heapMiB: heap / MIB };
  }
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
