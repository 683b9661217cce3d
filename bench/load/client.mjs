import http from 'node:http';

const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });

/**
 * Sends one GraphQL request over a kept-alive connection.
 * @param {string} url
 * @param {string} query
 * @param {object} variables
 * @param {Record<string, string>} [headers] - or a function of the body that makes them
 * @returns {Promise<any>} the data; throws where there are errors or refusals
 */
export function ask(url, query, variables, headers = {}) {
  const body = JSON.stringify({ query, variables });
  const extra = typeof headers === 'function' ? headers(body) : headers;
  return new Promise((resolve, reject) => {
    const request = http.request(
      url,
      { method: 'POST', agent, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...extra } },
      (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => {
          const answer = JSON.parse(Buffer.concat(chunks).toString());
          const refused = Object.values(answer.data ?? {}).flatMap((field) => field?.userErrors ?? []);
          if (answer.errors || refused.length > 0) reject(new Error(JSON.stringify(answer.errors ?? refused)));
          else resolve(answer.data);
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

/**
 * Keeps `callers` busy for `seconds` (closed loop), after a warm-up that is not counted.
 * @param {(caller: number) => Promise<unknown>} call
 */
export async function load(call, { callers, seconds, warmUpSeconds = 3 }) {
  const times = [];
  const begin = performance.now() + warmUpSeconds * 1000;
  const end = begin + seconds * 1000;
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
  times.sort((a, b) => a - b);
  const rank = (share) => Math.round((times[Math.floor(times.length * share)] ?? 0) * 10) / 10;
  return { rate: Math.round(times.length / seconds), p50: rank(0.5), p99: rank(0.99) };
}
