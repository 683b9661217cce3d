import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../stack/problem.mjs';

/** The graph cannot answer now, and says or shows that it may be asked again. What was asked may have been done. */
export class NotNow extends Problem {}

const PAUSES_MS = [500, 1_000, 2_000, 4_000, 8_000];

/**
 * A caller of the public door.
 * @typedef {(document: string, variables?: Record<string, unknown>) => Promise<any>} Ask gives `data`; throws on errors
 */

/**
 * @param {string} url
 * @param {{ token?: string, signal?: AbortSignal }} [options]
 * @returns {Ask} throws NotNow where it may be asked again
 */
export function caller(url, { token, signal } = {}) {
  return async (document, variables = {}) => {
    const { body, isLate } = await answerOf(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify({ query: document, variables }),
      ...(signal ? { signal } : {}),
    });
    if (!body.errors?.length) return body.data;
    const text = `The graph answered the demo data with: ${JSON.stringify(body.errors).slice(0, 600)}`;
    throw isLate || body.errors.every((error) => error?.extensions?.retryable) ? new NotNow(text) : new Problem(text);
  };
}

/**
 * @param {string} url
 * @param {RequestInit} request
 * @returns {Promise<{ body: { data?: any, errors?: any[] }, isLate: boolean }>}
 */
async function answerOf(url, request) {
  const { signal } = request;
  try {
    const response = await fetch(url, { ...request, signal: AbortSignal.any([AbortSignal.timeout(20_000), ...(signal ? [signal] : [])]) });
    return { body: /** @type {any} */ (await response.json()), isLate: response.status >= 500 || response.status === 429 };
  } catch (error) {
    signal?.throwIfAborted();
    throw new NotNow(`The graph did not answer the demo data: ${/** @type {Error} */ (error).message}`);
  }
}

/**
 * Does work that may be done again from its beginning, and does so where the graph cannot answer now: on a machine with other work
 * a service may be given up for a moment right after it is ready.
 * @template T
 * @param {() => Promise<T>} work
 * @param {{ signal: AbortSignal, pausesMs?: readonly number[] }} options
 * @returns {Promise<T>}
 */
export async function againWhereBusy(work, { signal, pausesMs = PAUSES_MS }) {
  for (const pauseMs of pausesMs) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof NotNow)) throw error;
      await sleep(pauseMs, undefined, { signal });
    }
  }
  return work();
}

/**
 * Asks a mutation that must not be refused.
 * @param {Ask} ask
 * @param {string} document one mutation field with an argument `$input` and `userErrors`
 * @param {Record<string, unknown>} input
 */
export async function change(ask, document, input) {
  const data = await ask(document, { input });
  const [[field, payload]] = /** @type {[[string, any]]} */ (Object.entries(data));
  if (payload.userErrors.length)
    throw new Problem(`${field} refused the demo data: ${JSON.stringify(payload.userErrors)}`);
  return payload;
}
