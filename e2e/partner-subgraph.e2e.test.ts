import { eventually } from '@tael/testkit';
import { type ChildProcess, spawn } from 'node:child_process';
import { createPublicKey, type JsonWebKey, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { allow, ConsentBank } from './consent-bank';
import { stack } from './stack';
import { must, newFundedPerson, operator, type Person } from './world';

// The bank of examples/partner-bank brings its subgraph into the running stack.
const EXAMPLE = join(__dirname, '..', 'examples', 'partner-bank');
const base = stack.gatewayUrl.replace(/\/graphql$/, '');
// Of its own: a slug that was live belongs to its bank for ever, and this stack may have run the test before.
const slug = `e${randomUUID().replace(/-/g, '').slice(0, 14)}`;
const Type = slug[0]!.toUpperCase() + slug.slice(1);
const sdl = readFileSync(join(EXAMPLE, 'subgraph', 'schema.graphql'), 'utf8').replaceAll('nordbank', slug).replaceAll('Nordbank', Type);

interface Tael {
  query(query: string, variables?: object): Promise<{ data: any; errors?: any[] }>;
}

/** What the bank learns by a customer's consent: who they are, and what the wallet is called, where its subgraph is asked. */
interface KnownWallet {
  readonly subject: string;
  readonly reference: string;
}

/** The bank asks at its own door, with a token of its own scopes. */
const taelOf = (bank: ConsentBank): Tael => ({
  async query(query, variables = {}) {
    const { body } = await bank.ask('/token', { grant_type: 'client_credentials', scope: 'partner:read subgraph:publish' });
    return (await bank.graph(body.access_token, query, undefined, variables)).body;
  },
});

async function knownWallet(bank: ConsentBank, person: Person): Promise<KnownWallet> {
  const { body } = await bank.redeem(await allow(bank, person));
  const { body: { data } } = await bank.graph(body.access_token, '{ customer { subject wallets { reference } } }');
  const { subject, wallets } = data.customer;
  return { subject, reference: wallets[0].reference };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Runs the example's subgraph under the slug of this test, trusting the key that Tael tells. */
async function runBank(port: number, { reference, subject: customer }: KnownWallet): Promise<ChildProcess> {
  const { keys } = (await (await fetch(`${base}/partner/subgraph-keys`)).json()) as { keys: (JsonWebKey & { kid: string })[] };
  const child = spawn(process.execPath, [join(EXAMPLE, 'subgraph', 'server.js')], {
    env: {
      PATH: process.env['PATH'], PORT: String(port), SLUG: slug, TAEL_KEY_ID: keys[0]!.kid,
      TAEL_PUBLIC_KEY: createPublicKey({ key: keys[0]!, format: 'jwk' }).export({ type: 'spki', format: 'pem' }) as string,
      CREDIT_LINES: JSON.stringify({ [reference]: { limit: '500.00', currency: 'USD', customer } }),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout!, 'data');
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

const MASKED = 'A partner bank does not answer right now. The rest of the answer stands; try again in a moment.';
const WALLET = `{ viewer { wallet(currency: "USD") { id balance { available { amount } } ${slug}CreditLine { limit currency } } } }`;

describe('a bank that brings its own subgraph', () => {
  let [bank, person, port, child]: [ConsentBank, Person, number, ChildProcess] = [] as never;
  let tael: Tael;
  let known: KnownWallet;
  let subgraphId = '';
  beforeAll(async () => {
    [bank, person, port] = await Promise.all([ConsentBank.open('Graphbank', ['subgraph:publish']), newFundedPerson('25.00'), freePort()]);
    tael = taelOf(bank);
    known = await knownWallet(bank, person);
    child = await runBank(port, known);
  }, 60_000);
  afterAll(() => end(child));

  const address = () => `http://127.0.0.1:${port}/graphql`;
  const PUBLISH = `mutation ($input: PublishSubgraphInput!) { publishSubgraph(input: $input) {
    subgraph { id status } problems { code coordinate reason } userErrors { code field } } }`;
  const publish = async (text: string) => (await tael.query(PUBLISH, { input: { slug, address: address(), sdl: text } })).data.publishSubgraph;
  const decide = async (step: string, id = subgraphId) => {
    const name = `${step}Subgraph`;
    const data = await must<any>((await operator()).client,
      `mutation ($input: ${name[0]!.toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { subgraph { status } userErrors { code message } } }`,
      { input: { id, reason: 'a test' } });
    return data[name].subgraph.status;
  };
  const credit = (limit: string | null) => ({
    wallet: { id: person.walletId, balance: { available: { amount: '25.00' } }, [`${slug}CreditLine`]: limit === null ? null : { limit, currency: 'USD' } },
  });
  const answers = (limit: string) => eventually(async () => {
    const { data, errors } = await person.client.request(WALLET);
    expect({ data, errors }).toEqual({ data: { viewer: credit(limit) } });
  }, { describe: 'the field answers', timeoutMs: 15_000 });
  const isUnknown = () => eventually(async () => {
    const { errors } = await person.client.request(WALLET);
    expect(errors?.[0]?.extensions?.['code']).toBe('GRAPHQL_VALIDATION_FAILED');
  }, { describe: 'the field is gone', timeoutMs: 15_000 });

  it('is told why a bad one is refused', async () => {
    const bad = sdl.replace(`${slug}CreditLine: ${Type}CreditLine`, `creditLine: ${Type}CreditLine!`);
    const { subgraph, problems, userErrors } = await publish(bad);
    expect([subgraph.status, userErrors]).toEqual(['REFUSED', [{ code: 'INVALID_INPUT', field: ['input', 'sdl'] }]]);
    expect(problems.map(({ code, coordinate }: any) => `${code} ${coordinate}`)).toEqual(['FIELD_NAME Wallet.creditLine', 'FIELD_NOT_NULLABLE Wallet.creditLine']);
  });

  it('is in the graph within seconds of an approval, without a restart, and not before', async () => {
    const { subgraph, problems } = await publish(sdl);
    expect([subgraph.status, problems]).toEqual(['PUBLISHED', []]);
    subgraphId = subgraph.id;
    expect((await person.client.request(WALLET)).errors?.[0]?.extensions?.['code']).toBe('GRAPHQL_VALIDATION_FAILED');
    expect(await decide('approve')).toBe('LIVE');
    await answers('500.00');
    const stranger = await newFundedPerson('1.00');
    const { data } = await stranger.client.request<any>(`{ ${slug} { name offers(first: 1) { name } } viewer { wallet(currency: "USD") { ${slug}CreditLine { limit } } } }`);
    expect(data).toEqual({ [slug]: { name: expect.any(String), offers: [{ name: 'Home' }] }, viewer: { wallet: { [`${slug}CreditLine`]: null } } });
  });

  it('knows the wallet and its owner by names that no other bank has', async () => {
    expect(JSON.stringify(known)).not.toContain(person.walletId);
    expect(JSON.stringify(known)).not.toContain(person.id);
    const other = await ConsentBank.open('Otherbank');
    const theirs = await knownWallet(other, person);
    expect([theirs.subject === known.subject, theirs.reference === known.reference]).toEqual([false, false]);
    // The field is there for the wallet's own reference and the owner's own subject: so both are what the bank was asked by.
    await answers('500.00');
  });

  it('takes one field along when it is killed, and brings it back', async () => {
    await end(child);
    const { data, errors } = await person.client.request<any>(WALLET);
    expect(data).toEqual({ viewer: credit(null) });
    expect(errors).toEqual([{
      message: MASKED, path: ['viewer', 'wallet', `${slug}CreditLine`], extensions: { code: 'SUBGRAPH_UNAVAILABLE', retryable: true, reference: expect.any(String) },
    }]);
    // Enough to open the breaker; everything else goes on answering.
    for (let time = 0; time < 6; time++) expect((await person.client.request<any>(WALLET)).data).toEqual({ viewer: credit(null) });
    child = await runBank(port, known);
    await answers('500.00');
  }, 60_000);

  it('leaves the graph when an operator suspends it, comes back, and is withdrawn by the bank', async () => {
    expect(await decide('suspend')).toBe('SUSPENDED');
    await isUnknown();
    expect(await decide('approve')).toBe('LIVE');
    await answers('500.00');
    const { data } = await tael.query('mutation ($input: WithdrawSubgraphInput!) { withdrawSubgraph(input: $input) { subgraph { status } userErrors { code } } }', { input: { id: subgraphId } });
    expect(data.withdrawSubgraph).toEqual({ subgraph: { status: 'WITHDRAWN' }, userErrors: [] });
    await isUnknown();
    const own = await tael.query('{ partner { subgraphs { status version } } }');
    expect(own.data.partner.subgraphs).toEqual([{ status: 'WITHDRAWN', version: 2 }, { status: 'REFUSED', version: 1 }]);
  }, 60_000);
});
