import { Problem } from '../stack/problem.mjs';

/**
 * A caller of the public door.
 * @typedef {(document: string, variables?: Record<string, unknown>) => Promise<any>} Ask gives `data`; throws on errors
 */

/**
 * @param {string} url
 * @param {{ token?: string, signal?: AbortSignal }} [options]
 * @returns {Ask}
 */
export function caller(url, { token, signal } = {}) {
  return async (document, variables = {}) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify({ query: document, variables }),
      signal: AbortSignal.any([AbortSignal.timeout(20_000), ...(signal ? [signal] : [])]),
    });
    const body = /** @type {{ data: any, errors?: unknown[] }} */ (await response.json());
    if (!body.errors?.length) return body.data;
    throw new Problem(`The graph answered the demo data with: ${JSON.stringify(body.errors).slice(0, 600)}`);
  };
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
