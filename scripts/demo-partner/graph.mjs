/**
 * Asks the graph for everybody.
 * @param {string} url
 * @param {string} [token]
 */
export function graph(url, token) {
  return async (/** @type {string} */ query, /** @type {object} */ variables = {}) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = /** @type {any} */ (await response.json());
    const refusals = Object.values(data ?? {}).flatMap((field) => field?.userErrors ?? []);
    if (errors || refusals.length > 0) throw new Error(JSON.stringify(errors ?? refusals));
    return data;
  };
}

/**
 * Asks the graph, and gives the answer with its errors.
 * @param {string} url
 * @param {string} token
 */
export function rawGraph(url, token) {
  return async (/** @type {string} */ query) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    return /** @type {Promise<any>} */ ((await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) })).json());
  };
}

/**
 * Signs somebody in.
 * @param {string} url
 * @param {{ email: string, password: string }} credentials
 */
export async function signedIn(url, credentials) {
  const { signIn } = await graph(url)(
    'mutation ($i: SignInInput!) { signIn(input: $i) { session { accessToken } userErrors { code message } } }',
    { i: credentials },
  );
  return graph(url, signIn.session.accessToken);
}

/**
 * Waits until something holds, and gives it.
 * @template T
 * @param {() => Promise<T | undefined | false>} look
 * @param {string} what
 * @returns {Promise<T>}
 */
export async function until(look, what, seconds = 30) {
  const end = Date.now() + seconds * 1_000;
  for (;;) {
    const found = await look().catch((/** @type {Error} */ error) => {
      if (Date.now() > end) throw error;
      return undefined;
    });
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
