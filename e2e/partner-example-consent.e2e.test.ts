import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { eventually } from '@tael/testkit';
import { type Bank, newBank } from './banks';
import { answerAt, Browser, door, issuer } from './consent-bank';
import { must, newFundedPerson, type Person } from './world';

// The bank of examples/partner-bank asks a person, by its own pages and programs, which know what docs/partners/consent.md says.
const EXAMPLE = join(__dirname, '..', 'examples', 'partner-bank');
const WITHDRAW = 'mutation ($input: WithdrawConsentInput!) { withdrawConsent(input: $input) { consent { status } userErrors { code } } }';
const SCOPES = ['partner:read', 'keys:manage', 'wallets:read', 'transactions:read'];

let bank: Bank;
let pages: Server;
let origin: string;

/** A port for the bank's pages: their address is registered before they listen. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

beforeAll(async () => {
  const { createBankPages, CALLBACK } = (await import(join(EXAMPLE, 'consent', 'server.js'))) as any;
  const { TaelConnection } = (await import(join(EXAMPLE, 'client', 'connection.js'))) as any;
  const { makeKey } = (await import(join(EXAMPLE, 'client', 'keys.js'))) as any;
  bank = await newBank('Pages Bank', SCOPES);
  const port = await freePort();
  origin = `http://localhost:${port}`;
  // A bank's own token has no scope of a person's data, whatever the client has.
  const set = await bank.client({ scope: 'keys:manage' }).query(
    `mutation { setRedirectUris(input: { uris: ["${origin}${CALLBACK}"], reason: "Our pages" }) { userErrors { code } } }`);
  expect(set.data.setRedirectUris.userErrors).toEqual([]);
  const connection = new TaelConnection({ issuer, door, clientId: bank.clientId, key: bank.key, proofKey: await makeKey() });
  pages = createBankPages({ connection, origin });
  await new Promise<void>((resolve) => pages.listen(port, resolve));
}, 120_000);
afterAll(() => new Promise((resolve) => {
  pages.close(resolve);
  pages.closeAllConnections();
}));

/** A customer presses "Connect" at the bank; gives their browser, and the page of Tael that they come to. */
async function connect(): Promise<{ browser: Browser; page: string }> {
  const browser = new Browser();
  expect((await browser.visit(`${origin}/`)).html).toContain('Connect your Tael wallet');
  // What was set a moment ago reaches the authorization server by an event.
  const { location } = await eventually(async () => {
    const sent = await browser.visit(`${origin}/connect`, { form: {} });
    expect([sent.status, sent.location]).toEqual([303, expect.stringContaining(`${issuer}/authorize?`)]);
    return sent;
  }, { describe: 'the bank may ask', timeoutMs: 15_000 });
  const { location: page } = await browser.visit(location!);
  expect(page).toContain('/partner/oauth/consent/');
  return { browser, page: page! };
}

async function consentsOf(person: Person): Promise<{ id: string; partnerName: string; status: string }[]> {
  const { viewer } = await must<any>(person.client, '{ viewer { consents(first: 5) { edges { node { id partnerName status } } } } }');
  return viewer.consents.edges.map(({ node }: any) => node);
}

it('a customer connects their wallet and sees it at the bank, until they take it back', async () => {
  const person = await newFundedPerson('42.00');
  const { browser, page } = await connect();
  const { location, status } = await browser.visit(await answerAt(browser, page, person, 'allow'));
  expect([status, location]).toEqual([303, `${origin}/`]);
  const { html } = await browser.visit(`${origin}/`);
  expect(html).toContain('<h2>USD 42.00</h2>');
  expect(html).toContain('TOP_UP 42.00');
  const [consent] = await consentsOf(person);
  expect(consent).toMatchObject({ partnerName: 'Pages Bank', status: 'ACTIVE' });
  await must(person.client, WITHDRAW, { input: { consentId: consent!.id } });
  const after = await browser.visit(`${origin}/`);
  expect(after.html).toContain('Tael shows us nothing any more');
  expect(after.html).not.toContain('42.00');
});

it('a customer who says no is told so, and nothing is shown', async () => {
  const person = await newFundedPerson('1.00');
  const { browser, page } = await connect();
  const { location } = await browser.visit(await answerAt(browser, page, person, 'refuse'));
  expect((await browser.visit(location!)).html).toContain('You have not connected your wallet');
  expect((await browser.visit(`${origin}/`)).html).not.toContain('1.00');
  expect(await consentsOf(person)).toEqual([]);
});

it('the bank takes no answer that it did not ask for: another browser’s, a second one, or of another server', async () => {
  const person = await newFundedPerson('1.00');
  const { browser, page } = await connect();
  const answer = await answerAt(browser, page, person, 'allow');
  const stranger = new Browser();
  await stranger.visit(`${origin}/`);
  expect((await stranger.visit(answer)).status).toBe(400);
  const { browser: other } = await connect();
  expect((await other.visit(answer)).status).toBe(502);
  const { browser: third, page: thirdPage } = await connect();
  const own = new URL(await answerAt(third, thirdPage, person, 'refuse'));
  own.searchParams.set('iss', 'https://evil.example');
  expect((await third.visit(own.href)).status).toBe(502);
  expect((await browser.visit(answer)).status).toBe(303);
  expect((await browser.visit(answer)).status).toBe(400);
});

it('a consent is read with new tokens for as long as it stands', async () => {
  const { askForConsent, takeAnswer } = (await import(join(EXAMPLE, 'client', 'consent.js'))) as any;
  const { TaelConnection } = (await import(join(EXAMPLE, 'client', 'connection.js'))) as any;
  const { makeKey } = (await import(join(EXAMPLE, 'client', 'keys.js'))) as any;
  const person = await newFundedPerson('3.00');
  const connection = new TaelConnection({ issuer, door, clientId: bank.clientId, key: bank.key, proofKey: await makeKey() });
  const { address, kept } = await askForConsent(connection, { redirectUri: `${origin}/tael`, days: 7 });
  const browser = new Browser();
  const { location: page } = await browser.visit(address);
  const consent = await takeAnswer(connection, kept, new URL(await answerAt(browser, page!, person, 'allow')).searchParams);
  const first = await consent.read();
  consent.forgetToken();
  expect(await consent.read()).toEqual(first);
  const [given] = await consentsOf(person);
  await must(person.client, WITHDRAW, { input: { consentId: given!.id } });
  // By the token that is still good, and by one that cannot be had any more.
  expect(await consent.read()).toBeUndefined();
  consent.forgetToken();
  expect(await consent.read()).toBeUndefined();
});
