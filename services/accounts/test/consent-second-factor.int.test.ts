import { totpCode } from '../src/second-factor/code.service';
import { stepOf } from '../src/second-factor/totp.domain';
import { type NewPerson, type PeopleWorld, startPeopleWorld } from './people-world';
import { answerOf, Browser, type ConsentBank, openConsentBank, push, type Seen, signInAt, toPage } from './support/consent-flow';
import { secondFactorOf } from './support/second-factor';

// The page that asks for a consent, for people who have a second factor, and for those whose role wants one.
let world: PeopleWorld;
let nord: ConsentBank;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_consent_factor', { SECOND_FACTOR_ROLES: ['OPERATOR'] });
  nord = await openConsentBank(world, 'Nordbank');
});
afterAll(() => world.end());

interface Enrolled extends NewPerson {
  readonly recoveryCodes: readonly string[];
  /** What the app shows now. */
  code(): string;
  /** Six digits that it shows neither now nor about now. */
  wrongCode(): string;
}

/** Somebody with an authenticator app, none of whose codes was used yet. The clock is left alone: banks' assertions go by it. */
async function enrolled(): Promise<Enrolled> {
  const [person, factor] = [await world.signUp(), secondFactorOf(world)];
  const { secret } = await factor.begin(person);
  const code = () => totpCode(secret, stepOf(world.now()));
  const { recoveryCodes } = await factor.confirm(person, code());
  await world.rows('UPDATE totp_factor SET "lastStep" = -1 WHERE "personId" = $1', [person.id]);
  const wrongCode = () => {
    const near = [-2, -1, 0, 1, 2].map((steps) => totpCode(secret, stepOf(world.now()) + steps));
    return ['000000', '111111', '222222', '333333', '444444', '555555'].find((one) => !near.includes(one))!;
  };
  return { ...person, recoveryCodes, code, wrongCode };
}

const challengeOf = ({ html }: Seen): string => /name="challenge" value="([^"]+)"/.exec(html)![1]!;
const liveSessions = async ({ id }: NewPerson) => (await world.rows('SELECT 1 FROM session WHERE "personId" = $1 AND "endedAt" IS NULL', [id])).length;
const consentsOf = ({ id }: NewPerson) => world.rows('SELECT 1 FROM consent WHERE "personId" = $1', [id]);

/** Brings somebody to the question for a code. */
async function atSecondStep(person: NewPerson) {
  const { pushed } = await push(world, nord);
  const browser = new Browser(world);
  const page = await toPage(browser, nord, pushed);
  const asked = await signInAt(browser, page, person);
  const answer = (code: string, challenge = challengeOf(asked)) => browser.visit(page, { step: 'code', challenge, code });
  return { browser, page, asked, answer };
}

describe('somebody with a second factor', () => {
  it('is asked for it after the password, which alone gives nothing', async () => {
    const person = await enrolled();
    const before = await liveSessions(person);
    const { browser, page, asked, answer } = await atSecondStep(person);
    expect([asked.status, asked.html.includes('Second step'), await liveSessions(person)]).toEqual([200, true, before]);
    expect(asked.headers['set-cookie']).toBeUndefined();
    expect(await browser.visit(page, { step: 'allow', wallet: person.walletId })).toMatchObject({ status: 422 });
    expect(await consentsOf(person)).toEqual([]);
    expect(await answer(person.code())).toMatchObject({ status: 303, location: expect.stringContaining('/consent/') });
    expect((await browser.visit(page)).html).toContain('Signed in as Ada Lovelace');
    expect((await answerOf(browser, await browser.visit(page, { step: 'allow', wallet: person.walletId }))).get('code')).toEqual(expect.any(String));
    expect(await liveSessions(person)).toBe(before);
  });

  it('may take a recovery code, once, and hears of it', async () => {
    const person = await enrolled();
    const [code] = person.recoveryCodes as [string];
    expect(await (await atSecondStep(person)).answer(code)).toMatchObject({ status: 303 });
    expect((await world.events('second-factor.changed')).at(-1)).toMatchObject({ personId: person.id, change: 'RECOVERY_CODE_USED' });
    expect(await (await atSecondStep(person)).answer(code)).toMatchObject({ status: 422 });
  });

  it('gets the question again after a wrong code, with the reason, and may then answer it', async () => {
    const person = await enrolled();
    const { asked, answer } = await atSecondStep(person);
    const wrong = await answer(person.wrongCode());
    expect(wrong).toMatchObject({ status: 422, html: expect.stringContaining('The code is wrong, was used already or has expired.') });
    expect(challengeOf(wrong)).toBe(challengeOf(asked));
    expect(await answer(person.code())).toMatchObject({ status: 303 });
  });

  it('is refused a code that was used, and a question that was answered', async () => {
    const person = await enrolled();
    const [first, second] = [await atSecondStep(person), await atSecondStep(person)];
    const code = person.code();
    expect(await first.answer(code)).toMatchObject({ status: 303 });
    expect(await second.answer(code)).toMatchObject({ status: 422 });
    const [recovery] = person.recoveryCodes as [string];
    expect(await second.answer(recovery, challengeOf(first.asked))).toMatchObject({ status: 422 });
    expect(await second.answer(recovery)).toMatchObject({ status: 303 });
  });

  it('is locked out after five wrong codes, over all pages, and shown how to begin again', async () => {
    const person = await enrolled();
    const [one, other] = [await atSecondStep(person), await atSecondStep(person)];
    for (const [n, { answer }] of [one, other, one, other, one].entries()) expect([n, (await answer(person.wrongCode())).status]).toEqual([n, 422]);
    for (const { answer } of [one, other, await atSecondStep(person)]) {
      const { status, html } = await answer(person.code());
      expect([status, html.includes('Too many attempts. Try again later.'), html.includes('Start over')]).toEqual([422, true, true]);
    }
    expect(await consentsOf(person)).toEqual([]);
  });
});

it('somebody whose role wants a factor that they do not have gives no consent, and is left without a session', async () => {
  const person = await world.signUp();
  expect(await world.app.services.operators.grant({ email: person.email, by: 'test', reason: 'For the test' })).toMatchObject({ ok: true });
  const before = await liveSessions(person);
  const { pushed } = await push(world, nord);
  const browser = new Browser(world);
  const page = await toPage(browser, nord, pushed);
  expect(await signInAt(browser, page, person)).toMatchObject({ status: 422, html: expect.stringContaining('You have no second factor. Set one up first.') });
  expect(await browser.visit(page, { step: 'allow', wallet: person.walletId })).toMatchObject({ status: 422 });
  expect([await liveSessions(person), await consentsOf(person)]).toEqual([before, []]);
});
