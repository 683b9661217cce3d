import { appCode } from './authenticator';
import { atDoor, type Browser, ConsentBank } from './consent-bank';
import { must, newFundedPerson, type Person } from './world';

// The page that asks for a consent, for somebody with an authenticator app: the same rules as at every other sign-in (ADR 14).
const BEGIN = 'mutation ($input: BeginTotpInput!) { beginTotp(input: $input) { secret userErrors { code } } }';
const CONFIRM = 'mutation ($input: ConfirmTotpInput!) { confirmTotp(input: $input) { recoveryCodes userErrors { code } } }';
const CUSTOMER = '{ customer { wallets { balance { amount } } } }';

let bank: ConsentBank;
beforeAll(async () => {
  bank = await ConsentBank.open('Stepbank');
}, 120_000);

interface Enrolled extends Person {
  readonly recoveryCodes: readonly [string, ...string[]];
  readonly secret: string;
}

async function enrolled(): Promise<Enrolled> {
  const person = await newFundedPerson('12.00');
  const { beginTotp: { secret } } = await must<any>(person.client, BEGIN, { input: { password: person.password } });
  const { confirmTotp } = await must<any>(person.client, CONFIRM, { input: { code: appCode(secret, 0) } });
  return { ...person, secret, recoveryCodes: confirmTotp.recoveryCodes };
}

/** The code of the next half minute: good now and then, and later than that of the set-up. */
const nextCode = ({ secret }: Enrolled): string => appCode(secret, 1);

/** Six digits that the app shows neither now nor about now. */
function wrongCode({ secret }: Enrolled): string {
  const near = [-2, -1, 0, 1, 2].map((steps) => appCode(secret, steps));
  return ['000000', '111111', '222222', '333333', '444444', '555555'].find((one) => !near.includes(one))!;
}

interface Step {
  readonly browser: Browser;
  readonly page: string;
  readonly verifier: string;
  answer(code: string): ReturnType<Browser['visit']>;
}

/** Brings somebody to the question for a code. */
async function atSecondStep(person: Enrolled): Promise<Step> {
  const { browser, page, verifier } = await atDoor(bank);
  const { status, html } = await browser.visit(page, { form: { step: 'sign-in', email: person.email, password: person.password } });
  const challenge = /name="challenge" value="([^"]+)"/.exec(html)?.[1];
  expect([status, challenge]).toEqual([200, expect.any(String)]);
  return { browser, page, verifier, answer: (code) => browser.visit(page, { form: { step: 'code', challenge: challenge!, code } }) };
}

it('the app’s code opens the page, and the bank sees what was allowed', async () => {
  const person = await enrolled();
  const { browser, page, verifier, answer } = await atSecondStep(person);
  // The password alone allows nothing.
  expect((await browser.visit(page, { form: { step: 'allow', wallet: person.walletId } })).status).toBe(422);
  expect(await answer(nextCode(person))).toMatchObject({ status: 303, location: page });
  const allowed = await browser.visit(page, { form: { step: 'allow', wallet: person.walletId } });
  const { location } = await browser.visit(allowed.location!);
  const { body } = await bank.redeem({ code: new URL(location!).searchParams.get('code')!, verifier });
  expect((await bank.graph(body.access_token, CUSTOMER)).body).toEqual({ data: { customer: { wallets: [{ balance: { amount: '12.00' } }] } } });
});

it('a code that was used opens nothing, a recovery code does so once', async () => {
  const person = await enrolled();
  const code = nextCode(person);
  expect(await (await atSecondStep(person)).answer(code)).toMatchObject({ status: 303 });
  const second = await atSecondStep(person);
  const { status, html } = await second.answer(code);
  expect([status, html.includes('The code is wrong, was used already or has expired.')]).toEqual([422, true]);
  expect(await second.answer(person.recoveryCodes[0])).toMatchObject({ status: 303 });
  expect(await (await atSecondStep(person)).answer(person.recoveryCodes[0])).toMatchObject({ status: 422 });
});

it('five wrong codes lock the second step, with whatever page and code', async () => {
  const person = await enrolled();
  const [one, other] = [await atSecondStep(person), await atSecondStep(person)];
  for (const { answer } of [one, other, one, other, one]) {
    expect((await answer(wrongCode(person))).html).toContain('The code is wrong, was used already or has expired.');
  }
  for (const { answer } of [other, await atSecondStep(person)]) {
    for (const code of [nextCode(person), person.recoveryCodes[0]]) {
      const { status, html } = await answer(code);
      expect([status, html.includes('Too many attempts. Try again later.'), html.includes('Start over')]).toEqual([422, true, true]);
    }
  }
});
