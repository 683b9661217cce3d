import { eventually, graphqlClient, type GraphQLTestClient } from '@tael/testkit';
import { randomUUID } from 'node:crypto';
import { appCode } from './authenticator';
import { mailedCode } from './mailed-code';
import { stack } from './stack';
import { anonymous, balanceOf, fund, inboxOf, must, newMerchant, newPerson, payment, received, type Person } from './world';

const BEGIN = `mutation ($input: BeginTotpInput!) { beginTotp(input: $input) { secret uri userErrors { code } } }`;
const CONFIRM = `mutation ($input: ConfirmTotpInput!) { confirmTotp(input: $input) { recoveryCodes userErrors { code } } }`;
const SIGN_IN = `mutation ($input: SignInInput!) { signIn(input: $input) {
  user { id } session { accessToken } challenge { token expiresAt } userErrors { code } } }`;
const COMPLETE = `mutation ($input: CompleteSignInInput!) { completeSignIn(input: $input) {
  user { id } session { accessToken refreshToken } userErrors { code } } }`;
const REQUEST = `mutation ($input: RequestStepUpInput!) { requestStepUp(input: $input) { stepUp { id } userErrors { code } } }`;
const APPROVE = `mutation ($input: ApproveStepUpInput!) { approveStepUp(input: $input) { stepUp { approvedAt } userErrors { code } } }`;
const PAY = `mutation ($input: PayMerchantInput!) { payMerchant(input: $input) { transaction { id } userErrors { code field } } }`;
const CHANGE_PASSWORD = `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { userErrors { code } } }`;
const DISABLE = `mutation ($input: DisableTotpInput!) { disableTotp(input: $input) { userErrors { code } } }`;
const RENEW = `mutation ($input: RegenerateRecoveryCodesInput!) { regenerateRecoveryCodes(input: $input) { recoveryCodes userErrors { code } } }`;
const SESSIONS = `{ viewer { sessions(first: 10) { edges { node { id device current } } } secondFactor { totpEnabled recoveryCodesLeft } } }`;
const END = `mutation ($input: EndSessionInput!) { endSession(input: $input) { sessionId userErrors { code } } }`;
const REFRESH = `mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) { session { accessToken } userErrors { code } } }`;

const LOST = `mutation ($input: RequestSecondFactorRemovalInput!) { requestSecondFactorRemoval(input: $input) { removesAt userErrors { code } } }`;
const CONFIRM_LOST = `mutation ($input: ConfirmSecondFactorRemovalInput!) { confirmSecondFactorRemoval(input: $input) { removesAt userErrors { code field } } }`;
const KEEP = `mutation { keepSecondFactor { secondFactor { totpEnabled removesAt } userErrors { code } } }`;

const CHROME = 'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';

/** Waits until the present step of 30 seconds is young enough for codes that are made now to hold for what follows. */
async function earlyInStep(): Promise<void> {
  await eventually(async () => expect(Date.now() % 30_000).toBeLessThan(15_000), {
    describe: 'the next step of the authenticator app begins', timeoutMs: 20_000,
  });
}

/** Signs in from a browser of its own with both steps. */
async function signInWithCode(person: Person, code: string): Promise<{ client: GraphQLTestClient; refreshToken: string }> {
  const browser = graphqlClient({ url: stack.gatewayUrl, headers: { 'user-agent': CHROME } });
  const { signIn } = await must<any>(browser, SIGN_IN, { input: { email: person.email, password: person.password } });
  expect(signIn).toMatchObject({ user: null, session: null, challenge: { token: expect.any(String) } });
  const input = { challengeToken: signIn.challenge.token, code };
  const { completeSignIn } = await must<any>(browser, COMPLETE, { input });
  const { accessToken, refreshToken } = completeSignIn.session;
  return { client: graphqlClient({ url: stack.gatewayUrl, token: accessToken }), refreshToken };
}

describe('a second factor', () => {
  it('is set up, asked for at the next sign-in and for a large payment; sessions are shown and ended; the owner is told', async () => {
    const [person, shop] = [await newPerson(), await newMerchant()];
    await fund(person, '2000.00');

    // Each code works once; the steps before, now and after give three in a row.
    await earlyInStep();
    const { beginTotp } = await must<any>(person.client, BEGIN, { input: { password: person.password } });
    const { secret } = beginTotp;
    const { confirmTotp } = await must<any>(person.client, CONFIRM, { input: { code: appCode(secret, -1) } });
    expect(confirmTotp.recoveryCodes).toHaveLength(10);
    const elsewhere = await signInWithCode(person, appCode(secret, 0));

    const large = payment(person, shop.id, '750.00');
    const refused = await person.client.request<any>(PAY, large);
    expect(refused.data.payMerchant).toEqual({ transaction: null, userErrors: [{ code: 'STEP_UP_REQUIRED', field: ['input', 'stepUpId'] }] });
    const { walletId, merchantId, amount } = large.input;
    const asked = await must<any>(person.client, REQUEST, { input: { purpose: 'PAY_MERCHANT', payment: { walletId, merchantId, amount } } });
    const stepUpId: string = asked.requestStepUp.stepUp.id;
    await must(person.client, APPROVE, { input: { stepUpId, code: appCode(secret, 1) } });
    const stolen = await elsewhere.client.request<any>(PAY, { input: { ...large.input, idempotencyKey: randomUUID(), stepUpId } });
    expect(stolen.data.payMerchant.userErrors).toMatchObject([{ code: 'STEP_UP_REQUIRED' }]);
    const paid = await must<any>(person.client, PAY, { input: { ...large.input, stepUpId } });
    expect((await must<any>(person.client, PAY, { input: { ...large.input, stepUpId } }))).toEqual(paid);
    expect(await balanceOf(person)).toBe('1245.00');

    const { viewer } = await must<any>(person.client, SESSIONS);
    expect(viewer.secondFactor).toEqual({ totpEnabled: true, recoveryCodesLeft: 10 });
    const sessions = viewer.sessions.edges.map((edge: any) => edge.node);
    expect(sessions).toMatchObject([{ device: 'Chrome on Windows', current: false }, { current: true }]);
    await must(person.client, END, { input: { sessionId: sessions[0].id } });
    const gone = await anonymous.request<any>(REFRESH, { input: { refreshToken: elsewhere.refreshToken } });
    expect(gone.data.refreshSession.userErrors).toEqual([{ code: 'SESSION_EXPIRED' }]);
    expect((await must<any>(person.client, SESSIONS)).viewer.sessions.edges).toHaveLength(1);
    // Its access token would have lived on for minutes; the door learns of the end within seconds.
    await eventually(async () => {
      const closed = await elsewhere.client.request<any>('{ viewer { id } }');
      expect(closed.errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
    }, { describe: 'the access token of the ended session is refused', timeoutMs: 10_000 });

    await eventually(async () => {
      const alarms = (await inboxOf(person)).filter((message) => message.class === 'SECURITY').map((message) => message.topic);
      expect(alarms.sort()).toEqual(['card.added', 'device.added', 'second-factor.changed', 'sessions.ended']);
    }, { describe: 'the alarms stand in the inbox', timeoutMs: 20_000 });
    await eventually(async () => {
      const bodies = (await received('mail', person.email)).map((mail) => String(mail.body)).join('\n');
      expect(bodies).toContain('Chrome on Windows');
    }, { describe: 'the mail about the new device has come', timeoutMs: 20_000 });
  });

  it('A26: guards what lets people in: password, recovery codes and the factor itself change with an approval of their own, and the owner hears of each', async () => {
    const person = await newPerson();
    const { beginTotp } = await must<any>(person.client, BEGIN, { input: { password: person.password } });
    const { confirmTotp } = await must<any>(person.client, CONFIRM, { input: { code: appCode(beginTotp.secret, 0) } });
    const codes: string[] = confirmTotp.recoveryCodes;
    const approved = async (purpose: string, code: string): Promise<string> => {
      const { requestStepUp } = await must<any>(person.client, REQUEST, { input: { purpose } });
      await must(person.client, APPROVE, { input: { stepUpId: requestStepUp.stepUp.id, code } });
      return requestStepUp.stepUp.id;
    };
    const codesOf = async (document: string, input: object): Promise<string[]> => {
      const { data } = await person.client.request<any>(document, { input });
      return (Object.values(data) as any[])[0].userErrors.map((error: { code: string }) => error.code);
    };
    const newPassword = `pass-${randomUUID()}`;
    const change = { currentPassword: person.password, newPassword };
    expect(await codesOf(CHANGE_PASSWORD, change)).toEqual(['STEP_UP_REQUIRED']);
    const forPassword = await approved('CHANGE_PASSWORD', codes[0]!);
    for (const document of [DISABLE, RENEW]) expect(await codesOf(document, { stepUpId: forPassword })).toEqual(['STEP_UP_REQUIRED']);
    expect(await codesOf(CHANGE_PASSWORD, { ...change, stepUpId: forPassword })).toEqual([]);

    const renewed = await must<any>(person.client, RENEW, { input: { stepUpId: await approved('REGENERATE_RECOVERY_CODES', codes[1]!) } });
    const { requestStepUp } = await must<any>(person.client, REQUEST, { input: { purpose: 'DISABLE_TOTP' } });
    const { stepUp: { id: stepUpId } } = requestStepUp;
    // The codes of before are worth nothing any more.
    expect(await codesOf(APPROVE, { stepUpId, code: codes[2] })).toEqual(['WRONG_CODE']);
    await must(person.client, APPROVE, { input: { stepUpId, code: renewed.regenerateRecoveryCodes.recoveryCodes[0] } });
    expect(await codesOf(DISABLE, { stepUpId })).toEqual([]);
    const { signIn } = await must<any>(anonymous, SIGN_IN, { input: { email: person.email, password: newPassword } });
    expect(signIn).toMatchObject({ challenge: null, session: { accessToken: expect.any(String) } });

    await eventually(async () => {
      const alarms = (await inboxOf(person)).filter((message) => message.class === 'SECURITY').map((message) => message.topic);
      // Set up, three recovery codes used, codes renewed, taken away.
      expect(alarms.filter((topic) => topic === 'second-factor.changed')).toHaveLength(6);
      expect(alarms).toContain('password.changed');
    }, { describe: 'the alarms stand in the inbox', timeoutMs: 20_000 });
  });

  it('that is lost goes in a week for who has password and mail; its owner is told, stops it, and is asked for a code as before', async () => {
    const person = await newPerson();
    const { beginTotp } = await must<any>(person.client, BEGIN, { input: { password: person.password } });
    await must(person.client, CONFIRM, { input: { code: appCode(beginTotp.secret, 0) } });
    const challenge = async (): Promise<string> =>
      (await must<any>(anonymous, SIGN_IN, { input: { email: person.email, password: person.password } })).signIn.challenge.token;
    const lost = async (input: object) => (await anonymous.request<any>(CONFIRM_LOST, { input })).data.confirmSecondFactorRemoval;

    const challengeToken = await challenge();
    await must(anonymous, LOST, { input: { challengeToken } });
    const code = await mailedCode(person);
    expect(await lost({ challengeToken, code: '0000-0000-0000-0000' })).toEqual({ removesAt: null, userErrors: [{ code: 'WRONG_CODE', field: ['input', 'code'] }] });
    const { removesAt } = await lost({ challengeToken, code });
    expect(Date.parse(removesAt) - Date.now()).toBeGreaterThan(6.9 * 86_400_000);
    // The retry, from another sign-in.
    expect(await lost({ challengeToken: await challenge(), code })).toEqual({ removesAt, userErrors: [] });
    const seen = async () => (await must<any>(person.client, '{ viewer { secondFactor { totpEnabled removesAt } } }')).viewer.secondFactor;
    expect(await seen()).toEqual({ totpEnabled: true, removesAt });

    expect((await must<any>(person.client, KEEP)).keepSecondFactor).toEqual({ secondFactor: { totpEnabled: true, removesAt: null }, userErrors: [] });
    await eventually(async () => {
      const bodies = JSON.stringify(await inboxOf(person));
      expect(bodies).toContain('Your authenticator app will be removed');
      expect(bodies).toContain('Your authenticator app stays');
      // The code is for the mail alone.
      expect(bodies).not.toContain(code);
    }, { describe: 'the alarms stand in the inbox', timeoutMs: 20_000 });
    expect(await challenge()).toEqual(expect.any(String));
  });

  it('A17: the sign-in of somebody with a second factor answers a wrong password as it answers nobody', async () => {
    const person = await newPerson();
    const { beginTotp } = await must<any>(person.client, BEGIN, { input: { password: person.password } });
    await must(person.client, CONFIRM, { input: { code: appCode(beginTotp.secret, 0) } });
    const [known, nobody] = await Promise.all([person.email, `nobody-${randomUUID()}@e2e.tael.example`].map((email) =>
      anonymous.request<any>(SIGN_IN, { input: { email, password: 'not the password' } })));
    expect(known!.data).toEqual(nobody!.data);
  });
});
