import { createLocalJWKSet, type JWTPayload, jwtVerify } from 'jose';
import { type NewPerson, type PeopleWorld, startPeopleWorld } from '../people-world';
import { allow, type ConsentBank, openConsentBank, type Pushed, redeem, SCOPES } from './consent-flow';
import { type Answer, askForToken, AUDIENCE, ISSUER, send } from './partner-bank';

export const CUSTOMER = `{ customer { id scopes consentExpiresAt wallets { id currency balance { amount } available { amount }
  transactions(first: 5) { edges { node { id kind amount { amount } balanceAfter { amount } bookedAt } } pageInfo { hasNextPage endCursor } } } } }`;
const CONSENTS = `{ viewer { consents(first: 10) { edges { node { id partnerName scopes status givenAt expiresAt withdrawnAt wallets { id currency } } } } } }`;
export const OPEN = `mutation { openWallet(input: { currency: "EUR" }) { wallet { id } userErrors { code } } }`;

/** Two banks that may ask people for their consent, and a person with two wallets. */
export interface ConsentWorld {
  readonly world: PeopleWorld;
  readonly nord: ConsentBank;
  readonly sud: ConsentBank;
  readonly ada: NewPerson;
  /** Her second wallet. */
  readonly euro: string;
  /** Lets a person say yes and the bank fetch its tokens. */
  tokenFor(bank: ConsentBank, person: NewPerson, walletIds?: readonly string[]): Promise<{ token: string; refresh: string; code: string; pushed: Pushed }>;
  /** What an access token says, once its signature has been checked. */
  claims(token: string): Promise<JWTPayload>;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  consentsOf(person: NewPerson): Promise<any[]>;
  refresh(bank: ConsentBank, token: string, change?: object): Promise<Answer>;
}

export async function startConsentWorld(name: string, change: Parameters<typeof startPeopleWorld>[1] = {}): Promise<ConsentWorld> {
  const world = await startPeopleWorld(name, { FAILED_CLIENT_SIGN_INS_PER_15_MINUTES: 1_000, ...change });
  const [nord, sud, ada] = [await openConsentBank(world, 'Nordbank'), await openConsentBank(world, 'Sudbank'), await world.signUp()];
  const euro = (await world.ask(OPEN, {}, ada.as)).data.openWallet.wallet.id as string;
  return {
    world, nord, sud, ada, euro,
    async tokenFor(bank, person, walletIds = [person.walletId]) {
      const given = await allow(world, bank, person, { walletIds });
      const { status, body } = await redeem(world, bank, given);
      expect([status, body]).toEqual([200, expect.objectContaining({ token_type: 'DPoP', expires_in: 300, scope: SCOPES, refresh_token: expect.any(String) })]);
      return { ...given, token: body.access_token as string, refresh: body.refresh_token as string };
    },
    async claims(token) {
      const { body } = await send(world, 'GET', '/jwks');
      return (await jwtVerify(token, createLocalJWKSet(body), { issuer: ISSUER, audience: AUDIENCE, typ: 'at+jwt' })).payload;
    },
    consentsOf: async (person) => (await world.ask(CONSENTS, {}, person.as)).data.viewer.consents.edges.map(({ node }: { node: unknown }) => node),
    refresh: (bank, token, change = {}) => askForToken(world, bank, { form: { grant_type: 'refresh_token', scope: undefined, refresh_token: token }, ...change }),
  };
}
