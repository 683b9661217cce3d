// The bank's own pages: a customer connects their Tael wallet and sees it beside their accounts. docs/partners/consent.md.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { askForConsent, takeAnswer } from '../client/consent.js';

/** Where people come back to from Tael: one of the client's registered addresses, letter by letter. */
export const CALLBACK = '/tael';
const SESSION = /(?:^|; *)bank_session=([\w-]{43})(?:;|$)/;
const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const text = (given) => String(given).replace(/[&<>"']/g, (one) => ENTITIES[one]);

const page = (title, body) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><h1>${title}</h1>${body}</html>`;
const CONNECT = '<form method="post" action="/connect"><button>Connect your Tael wallet</button></form>';

const walletOf = ({ currency, balance, transactions }) =>
  `<h2>${text(currency)} ${text(balance.amount)}</h2><ul>${transactions.edges
    .map(({ node }) => `<li>${text(node.bookedAt)} ${text(node.kind)} ${text(node.amount.amount)}</li>`)
    .join('')}</ul>`;

/**
 * Makes the bank's web server. Sessions live in memory here: a real bank has its own, and keeps refresh tokens sealed.
 * @param {{ connection: import('../client/connection.js').TaelConnection, origin: string, days?: number }} options
 */
export function createBankPages({ connection, origin, days = 30 }) {
  const sessions = new Map();
  const secure = origin.startsWith('https:') ? '; Secure' : '';

  function sessionOf(request, response) {
    const known = SESSION.exec(request.headers.cookie ?? '')?.[1];
    if (known && sessions.has(known)) return sessions.get(known);
    const [id, session] = [randomBytes(32).toString('base64url'), {}];
    sessions.set(id, session);
    // Lax: people come back from Tael by a link from another site.
    response.setHeader('set-cookie', `bank_session=${id}; Path=/; HttpOnly; SameSite=Lax${secure}`);
    return session;
  }

  const goTo = (response, address) => response.writeHead(303, { location: address }).end();
  const show = (response, title, body, status = 200) =>
    response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(page(title, body));

  const routes = {
    'GET /': async (session, response) => {
      const customer = await session.consent?.read(5);
      if (customer) return show(response, 'Your wallets at Tael', customer.wallets.map(walletOf).join(''));
      show(response, session.consent ? 'Tael shows us nothing any more' : 'Your accounts', CONNECT);
    },
    'POST /connect': async (session, response) => {
      const { address, kept } = await askForConsent(connection, { redirectUri: `${origin}${CALLBACK}`, days });
      session.kept = kept;
      goTo(response, address);
    },
    [`GET ${CALLBACK}`]: async (session, response, said) => {
      const { kept } = session;
      if (!kept) return show(response, 'Please begin again', CONNECT, 400);
      // One answer to one question; whoever comes a second time begins again.
      delete session.kept;
      session.consent = await takeAnswer(connection, kept, said);
      // The code is used up, and leaves the address bar.
      goTo(response, session.consent ? '/' : '/refused');
    },
    'GET /refused': async (_session, response) => show(response, 'You have not connected your wallet', CONNECT),
  };

  return createServer(async (request, response) => {
    const url = new URL(request.url, origin);
    response.setHeader('referrer-policy', 'no-referrer').setHeader('cache-control', 'no-store');
    const route = routes[`${request.method} ${url.pathname}`];
    try {
      if (!route) return show(response, 'There is nothing here', '', 404);
      await route(sessionOf(request, response), response, url.searchParams);
    } catch (error) {
      console.error(error.message);
      show(response, 'That did not work', CONNECT, 502);
    }
  });
}
