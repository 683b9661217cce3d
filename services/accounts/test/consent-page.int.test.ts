import { stateHash } from '../src/authorization/authorization-state.service';
import { answerOf, authorizeAddress, Browser, openConsentBank, push, signInAt, toPage } from './support/consent-flow';
import { type ConsentWorld, startConsentWorld } from './support/consent-world';
import { ISSUER } from './support/partner-bank';

let world: ConsentWorld['world'];
let nord: ConsentWorld['nord'];
let ada: ConsentWorld['ada'];
let euro: ConsentWorld['euro'];
let consentsOf: ConsentWorld['consentsOf'];

beforeAll(async () => {
  ({ world, nord, ada, euro, consentsOf } = await startConsentWorld('accounts_consent_page'));
});
afterAll(() => world.end());

describe('the page', () => {
  it('says who, what, how long and how to take it back, and is safe to be shown', async () => {
    const { pushed } = await push(world, nord);
    const browser = new Browser(world);
    const page = await toPage(browser, nord, pushed);
    const { html, headers, status } = await browser.visit(page);
    expect(status).toBe(200);
    for (const said of ['Nordbank asks to see your data', 'Your wallets', 'Your transactions', '90 days', 'Withdraw it at any time', 'nordbank.example']) expect(html).toContain(said);
    expect(html).not.toMatch(/<script|onclick|https?:\/\//);
    expect(headers).toMatchObject({
      'referrer-policy': 'no-referrer', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringMatching(
        /^default-src 'none'; style-src 'sha256-[\w+/=]+'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
      ),
    });
    const chinese = await new Browser(world, 'zh-CN').take(browser, '__Secure-tael_interaction').visit(page);
    expect(chinese.html).toContain('<html lang="zh-CN">');
    expect(chinese.html).toContain('Nordbank 请求查看您的数据');
  });

  it('V3.3: has cookies that no script reads, that go over TLS alone, to its own path, and end with the request', async () => {
    const { pushed } = await push(world, nord);
    const browser = new Browser(world);
    const lines: string[] = [];
    const note = ({ headers }: { headers: Record<string, unknown> }) => lines.push(...([headers['set-cookie'] ?? []].flat() as string[]).filter((line) => !/=;/.test(line)));
    const asked = await browser.visit(authorizeAddress(nord, pushed));
    note(asked as never);
    const page = new URL(asked.location!, ISSUER).pathname;
    note((await browser.visit(page, { step: 'sign-in', email: ada.email, password: ada.password })) as never);
    const cookies = lines.map((line) => {
      const [pair = '', ...attributes] = line.split(/; */);
      return { name: pair.split('=')[0]!, attributes: attributes.map((one) => one.toLowerCase()) };
    });
    expect(cookies.map(({ name }) => name).sort()).toEqual(['__Secure-tael_consent', '__Secure-tael_interaction', '__Secure-tael_resume']);
    for (const { name, attributes } of cookies) {
      // The one that says who signed in goes to nobody who comes from another page; the others must be there when the bank sends the person.
      const site = name === '__Secure-tael_consent' ? 'samesite=strict' : 'samesite=lax';
      expect({ name, attributes }).toEqual({ name, attributes: expect.arrayContaining(['secure', 'httponly', site]) });
      expect(attributes.find((one) => one.startsWith('path='))).toMatch(/^path=\/partner\/oauth\/(consent|authorize)\/[\w-]+$/);
      expect(attributes.some((one) => one.startsWith('domain='))).toBe(false);
      expect(attributes.some((one) => /^(max-age|expires)=/.test(one))).toBe(true);
    }
  });

  it('writes what a bank is called, and nothing that it would make of the page', async () => {
    const odd = await openConsentBank(world, 'Odd');
    const { createSealer } = await import('@tael/platform/seal');
    await world.rows('UPDATE partner_copy SET name = $2 WHERE "partnerId" = $1', [odd.partnerId, createSealer(world.settings.SEAL_KEYS).seal(`<b>"O'dd" & co`, odd.partnerId)]);
    const { pushed } = await push(world, odd);
    const browser = new Browser(world);
    const { html } = await browser.visit(await toPage(browser, odd, pushed));
    expect(html).toContain('&lt;b&gt;&quot;O&#39;dd&quot; &amp; co asks');
    expect(html).not.toContain('<b>');
  });

  it('takes no answer from who knows its address alone, nor from who has only the first cookie', async () => {
    const { pushed } = await push(world, nord);
    const browser = new Browser(world);
    const page = await toPage(browser, nord, pushed);
    expect(await signInAt(browser, page, ada)).toMatchObject({ status: 303 });
    expect(await new Browser(world).visit(page)).toMatchObject({ status: 410 });
    expect(await new Browser(world).visit(page, { step: 'allow', wallet: ada.walletId })).toMatchObject({ status: 410 });
    const thief = new Browser(world).take(browser, '__Secure-tael_interaction', '__Secure-tael_resume');
    const { status, html } = await thief.visit(page, { step: 'allow', wallet: ada.walletId });
    expect(status).toBe(422);
    expect(html).toContain('Sign in to Tael');
    expect(html).not.toContain('Ada Lovelace');
    expect((await browser.visit(page)).html).toContain('Signed in as Ada Lovelace');
  });

  it('refuses a wrong password as signIn does, counts it, and keeps no session after the answer', async () => {
    const person = await world.signUp();
    const { pushed } = await push(world, nord);
    const browser = new Browser(world);
    const page = await toPage(browser, nord, pushed);
    const live = async () => (await world.rows('SELECT 1 FROM session WHERE "personId" = $1 AND "endedAt" IS NULL', [person.id])).length;
    const before = await live();
    const wrong = await browser.visit(page, { step: 'sign-in', email: person.email, password: 'not the password' });
    expect(wrong.status).toBe(422);
    expect(wrong.html).toContain('role="alert"');
    expect(wrong.html).not.toContain('not the password');
    await signInAt(browser, page, person);
    expect(await live()).toBe(before + 1);
    await answerOf(browser, await browser.visit(page, { step: 'allow', wallet: person.walletId }));
    expect(await live()).toBe(before);
    const limit = world.settings.FAILED_SIGN_INS_PER_15_MINUTES;
    const { pushed: again } = await push(world, nord);
    const other = new Browser(world);
    const next = await toPage(other, nord, again);
    for (let n = 1; n <= limit; n += 1) await other.visit(next, { step: 'sign-in', email: person.email, password: 'not the password' });
    expect(await signInAt(other, next, person)).toMatchObject({ status: 422 });
  });

  it('asks for at least one wallet, and of the person', async () => {
    const other = await world.signUp();
    const { pushed } = await push(world, nord);
    const browser = new Browser(world);
    const page = await toPage(browser, nord, pushed);
    await signInAt(browser, page, ada);
    expect((await browser.visit(page, { step: 'allow' })).html).toContain('Choose at least one wallet');
    for (const wallet of [other.walletId, 'none', [ada.walletId, other.walletId]]) {
      expect(await browser.visit(page, { step: 'allow', wallet })).toMatchObject({ status: 422 });
    }
    const ofRequest = () => world.rows('SELECT 1 FROM consent WHERE "requestId" = $1', [stateHash(pushed.requestUri.split(':').at(-1)!)]);
    expect(await ofRequest()).toEqual([]);
    expect((await answerOf(browser, await browser.visit(page, { step: 'allow', wallet: [ada.walletId, euro] }))).get('code')).toEqual(expect.any(String));
    expect(await ofRequest()).toHaveLength(1);
  });

  it.each(['signed in', 'not signed in'])('sends a person who says no back, %s', async (how) => {
    const { pushed } = await push(world, nord);
    const browser = new Browser(world);
    const page = await toPage(browser, nord, pushed);
    if (how === 'signed in') await signInAt(browser, page, ada);
    const answer = await answerOf(browser, await browser.visit(page, { step: 'refuse' }));
    expect(Object.fromEntries(answer)).toEqual({ error: 'access_denied', error_description: expect.any(String), state: pushed.state, iss: ISSUER });
    expect(await new Browser(world).visit(authorizeAddress(nord, pushed))).toMatchObject({ status: 400 });
  });

  it('gives no consent in one window once another has said no', async () => {
    const { pushed } = await push(world, nord);
    const [one, other] = [new Browser(world), new Browser(world)];
    const [here, there] = [await toPage(one, nord, pushed), await toPage(other, nord, pushed)];
    await signInAt(other, there, ada);
    await one.visit(here, { step: 'refuse' });
    expect(await other.visit(there, { step: 'allow', wallet: ada.walletId })).toMatchObject({ status: 422 });
    expect(await world.rows('SELECT 1 FROM consent WHERE "requestId" = $1', [stateHash(pushed.requestUri.split(':').at(-1)!)])).toEqual([]);
  });

  it.each(['\0', 'a\nb', '\u001b[31m'])('refuses a request with a control character in it: %j', async (state) => {
    expect(await push(world, nord, { form: { state } })).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });

  it('takes Enter on a wallet for a look, and no answer', async () => {
    const person = await world.signUp();
    const { pushed } = await push(world, nord);
    const browser = new Browser(world);
    const page = await toPage(browser, nord, pushed);
    await signInAt(browser, page, person);
    const { status, html } = await browser.visit(page, { step: 'look', wallet: person.walletId });
    expect([status, html.includes('Which wallets')]).toEqual([200, true]);
    expect(await consentsOf(person)).toEqual([]);
  });

  it('shows a page, and no program’s answer, where something is wrong with the request', async () => {
    const { pushed } = await push(world, nord);
    const browser = new Browser(world);
    const page = await toPage(browser, nord, pushed);
    const { status, html, headers } = await browser.visit(page, { step: 'sign-in', email: 'x'.repeat(17_000), password: 'y' });
    expect([status, headers['content-type']]).toEqual([413, 'text/html; charset=utf-8']);
    expect(html).toContain('Go back to your bank');
  });

  it('gives one consent for two clicks at once', async () => {
    const person = await world.signUp();
    const { pushed } = await push(world, nord);
    const browser = new Browser(world);
    const page = await toPage(browser, nord, pushed);
    await signInAt(browser, page, person);
    const seen = await world.atOnce('consent_dialog', 2, () => browser.visit(page, { step: 'allow', wallet: person.walletId }));
    for (const { location } of seen) expect(location).toMatch(/^\/partner\/oauth\/authorize\//);
    expect(await consentsOf(person)).toHaveLength(1);
  });

  it('ends with the session that it is for: a new password is not passed by', async () => {
    const person = await world.signUp();
    const { pushed } = await push(world, nord);
    const browser = new Browser(world);
    const page = await toPage(browser, nord, pushed);
    await signInAt(browser, page, person);
    await world.ask('mutation { endOtherSessions { endedCount userErrors { code } } }', {}, person.as);
    expect(await browser.visit(page, { step: 'allow', wallet: person.walletId })).toMatchObject({ status: 422 });
    expect(await consentsOf(person)).toEqual([]);
  });

  it('is swept with the session of who never answered', async () => {
    const person = await world.signUp();
    const { pushed } = await push(world, nord);
    const browser = new Browser(world);
    const page = await toPage(browser, nord, pushed);
    await signInAt(browser, page, person);
    await world.asOwner(`UPDATE consent_dialog SET "expiresAt" = now() - interval '1 second' WHERE "personId" = '${person.id}'`);
    expect(await world.app.services.dialogs.sweep()).toBeGreaterThan(0);
    expect(await world.rows('SELECT 1 FROM session WHERE "personId" = $1 AND "endedAt" IS NULL', [person.id])).toHaveLength(1);
    expect(await browser.visit(page, { step: 'allow', wallet: person.walletId })).toMatchObject({ status: 422 });
  });
});
