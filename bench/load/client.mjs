import { Pool } from 'undici';

const HEADERS = { 'content-type': 'application/json' };
const pools = new Map();

/** As many connections as callers, kept: a request waits for no other. */
function poolOf(origin) {
  if (!pools.has(origin)) pools.set(origin, new Pool(origin, { connections: 256, pipelining: 1 }));
  return pools.get(origin);
}

/**
 * Sends one GraphQL request over a kept-alive connection. The client is lean, since its processor time is taken from what it measures.
 * @param {string} url
 * @param {string} query
 * @param {object} variables
 * @param {Record<string, string>} [headers] - or a function of the body that makes them
 * @returns {Promise<any>} the data; throws where there are errors or refusals
 */
export async function ask(url, query, variables, headers = {}) {
  const body = JSON.stringify({ query, variables });
  const extra = typeof headers === 'function' ? headers(body) : headers;
  const slash = url.indexOf('/', 'https://'.length);
  const response = await poolOf(url.slice(0, slash)).request({ method: 'POST', path: url.slice(slash), headers: { ...HEADERS, ...extra }, body });
  const answer = JSON.parse(await response.body.text());
  const refused = Object.values(answer.data ?? {}).flatMap((field) => field?.userErrors ?? []);
  if (answer.errors || refused.length > 0) throw new Error(JSON.stringify(answer.errors ?? refused));
  return answer.data;
}

/**
 * Keeps `callers` busy for `seconds` (closed loop), after a warm-up that is not counted.
 * @param {(caller: number) => Promise<unknown>} call
 * @param {{ callers: number, seconds: number, warmUpSeconds?: number, begun?: () => void }} how - `begun` is called after the warm-up
 */
export async function load(call, { callers, seconds, warmUpSeconds = 3, begun = () => undefined }) {
  const times = [];
  const begin = performance.now() + warmUpSeconds * 1000;
  const end = begin + seconds * 1000;
  setTimeout(begun, warmUpSeconds * 1000);
  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      while (performance.now() < end) {
        const at = performance.now();
        await call(caller);
        const done = performance.now();
        if (at >= begin && done <= end) times.push(done - at);
      }
    }),
  );
  return { operations: times.length, rate: Math.round(times.length / seconds), p50: rankOf(times, 0.5), p99: rankOf(times, 0.99) };
}

/**
 * Begins `rate` operations a second for `seconds` whether or not those before are done (open loop): waiting shows in the
 * times instead of in the rate. Each time counts from when the operation was due.
 * @param {() => Promise<unknown>} call
 */
export async function openLoop(call, { rate, seconds }) {
  const times = [];
  const faults = [];
  const pending = new Set();
  const begin = performance.now();
  for (let n = 0; n < rate * seconds; n++) {
    const due = begin + (n * 1000) / rate;
    const early = due - performance.now();
    if (early > 1) await new Promise((resolve) => setTimeout(resolve, early));
    const one = call().then(() => times.push(performance.now() - due), (error) => faults.push(error)).finally(() => pending.delete(one));
    pending.add(one);
  }
  await Promise.all(pending);
  return { times, faults };
}

/** Gives the value below which a share of the times lies, in milliseconds with one digit. */
export function rankOf(times, share) {
  const sorted = [...times].sort((a, b) => a - b);
  return Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 10) / 10;
}
