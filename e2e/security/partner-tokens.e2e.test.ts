import { decodeProtectedHeader } from 'jose';
import { newPerson, type Person } from '../world';
import { DOOR, newBank } from './partner-bank';
import { altered, askAsPerson, byPublicKey, type Change, Forger, ISSUER, seconds, TOKEN_ENDPOINT, tokenKey, type Told, unsigned } from './partner-forger';

// What somebody could try with assertions, tokens and proofs, at the stack as it is served: the gateway, the authorization server in
// accounts and the keys of merchants. A token that is over is not among it: nobody but the server can make one, and five minutes are
// long. services/gateway/test/partners/tokens.int.test.ts has it.

let forger: Forger;
let thief: Forger;
let token: string;
let person: Person;

beforeAll(async () => {
  const [bank, other] = [await newBank('Forged bank', ['partner:read', 'keys:manage']), await newBank('Thief bank', ['partner:read'])];
  // Keys of the banks are made by the example: one more each binds their tokens.
  forger = new Forger(bank, (await bank.newKey()).key);
  thief = new Forger(other, (await other.newKey()).key);
  person = await newPerson();
}, 120_000);

beforeEach(async () => {
  const { status, body } = await forger.askForToken();
  expect(status).toBe(200);
  token = body.access_token;
  // The first request brings the nonce of the door.
  await forger.askWell(token);
  await expectAllIsWell();
});
/** That it was the attack which was refused. */
afterEach(expectAllIsWell);

async function expectAllIsWell(): Promise<void> {
  expect((await forger.askForToken()).status).toBe(200);
  expect(await forger.askWell(token)).toMatchObject({ status: 200, body: { data: { partner: { id: forger.bank.partnerId } } } });
}

describe('at the token endpoint there is nothing for', () => {
  const refused = ({ status, code, body }: Told): void => {
    expect([status, code]).toEqual([401, 'invalid_client']);
    expect(Object.keys(body).sort()).toEqual(['error', 'error_description']);
  };

  it.each<[string, () => Change]>([
    ['is over', () => ({ claims: { iat: seconds() - 120, exp: seconds() - 60 } })],
    ['is for the door', () => ({ claims: { aud: DOOR } })],
    ['is for another server', () => ({ claims: { aud: 'https://other.example' } })],
    ['is for another server as well', () => ({ claims: { aud: [ISSUER, 'https://other.example'] } })],
    ['has no audience', () => ({ claims: { aud: undefined } })],
    ['is by the key of another bank', () => ({ by: thief.bank.key.privateKey })],
    ['is by the key of another bank, and says so', () => ({ by: thief.bank.key.privateKey, header: { kid: thief.bank.key.kid } })],
    ['brings its own key', () => ({ by: thief.bank.key.privateKey, header: { jwk: thief.bank.key.bare } })],
    ['is of another bank in its claims', () => ({ claims: { iss: thief.bank.clientId, sub: thief.bank.clientId } })],
  ])('an assertion that %s', async (_what, change) => refused(await forger.askForToken({ assertion: await forger.assertion(change()) })));

  it('an assertion that was used', async () => {
    const assertion = await forger.assertion();
    expect((await forger.askForToken({ assertion })).status).toBe(200);
    refused(await forger.askForToken({ assertion }));
  });

  it('an assertion by nobody', async () => refused(await forger.askForToken({ assertion: unsigned(await forger.assertion()) })));

  it('an assertion by HS256 with the public key of the bank', async () => {
    for (const assertion of await byPublicKey(await forger.assertion(), forger.bank.key.jwk)) refused(await forger.askForToken({ assertion }));
  });

  it('a proof that was used', async () => {
    const proof = await forger.proof(TOKEN_ENDPOINT);
    expect((await forger.askForToken({ proof })).status).toBe(200);
    const { status, code } = await forger.askForToken({ proof });
    expect([status, code]).toEqual([400, 'invalid_grant']);
  });
});

const BAD_TOKEN = /^DPoP error="invalid_token"/;
const badProof = (why: string): RegExp => new RegExp(`^DPoP error="invalid_dpop_proof", error_description="[^"]*${why}`);

function refusedAtDoor({ status, code, challenge, body }: Told, why: RegExp): void {
  expect([status, code, body.data]).toEqual([401, 'UNAUTHENTICATED', undefined]);
  expect(challenge).toMatch(why);
}

describe('at the door a proof is nothing', () => {
  it.each<[string, string, () => Change]>([
    ['by another key', 'not the one that the token is bound to', () => ({ by: thief.proofKey.privateKey, header: { jwk: thief.proofKey.bare } })],
    ['by another key than it says', 'its signature is not by the key in it', () => ({ by: thief.proofKey.privateKey })],
    ['for another address', 'htu must be', () => ({ claims: { htu: TOKEN_ENDPOINT } })],
    ['for another host', 'htu must be', () => ({ claims: { htu: 'https://other.example/partner/graphql' } })],
    ['for another method', 'htm must be POST', () => ({ claims: { htm: 'GET' } })],
    ['without the sum of the token', 'ath must be', () => ({ claims: { ath: undefined } })],
    ['with the sum of another token', 'ath must be', () => ({ claims: { ath: 'a'.repeat(43) } })],
    ['of long ago', 'iat must be', () => ({ claims: { iat: seconds() - 120 } })],
  ])('%s', async (_what, why, change) => {
    refusedAtDoor(await forger.ask({ authorization: `DPoP ${token}`, dpop: await forger.doorProof(token, change()) }), badProof(why));
  });

  it('that was used, also by two at once', async () => {
    const dpop = await forger.doorProof(token);
    const twice = await Promise.all([0, 1].map(() => forger.ask({ authorization: `DPoP ${token}`, dpop })));
    expect(twice.map(({ status }) => status).sort()).toEqual([200, 401]);
    refusedAtDoor(await forger.ask({ authorization: `DPoP ${token}`, dpop }), badProof('it was used before'));
  });

  it('by nobody, or by HS256 with its own public key', async () => {
    const good = await forger.doorProof(token);
    for (const dpop of [unsigned(good), ...(await byPublicKey(good, forger.proofKey.bare))]) {
      refusedAtDoor(await forger.ask({ authorization: `DPoP ${token}`, dpop }), badProof('alg must be'));
    }
  });

  it('that is not there', async () => refusedAtDoor(await forger.ask({ authorization: `DPoP ${token}` }), badProof('there is none')));
});

describe('at the door a token is nothing', () => {
  /** With the best of proofs. */
  const tried = async (forged: string): Promise<void> => refusedAtDoor(await forger.askWell(forged), BAD_TOKEN);

  it('by nobody, also with more in it', async () => {
    await tried(unsigned(token));
    await tried(unsigned(altered(token, { scope: 'partner:read keys:manage', exp: seconds() + 299 })));
  });

  it('by HS256 with the public key of the server', async () => {
    const key = await tokenKey(decodeProtectedHeader(token).kid!);
    for (const forged of await byPublicKey(token, key)) await tried(forged);
  });

  it('that somebody changed', async () => {
    for (const claims of [{ scope: 'partner:read keys:manage' }, { partner_id: thief.bank.partnerId }, { client_key: 'another' }, { aud: 'tael' }]) {
      await tried(altered(token, claims));
    }
  });

  it('without its key: as a bearer token', async () => {
    const dpop = await forger.doorProof(token);
    for (const proof of [{}, { dpop }]) refusedAtDoor(await forger.ask({ authorization: `Bearer ${token}`, ...proof }), /error="invalid_token"/);
  });

  it('of another bank', async () => {
    const { body } = await thief.askForToken();
    refusedAtDoor(await forger.askWell(body.access_token), badProof('not the one that the token is bound to'));
  });

  it('of a person', async () => {
    await tried(person.token);
    refusedAtDoor(await forger.ask({ authorization: `Bearer ${person.token}` }), /error="invalid_token"/);
    expect(await askAsPerson({ authorization: `Bearer ${person.token}` })).toMatchObject({ status: 200, body: { data: { viewer: { id: person.id } } } });
  });
});

it('at the door of people the token of a bank is nothing', async () => {
  const dpop = await forger.doorProof(token);
  for (const headers of [{ authorization: `Bearer ${token}` }, { authorization: `DPoP ${token}`, dpop }]) {
    expect(await askAsPerson(headers)).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
  }
});
