import assert from 'node:assert/strict';
import { request } from 'node:http';
import { askForConsent, takeAnswer } from '../../examples/partner-bank/client/consent.js';
import { until } from './graph.mjs';

/** Where the bank's pages would be: nobody listens there, since the demo reads the address that the browser is sent to. */
const BACK = 'http://localhost:9/back';
const REFRESH = /<meta http-equiv="refresh" content="0;url=([^"]+)">/;

/** A person's browser, as far as Tael's pages need one: it keeps cookies, and says of a request where it comes from, as `fetch` here does not. */
class Browser {
  /** @type {Map<string, string>} */
  #cookies = new Map();

  /**
   * Visits a page, or sends it a form. Gives where the browser goes on to.
   * @param {string} address
   * @param {Record<string, string>} [form]
   * @returns {Promise<string>}
   */
  async visit(address, form) {
    const body = form && new URLSearchParams(form).toString();
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = {
      'user-agent': 'Mozilla/5.0 Firefox/130.0', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document',
      'sec-fetch-site': form ? 'same-origin' : 'cross-site', ...(cookie ? { cookie } : {}),
      ...(form ? { origin: 'null', 'content-type': 'application/x-www-form-urlencoded' } : {}),
    };
    /** @type {{ location: string | undefined, html: string, cookies: string[] }} */
    const page = await new Promise((resolve, reject) => {
      const sent = request(address, { method: form ? 'POST' : 'GET', headers }, (answer) => {
        let html = '';
        answer.setEncoding('utf8').on('data', (part) => (html += part));
        answer.on('end', () => resolve({ html, location: answer.headers.location, cookies: answer.headers['set-cookie'] ?? [] }));
      });
      sent.on('error', reject).end(body);
    });
    for (const line of page.cookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.#cookies.set(name, value);
    }
    const next = page.location ?? REFRESH.exec(page.html)?.[1];
    assert.ok(next, `the page leads nowhere: ${page.html.slice(0, 300)}`);
    return new URL(next, address).href;
  }
}

/**
 * The bank asks, the person signs in at Tael's page and allows it, and the bank reads what it was allowed.
 * @param {any} story
 */
export async function letSee(story) {
  const { data } = await story.tael.query(
    `mutation { setRedirectUris(input: { uris: ["${BACK}"], reason: "the demo" }) { userErrors { code message } } }`,
  );
  assert.deepEqual(data.setRedirectUris.userErrors, []);
  const { connection } = story.tael;
  // What was set a moment ago reaches the authorization server by an event.
  const { address, kept } = await until(() => askForConsent(connection, { redirectUri: BACK, days: 30 }), 'the bank may ask', 15);
  const browser = new Browser();
  const page = await browser.visit(address);
  await browser.visit(page, { step: 'sign-in', ...story.credentials });
  const { viewer } = await story.person('{ viewer { wallet(currency: "USD") { id } } }');
  const back = await browser.visit(await browser.visit(page, { step: 'allow', wallet: viewer.wallet.id }));
  const consent = await takeAnswer(connection, kept, new URL(back).searchParams);
  const { subject, wallets } = await consent.read(1);
  const [{ reference, balance }] = wallets;
  assert.equal(balance.amount, story.balance);
  for (const name of [subject, reference]) assert.ok(!JSON.stringify(viewer).includes(name));
  story.customer = { subject, reference };
  return `the bank sees ${balance.amount} ${balance.currency}, and knows the wallet as ${reference.slice(0, 8)}…, which no other bank does`;
}
