import { pairwiseNames, pairwiseSubject } from '@tael/platform/pairwise';
import { allow, answerOf, askAsBank, Browser, openConsentBank, push, redeem, SCOPES, signInAt, toPage } from './support/consent-flow';
import { type ConsentWorld, CUSTOMER, OPEN, startConsentWorld } from './support/consent-world';
import { askForToken, tellPartner } from './support/partner-bank';

const WITHDRAW = `mutation ($input: WithdrawConsentInput!) { withdrawConsent(input: $input) { consent { id status } userErrors { code field } } }`;

/** The gateway has the same. */
const SUBJECT_KEY = Buffer.alloc(32, 5);

let world: ConsentWorld['world'];
let nord: ConsentWorld['nord'];
let sud: ConsentWorld['sud'];
let ada: ConsentWorld['ada'];
let euro: ConsentWorld['euro'];
let tokenFor: ConsentWorld['tokenFor'];
let claims: ConsentWorld['claims'];
let consentsOf: ConsentWorld['consentsOf'];
let refresh: ConsentWorld['refresh'];

beforeAll(async () => {
  ({ world, nord, sud, ada, euro, tokenFor, claims, consentsOf, refresh } = await startConsentWorld('accounts_consents', { PARTNER_SUBJECT_KEY: SUBJECT_KEY }));
});
afterAll(() => world.end());

describe('a person lets a bank see', () => {
  it('what they chose, and nothing else', async () => {
    const person = await world.signUp();
    const { token } = await tokenFor(nord, person);
    const { data, errors } = await askAsBank(world, token, CUSTOMER);
    expect(errors).toBeUndefined();
    expect(data.customer).toEqual({
      id: (await claims(token)).sub, scopes: ['wallets:read', 'transactions:read'], consentExpiresAt: expect.any(String),
      wallets: [{
        id: expect.any(String), currency: 'USD', balance: { amount: '0.00' }, available: { amount: '0.00' },
        transactions: { edges: [], pageInfo: { hasNextPage: false, endCursor: null } },
      }],
    });
    expect(JSON.stringify(data)).not.toContain(person.walletId);
    expect(JSON.stringify(data)).not.toContain(person.id);
  });

  it('by a token that names the consent, and the person as this bank alone knows them', async () => {
    const [one, other] = [await tokenFor(nord, ada), await tokenFor(sud, ada)];
    const [mine, theirs] = [await claims(one.token), await claims(other.token)];
    expect(mine).toMatchObject({ client_id: nord.id, partner_id: nord.partnerId, scope: SCOPES, cnf: { jkt: nord.key.thumbprint }, consent_id: expect.any(String) });
    expect(mine['sub']).not.toBe(ada.id);
    expect(mine['sub']).not.toBe(theirs['sub']);
    expect((await claims((await tokenFor(nord, ada)).token))['sub']).toBe(mine['sub']);
  });

  it('each bank its own, and under other names', async () => {
    const person = await world.signUp();
    const second = (await world.ask(OPEN, {}, person.as)).data.openWallet.wallet.id as string;
    const [one, other] = [await tokenFor(nord, person, [person.walletId]), await tokenFor(sud, person, [person.walletId, second])];
    const [seen, alsoSeen] = [await askAsBank(world, one.token, CUSTOMER), await askAsBank(world, other.token, CUSTOMER)];
    expect(seen.data.customer.wallets.map(({ currency }: { currency: string }) => currency)).toEqual(['USD']);
    expect(alsoSeen.data.customer.wallets.map(({ currency }: { currency: string }) => currency)).toEqual(['USD', 'EUR']);
    expect(seen.data.customer.wallets[0].id).not.toBe(alsoSeen.data.customer.wallets[0].id);
  });

  it('is to each the one whom its subgraph is asked about, as the gateway tells it, and so are the wallets', async () => {
    const ASKED = '{ customer { subject wallets { reference } } }';
    const person = await world.signUp();
    for (const bank of [nord, sud]) {
      const { data } = await askAsBank(world, (await tokenFor(bank, person)).token, ASKED);
      const { partnerId } = bank;
      expect(data.customer).toEqual({
        subject: pairwiseSubject(SUBJECT_KEY, partnerId, person.id),
        wallets: [{ reference: pairwiseNames(SUBJECT_KEY, { partnerId, kind: 'Wallet' })(person.walletId) }],
      });
    }
  });

  it('and finds it among their consents', async () => {
    const person = await world.signUp();
    await tokenFor(nord, person);
    expect(await consentsOf(person)).toEqual([{
      id: expect.any(String), partnerName: 'Nordbank', scopes: ['wallets:read', 'transactions:read'], status: 'ACTIVE', withdrawnAt: null,
      givenAt: expect.any(String), expiresAt: expect.any(String), wallets: [{ id: person.walletId, currency: 'USD' }],
    }]);
    const [given] = (await world.events('consent.given')).slice(-1);
    expect(given).toMatchObject({ personId: person.id, partnerId: nord.partnerId, walletIds: [person.walletId], scopes: ['wallets:read', 'transactions:read'] });
  });

  it('for as long as the bank asked, and the page said', async () => {
    const person = await world.signUp();
    const { pushed } = await push(world, nord, { form: { consent_days: '7' } });
    const browser = new Browser(world);
    const page = await toPage(browser, nord, pushed);
    expect((await browser.visit(page)).html).toContain('7 days, until');
    await signInAt(browser, page, person);
    await answerOf(browser, await browser.visit(page, { step: 'allow', wallet: person.walletId }));
    const [{ givenAt, expiresAt }] = await consentsOf(person);
    expect(Date.parse(expiresAt) - Date.parse(givenAt)).toBe(7 * 86_400_000);
  });
});

describe('a consent ends', () => {
  it('with the next request where its person withdraws it, and for no other bank', async () => {
    const person = await world.signUp();
    const [one, other] = [await tokenFor(nord, person), await tokenFor(sud, person)];
    const { consent_id: consentId, sub } = await claims(one.token);
    const withdraw = () => world.ask(WITHDRAW, { input: { consentId } }, person.as);
    expect((await withdraw()).data.withdrawConsent).toEqual({ consent: { id: consentId, status: 'WITHDRAWN' }, userErrors: [] });
    expect((await askAsBank(world, one.token, CUSTOMER)).data).toEqual({ customer: null });
    expect(await refresh(nord, one.refresh)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await askAsBank(world, other.token, CUSTOMER)).data.customer.wallets).toHaveLength(1);
    // Once more changes nothing, and tells nobody.
    expect((await withdraw()).data.withdrawConsent.userErrors).toEqual([]);
    expect((await world.events('consent.withdrawn')).filter((event) => event['consentId'] === consentId)).toMatchObject([{ reason: 'PERSON', personId: person.id, subject: sub }]);
    expect(await world.rows('SELECT change FROM consent_change WHERE "consentId" = $1 ORDER BY id', [consentId])).toEqual([{ change: 'GIVEN' }, { change: 'WITHDRAWN' }]);
  });

  it('between giving the code and using it, too', async () => {
    const person = await world.signUp();
    const given = await allow(world, nord, person);
    const [{ id }] = await consentsOf(person);
    await world.ask(WITHDRAW, { input: { consentId: id } }, person.as);
    expect(await redeem(world, nord, given)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('by its time, for a token that is still good', async () => {
    const person = await world.signUp();
    const { token, refresh: kept } = await tokenFor(nord, person);
    const { consent_id: consentId } = await claims(token);
    await world.asOwner(`UPDATE consent SET "givenAt" = now() - interval '1 day', "expiresAt" = now() - interval '1 millisecond' WHERE id = '${String(consentId)}'`);
    expect((await askAsBank(world, token, CUSTOMER)).data).toEqual({ customer: null });
    expect(await refresh(nord, kept)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(await consentsOf(person)).toMatchObject([{ status: 'EXPIRED' }]);
  });

  it('for nobody but its person', async () => {
    const { token } = await tokenFor(nord, ada);
    const { consent_id: consentId } = await claims(token);
    const stranger = await world.signUp();
    for (const id of [consentId, 'none', stranger.id]) {
      const { data } = await world.ask(WITHDRAW, { input: { consentId: id } }, stranger.as);
      expect(data.withdrawConsent).toEqual({ consent: null, userErrors: [{ code: 'NOT_FOUND', field: ['input', 'consentId'] }] });
    }
    expect((await askAsBank(world, token, CUSTOMER)).data.customer).not.toBeNull();
  });

  it('is not read by another bank that names it', async () => {
    const { token } = await tokenFor(nord, ada);
    const { consent_id: consentId } = await claims(token);
    const forged = { partnerId: sud.partnerId, consentId: consentId as string };
    const { customers } = world.app.services;
    expect(await customers.find(forged, 'wallets:read')).toBeUndefined();
    expect(await customers.wallets(forged)).toEqual([]);
    expect(await customers.entries(forged, ada.walletId, { limit: 5 })).toEqual([]);
    // Nor of a wallet that is not part of it.
    expect(await customers.entries({ ...forged, partnerId: nord.partnerId }, euro, { limit: 5 })).toEqual([]);
  });

  it('with its bank, where that is suspended', async () => {
    const bank = await openConsentBank(world, 'Endbank');
    const { token } = await tokenFor(bank, ada);
    await tellPartner(world, { partnerId: bank.partnerId, version: 2, status: 'SUSPENDED' });
    expect((await askAsBank(world, token, CUSTOMER)).data).toEqual({ customer: null });
  });
});

describe('a token', () => {
  it('of a consent gives nothing that is the bank’s own, and the other way round', async () => {
    const { token } = await tokenFor(nord, ada);
    expect((await askAsBank(world, token, '{ partnerAccounts(first: 1) { edges { cursor } } }')).errors[0].extensions.code).toBe('FORBIDDEN');
    const own = await askForToken(world, nord);
    expect((await askAsBank(world, own.body.access_token, CUSTOMER)).errors[0].extensions.code).toBe('FORBIDDEN');
    expect(await askForToken(world, nord, { form: { scope: 'wallets:read' } })).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
    expect((await world.ask(CUSTOMER, {}, ada.as)).errors![0]!.extensions['code']).toBe('FORBIDDEN');
  });

  it('is fetched again for as long as the consent stands, by its own client alone', async () => {
    const { refresh: kept, token } = await tokenFor(nord, ada);
    const { body } = await refresh(nord, kept);
    expect(body).toMatchObject({ token_type: 'DPoP', scope: SCOPES });
    expect((await claims(body.access_token))['consent_id']).toBe((await claims(token))['consent_id']);
    expect(await refresh(sud, kept)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(await refresh(nord, kept, { proof: undefined })).toMatchObject({ status: 400 });
    expect(await refresh(nord, kept, { form: { grant_type: 'refresh_token', refresh_token: kept, scope: 'partner:read' } })).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
    const fewer = await refresh(nord, kept, { form: { grant_type: 'refresh_token', refresh_token: kept, scope: 'wallets:read' } });
    expect((await askAsBank(world, fewer.body.access_token, CUSTOMER)).errors[0].extensions).toMatchObject({ code: 'FORBIDDEN', scope: 'transactions:read' });
  });

  it('leaves no secret in the database or the log', async () => {
    const { code, refresh: kept, pushed, token } = await tokenFor(nord, ada);
    const [rows, log] = [await world.dump(), world.log()];
    for (const secret of [code, kept, token, pushed.requestUri.split(':').at(-1)!, pushed.verifier]) {
      expect(rows).not.toContain(secret);
      expect(log).not.toContain(secret);
    }
  });
});
