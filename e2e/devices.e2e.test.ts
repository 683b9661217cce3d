import { eventually, graphqlClient } from '@tael/testkit';
import { randomUUID } from 'node:crypto';
import { stack } from './stack';
import { inboxOf, must, type Person } from './world';

const CHROME = 'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
const SIGN_UP = `mutation ($input: SignUpInput!) { signUp(input: $input) {
  user { id wallets { id } } session { accessToken refreshToken } userErrors { code } } }`;
const SIGN_IN = `mutation ($input: SignInInput!) { signIn(input: $input) { session { accessToken } userErrors { code } } }`;
const SESSIONS = '{ viewer { sessions { edges { node { current thisDevice } } } } }';
const END_OTHERS = 'mutation { endOtherSessions { endedCount userErrors { code } } }';

/** A browser on the stack's own page: it says what every Chrome on Windows says, and keeps its cookies. */
function anyBrowser() {
  const { origin } = new URL(stack.gatewayUrl);
  let cookie: string | undefined;
  return async (query: string, input: object): Promise<any> => {
    const response = await fetch(stack.gatewayUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin, 'user-agent': CHROME, ...(cookie === undefined ? {} : { cookie }) },
      body: JSON.stringify({ query, variables: { input } }),
    });
    cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? cookie;
    expect(response.headers.get('x-tael-device')).toBeNull();
    const { data, errors } = (await response.json()) as any;
    expect(errors).toBeUndefined();
    return Object.values(data)[0];
  };
}

/** One that is refused nothing. */
function newBrowser() {
  const send = anyBrowser();
  return async (query: string, input: object): Promise<any> => {
    const payload = await send(query, input);
    expect(payload.userErrors).toEqual([]);
    return payload;
  };
}

const clientOf = ({ accessToken }: { accessToken: string }) => graphqlClient({ url: stack.gatewayUrl, token: accessToken });
const alarmsOf = async (person: Person): Promise<number> => (await inboxOf(person)).filter(({ topic }) => topic === 'device.added').length;

test('the own browser comes back in silence; another of the very same kind is told of, and again once its session was ended', async () => {
  const [own, other] = [newBrowser(), newBrowser()];
  const [email, password] = [`p-${randomUUID()}@e2e.tael.example`, `pass-${randomUUID()}`];
  const { user, session } = await own(SIGN_UP, { email, password, displayName: 'Ada Example', currency: 'USD' });
  const client = clientOf(session);
  const person: Person = {
    id: user.id, email, password, walletId: user.wallets[0].id, token: session.accessToken, refreshToken: session.refreshToken, client,
  };
  await own(SIGN_IN, { email, password });
  await other(SIGN_IN, { email, password });
  await eventually(async () => expect(await alarmsOf(person)).toBe(1), { describe: 'the other browser is told of', timeoutMs: 20_000 });
  const { viewer } = await must<any>(client, SESSIONS);
  expect(viewer.sessions.edges.map((edge: any) => edge.node)).toEqual([
    { current: false, thisDevice: false }, { current: false, thisDevice: true }, { current: true, thisDevice: true },
  ]);
  await other(SIGN_IN, { email, password });
  expect((await must<any>(client, END_OTHERS)).endOtherSessions.endedCount).toBe(3);
  // The own browser before it, through the same topic: what it told of would stand in the inbox by then.
  await own(SIGN_IN, { email, password });
  await other(SIGN_IN, { email, password });
  await eventually(async () => expect(await alarmsOf(person)).toBe(2), { describe: 'it is told of again', timeoutMs: 20_000 });
});

test('A17: whoever guesses the password of somebody shuts the address, and not the browser that its owner keeps', async () => {
  const own = anyBrowser();
  const [email, password] = [`p-${randomUUID()}@e2e.tael.example`, `pass-${randomUUID()}`];
  expect((await own(SIGN_UP, { email, password, displayName: 'Ada Example', currency: 'USD' })).userErrors).toEqual([]);
  const codes: string[] = [];
  for (let n = 0; n < 11; n++) codes.push((await anyBrowser()(SIGN_IN, { email, password: `guess ${n} of many` })).userErrors[0].code);
  expect(codes).toEqual([...Array<string>(10).fill('WRONG_CREDENTIALS'), 'LIMIT_EXCEEDED']);
  expect((await anyBrowser()(SIGN_IN, { email, password })).userErrors).toMatchObject([{ code: 'LIMIT_EXCEEDED' }]);
  expect(await own(SIGN_IN, { email, password })).toMatchObject({ session: { accessToken: expect.any(String) }, userErrors: [] });
});
