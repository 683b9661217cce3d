import { eventually } from '@tael/testkit';
import { join } from 'node:path';
import { stack } from './stack';
import { must, operator } from './world';

// The bank of examples/partner-bank, which knows of Tael what docs/partners says.
const CLIENT = join(__dirname, '..', 'examples', 'partner-bank', 'client');
const base = stack.gatewayUrl.replace(/\/graphql$/, '');
const issuer = `${base}/partner/oauth`;
const door = `${base}/partner/graphql`;
const SCOPES = ['partner:read', 'keys:manage', 'history:import', 'statements:read'];

export interface Key {
  readonly kid: string;
  readonly jwk: object;
}
export interface Tael {
  query(query: string, variables?: object): Promise<{ data: any; errors?: any[] }>;
  forgetToken(): void;
  token(): Promise<string>;
  /** That the bank has the private half of a key that it is about to add. */
  proofOfKey(key: Key): Promise<string>;
  /** Asks with a token, and once: nothing is tried again. */
  readonly connection: { graph(token: string, query: string, variables: object): Promise<Response> };
}
interface Example {
  makeKey(): Promise<Key>;
  register(options: { graph: string; invitation: string; key: Key }): Promise<{ clientId: string; partnerId: string }>;
  TaelClient: new (options: object) => Tael;
}

export async function example(): Promise<Example> {
  const parts = await Promise.all(['keys.js', 'registration.js', 'tael.js'].map((file) => import(join(CLIENT, file)) as Promise<object>));
  return Object.assign({}, ...parts) as Example;
}

export interface Bank {
  readonly tael: Tael;
  /** The bank's program with other settings. */
  readonly client: (change: object) => Tael;
  readonly partnerId: string;
  readonly clientId: string;
  readonly key: Key;
}

/** Invites a bank, and registers it by its own program; gives it once it gets tokens. */
export async function newBank(name: string, scopes = SCOPES): Promise<Bank> {
  const { makeKey, register, TaelClient } = await example();
  const staff = await operator();
  const { invitePartner } = await must<any>(staff.client, `mutation ($input: InvitePartnerInput!) { invitePartner(input: $input) { invitation { code } partner { id } userErrors { code message } } }`,
    { input: { name, environment: 'SANDBOX', scopes, reason: 'a test' } });
  const [key, proofKey] = await Promise.all([makeKey(), makeKey()]);
  const { clientId, partnerId } = await register({ graph: stack.gatewayUrl, invitation: invitePartner.invitation.code, key });
  // A person's data has tokens of its own: docs/partners/consent.md.
  const ownScopes = scopes.filter((scope) => scope !== 'wallets:read' && scope !== 'transactions:read');
  const options = { issuer, door, clientId, key, proofKey, scope: ownScopes.join(' ') };
  const client = (change: object) => new TaelClient({ ...options, ...change });
  const tael = client({});
  // The token endpoint hears of a new client by an event.
  await eventually(async () => {
    expect((await tael.query('{ partner { id } }')).data.partner.id).toBe(partnerId);
  }, { describe: 'the new client gets a token', timeoutMs: 15_000 });
  return { tael, client, partnerId, clientId, key };
}
