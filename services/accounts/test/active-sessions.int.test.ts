import { IDENTITY_HEADER, signIdentity } from '@tael/platform/identity';
import { type NewPerson, type PeopleWorld, principalOfToken, startPeopleWorld } from './people-world';
import { codeOf, secondFactorOf } from './support/second-factor';
import { soonerThan } from './support/sooner';

let world: PeopleWorld;
let factor: ReturnType<typeof secondFactorOf>;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_active_sessions');
  factor = secondFactorOf(world);
});
afterAll(() => world.end());

const DAY_MS = 86_400_000;
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0';
const CHROME = 'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
const SESSIONS = `query ($first: Int, $after: String) { viewer { sessions(first: $first, after: $after) {
  edges { cursor node { id device network createdAt lastUsedAt current } } pageInfo { hasNextPage endCursor } } } }`;
const END = `mutation ($input: EndSessionInput!) { endSession(input: $input) { sessionId userErrors { code field } } }`;
const END_OTHERS = 'mutation { endOtherSessions { endedCount userErrors { code } } }';
const REFRESH = `mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) {
  session { accessToken refreshToken } userErrors { code } } }`;
const CHANGE = `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { user { id } userErrors { code field } } }`;

type Asking = Pick<NewPerson, 'as'>;

const sessionsOf = async (person: Asking, page: Record<string, unknown> = {}) =>
  (await world.ask(SESSIONS, page, person.as)).data.viewer.sessions;
const nodesOf = async (person: Asking) => (await sessionsOf(person)).edges.map((edge: { node: object }) => edge.node);
const end = async (person: Asking, sessionId: string) => (await world.ask(END, { input: { sessionId } }, person.as)).data.endSession;
const refresh = async (refreshToken: string) => (await world.ask(REFRESH, { input: { refreshToken } })).data.refreshSession;
const change = async (person: Asking, input: object) => (await world.ask(CHANGE, { input }, person.as)).data.changePassword;
const eventsOf = async (person: NewPerson, type: string) =>
  (await world.events(type)).filter((event) => event['personId'] === person.id);

async function secondSession(person: NewPerson, userAgent = CHROME) {
  const { session } = await factor.signIn(person, { userAgent, address: '198.51.100.77' });
  return { ...session as { accessToken: string; refreshToken: string }, as: { principal: principalOfToken(session.accessToken) } };
}

describe('where a person is signed in', () => {
  it('shows device, network and times, newest first, and which one asks', async () => {
    const person = await world.signUp({}, { userAgent: FIREFOX, address: '2001:db8:7:1::5' });
    const other = await secondSession(person);
    world.later(60_000);
    await refresh(other.refreshToken);
    const nodes = await nodesOf(person);
    expect(nodes).toMatchObject([
      { id: other.as.principal.sessionId, device: 'Chrome on Windows', network: '198.51.100.0/24', current: false },
      { id: person.as.principal.sessionId, device: 'Firefox on Linux', network: '2001:db8:7::/48', current: true },
    ]);
    expect(Date.parse(nodes[0].lastUsedAt) - Date.parse(nodes[0].createdAt)).toBeGreaterThanOrEqual(60_000);
    expect(nodes[1].lastUsedAt).toBe(nodes[1].createdAt);
    expect(await world.dump()).not.toMatch(/198\.51\.100|2001:db8/);
  });

  it('V14.1.2: forgets from where a session began once it has ended by its age, and not before', async () => {
    const person = await world.signUp({}, { address: '203.0.113.9' });
    const networks = () => world.rows('SELECT network IS NOT NULL AS known FROM session WHERE "personId" = $1 ORDER BY "startedAt"', [person.id]);
    world.later(2 * DAY_MS);
    await secondSession(person);
    world.later(89 * DAY_MS);
    const { sessions } = world.app.services;
    while (await sessions.forgetNetworks());
    expect(await networks()).toEqual([{ known: false }, { known: true }]);
    expect(await nodesOf(person)).toEqual([]);
  });

  it('comes in pages, and leaves out what has ended or was not used for thirty days', async () => {
    const person = await world.signUp();
    const ids = [person.as.principal.sessionId];
    for (let n = 0; n < 3; n++) ids.unshift((await secondSession(person)).as.principal.sessionId);
    const first = await sessionsOf(person, { first: 3 });
    const rest = await sessionsOf(person, { first: 3, after: first.pageInfo.endCursor });
    expect([...first.edges, ...rest.edges].map(({ node }) => node.id)).toEqual(ids);
    expect([first.pageInfo.hasNextPage, rest.pageInfo.hasNextPage]).toEqual([true, false]);
    await end(person, ids[0]!);
    expect((await nodesOf(person)).map(({ id }: { id: string }) => id)).toEqual(ids.slice(1));
    world.later(30 * 24 * 60 * 60_000);
    expect(await nodesOf(person)).toEqual([]);
  });

  it('leaves out a session that is over by its age, though it was just used', async () => {
    const person = await world.signUp();
    await world.asOwner(`UPDATE session SET "startedAt" = $2::timestamptz - interval '90 days', "lastUsedAt" = $2 WHERE "personId" = $1`, [person.id, world.now()]);
    expect(await nodesOf(person)).toEqual([]);
    await world.asOwner(`UPDATE session SET "startedAt" = $2::timestamptz - interval '89 days' WHERE "personId" = $1`, [person.id, world.now()]);
    expect(await nodesOf(person)).toHaveLength(1);
  });

  it.each([[{ first: 0 }], [{ first: 101 }], [{ after: 'x' }]])('%j is BAD_USER_INPUT', async (page) => {
    const person = await world.signUp();
    expect((await world.ask(SESSIONS, page, person.as)).errors![0]!.extensions['code']).toBe('BAD_USER_INPUT');
  });

  it('tells of a new device once, also where two sign-ins come at once, and not of the first', async () => {
    const person = await world.signUp({}, { userAgent: FIREFOX, address: '198.51.100.7' });
    await secondSession(person, FIREFOX);
    expect(await eventsOf(person, 'device.added')).toEqual([]);
    await Promise.all([secondSession(person, CHROME), secondSession(person, CHROME)]);
    await secondSession(person, CHROME.replace('142', '143'));
    expect(await eventsOf(person, 'device.added')).toMatchObject([{ browser: 'Chrome', platform: 'Windows' }]);
  });
});

describe('ending sessions', () => {
  it('stops the refresh token of one, and tells the owner', async () => {
    const person = await world.signUp();
    const other = await secondSession(person);
    expect(await end(person, other.as.principal.sessionId)).toEqual({ sessionId: other.as.principal.sessionId, userErrors: [] });
    expect(codeOf(await refresh(other.refreshToken))).toBe('SESSION_EXPIRED');
    expect(codeOf(await refresh(person.refreshToken))).toBe('OK');
    expect(codeOf(await end(person, other.as.principal.sessionId))).toBe('OK');
    expect(await eventsOf(person, 'sessions.ended')).toMatchObject([{ reason: 'ENDED_BY_OWNER', count: 1 }]);
  });

  it('signs out where it is the current one', async () => {
    const person = await world.signUp();
    expect(codeOf(await end(person, person.as.principal.sessionId))).toBe('OK');
    expect(codeOf(await refresh(person.refreshToken))).toBe('SESSION_EXPIRED');
    expect(await eventsOf(person, 'sessions.ended')).toMatchObject([{ reason: 'SIGNED_OUT' }]);
  });

  it('ends all others at once', async () => {
    const person = await world.signUp();
    const others = [await secondSession(person), await secondSession(person)];
    const { data } = await world.ask(END_OTHERS, {}, person.as);
    expect(data.endOtherSessions).toEqual({ endedCount: 2, userErrors: [] });
    for (const other of others) expect(codeOf(await refresh(other.refreshToken))).toBe('SESSION_EXPIRED');
    expect(codeOf(await refresh(person.refreshToken))).toBe('OK');
  });

  it('of another person is ending what does not exist', async () => {
    const [person, thief] = [await world.signUp(), await world.signUp()];
    const [others, nothing] = [
      await end(thief, person.as.principal.sessionId),
      await end(thief, '00000000-0000-7000-8000-000000000000'),
    ];
    expect(others).toEqual(nothing);
    expect(codeOf(others)).toBe('NOT_FOUND');
    expect(codeOf(await refresh(person.refreshToken))).toBe('OK');
  });

  it('takes from an ended session, whose access token lives on for minutes, what changes who may come in', async () => {
    const person = await factor.enrolled();
    const thief = await factor.signedIn(person);
    await end(person, thief.as.principal.sessionId);
    expect(codeOf(await end(thief, person.as.principal.sessionId))).toBe('SESSION_EXPIRED');
    expect(codeOf((await world.ask(END_OTHERS, {}, thief.as)).data.endOtherSessions)).toBe('SESSION_EXPIRED');
    expect(codeOf(await factor.request(thief, { purpose: 'DISABLE_TOTP' }))).toBe('SESSION_EXPIRED');
    expect(codeOf(await change(thief, { currentPassword: person.password, newPassword: 'a new password' }))).toBe('SESSION_EXPIRED');
    expect(codeOf(await refresh(person.refreshToken))).toBe('OK');
  });
});

describe('what gateways learn of ended sessions', () => {
  const told = async (since: number, key = world.settings.IDENTITY_KEYS, more = '') => {
    const identity = { principal: null, locale: 'en', reference: 'test', traceparent: '', address: '' };
    const headers = { [IDENTITY_HEADER]: signIdentity(identity, '', key, world.now().getTime()) };
    return world.app.server.inject({ url: `/.well-known/ended-sessions?since=${since}${more}`, headers });
  };
  const hold = (mark: string, waitMs: number) => told(0, undefined, `&mark=${encodeURIComponent(mark)}&waitMs=${waitMs}`);
  const markNow = async (): Promise<string> => (await told(0)).json().mark;

  it('is which have ended since, for as long as a token of theirs may live', async () => {
    const person = await world.signUp();
    const [one, other] = [await secondSession(person), await secondSession(person)];
    await end(person, one.as.principal.sessionId);
    world.later(60_000);
    const since = world.now().getTime();
    await end(person, other.as.principal.sessionId);
    const ids = async (from: number) => (await told(from)).json().sessions.map((session: { id: string }) => session.id);
    expect(await ids(0)).toEqual(expect.arrayContaining([one.as.principal.sessionId, other.as.principal.sessionId]));
    expect(await ids(0)).not.toContain(person.as.principal.sessionId);
    expect(await ids(since)).toEqual([other.as.principal.sessionId]);
    world.later(12 * 60_000);
    expect(await ids(0)).toEqual([]);
  });

  it('is held back from who knows the newest until one ends, and told them all then', async () => {
    const person = await world.signUp();
    let mark = await markNow();
    for (const _time of ['once', 'and again']) {
      // Told by the end, and not by the time that was given.
      await soonerThan(2_000, () => secondSession(person), async ({ as: { principal: { sessionId } } }) => {
        const held = [hold(mark, 2_000), hold(mark, 2_000)];
        await end(person, sessionId);
        const answers = (await Promise.all(held)).map((answer) => answer.json());
        for (const answer of answers) expect(answer.sessions.map(({ id }: { id: string }) => id)).toContain(sessionId);
        expect(answers[0].mark).not.toBe(mark);
        mark = answers[0].mark;
      });
    }
  });

  it('has a mark where nothing has ended yet, too: the question is held', async () => {
    const fresh = await startPeopleWorld('accounts_nothing_ended');
    try {
      const identity = { principal: null, locale: 'en', reference: 'test', traceparent: '', address: '' };
      const headers = { [IDENTITY_HEADER]: signIdentity(identity, '', fresh.settings.IDENTITY_KEYS, fresh.now().getTime()) };
      const ask = async (query: string) => (await fresh.app.server.inject({ url: `/.well-known/ended-sessions?since=0${query}`, headers })).json();
      const { mark, sessions } = await ask('');
      expect([sessions, mark]).toEqual([[], expect.stringMatching(/./)]);
      const begun = performance.now();
      expect((await ask(`&mark=${encodeURIComponent(mark)}&waitMs=300`)).mark).toBe(mark);
      expect(performance.now() - begun).toBeGreaterThanOrEqual(299);
    } finally {
      await fresh.end();
    }
  });

  it('is answered when the time is up, though nothing ended; at once to who knows something older, and to whom no time is given', async () => {
    const mark = await markNow();
    const begun = performance.now();
    expect((await hold(mark, 300)).json().mark).toBe(mark);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(299);
    for (const [known, waitMs] of [['older', 60_000], [mark, 0], [mark, -1], [mark, NaN]] as const) {
      await soonerThan(1_500, async () => undefined, async () => expect((await hold(known, waitMs)).json().mark).toBe(mark));
    }
  });

  it('A15: is told to nobody who does not sign as the gateway does', async () => {
    const unsigned = await world.app.server.inject({ url: '/.well-known/ended-sessions' });
    const forged = await told(0, [{ id: 'i1', key: Buffer.alloc(32, 1) }]);
    expect([unsigned.statusCode, forged.statusCode]).toEqual([401, 401]);
  });
});

describe('A27: sessions', () => {
  it('begin with an id of their own at each step: none is carried over from before the sign-in', async () => {
    const person = await factor.enrolled();
    const { challenge } = await factor.signIn(person);
    const before = await world.rows('SELECT id FROM session WHERE "personId" = $1', [person.id]);
    expect(before.map(({ id }) => id)).toEqual([person.as.principal.sessionId]);
    const code = factor.freshCode(person.secret);
    // The one who answers brings a session of somebody else; it is neither used nor taken over.
    const stranger = await world.signUp();
    const { session } = await factor.complete(challenge.token, code, stranger.as);
    const principal = principalOfToken(session.accessToken);
    expect(principal.personId).toBe(person.id);
    expect([person.as.principal.sessionId, stranger.as.principal.sessionId]).not.toContain(principal.sessionId);
  });

  it('a challenge is no session: it refreshes nothing', async () => {
    const { challenge } = await factor.signIn(await factor.enrolled());
    expect(codeOf(await refresh(challenge.token))).toBe('SESSION_EXPIRED');
  });

  it('a refresh token that comes twice ends its family, also one that a second factor began, and leaves the list', async () => {
    const person = await factor.enrolled();
    const stolen = await factor.signedIn(person);
    const next = await refresh(stolen.refreshToken);
    expect(codeOf(await refresh(stolen.refreshToken))).toBe('SESSION_EXPIRED');
    expect(codeOf(await refresh(next.session.refreshToken))).toBe('SESSION_EXPIRED');
    expect((await nodesOf(person)).map(({ id }: { id: string }) => id)).toEqual([person.as.principal.sessionId]);
    expect(await eventsOf(person, 'session.reuse-detected')).toHaveLength(1);
  });
});

describe('changing the password', () => {
  it('wants the current one, ends the other sessions and challenges, and tells the owner', async () => {
    const person = await world.signUp();
    const other = await secondSession(person);
    const newPassword = 'another good password';
    expect(await change(person, { currentPassword: 'not this', newPassword })).toMatchObject({
      user: null, userErrors: [{ code: 'WRONG_CREDENTIALS', field: ['input', 'currentPassword'] }],
    });
    expect(await change(person, { currentPassword: person.password, newPassword })).toEqual({ user: { id: person.id }, userErrors: [] });
    expect(codeOf(await refresh(other.refreshToken))).toBe('SESSION_EXPIRED');
    expect(codeOf(await refresh(person.refreshToken))).toBe('OK');
    expect(codeOf(await factor.signIn(person))).toBe('WRONG_CREDENTIALS');
    expect(codeOf(await factor.signIn({ ...person, password: newPassword }))).toBe('OK');
    expect(await eventsOf(person, 'password.changed')).toHaveLength(1);
  });

  it('A29: is looked at twenty times an hour, also for who knows it: the hashes are everybody’s', async () => {
    const person = await factor.enrolled();
    // The first look was at the setting up of the factor. Right each time, and each time a code is missing: nothing changes, and nothing would ever be counted as a failure.
    const answers: string[] = [];
    for (let time = 0; time < 20; time += 1) answers.push(codeOf(await change(person, { currentPassword: person.password, newPassword: 'another good password' })));
    expect(answers).toEqual([...Array(19).fill('STEP_UP_REQUIRED'), 'LIMIT_EXCEEDED']);
    const other = await factor.enrolled();
    expect(codeOf(await change(other, { currentPassword: other.password, newPassword: 'another good password' }))).toBe('STEP_UP_REQUIRED');
  });

  it.each([['short', 'TOO_SHORT'], ['x'.repeat(129), 'TOO_LONG']])('refuses %s as a new one', async (newPassword) => {
    const person = await world.signUp();
    expect((await change(person, { currentPassword: person.password, newPassword })).userErrors).toEqual([
      { code: 'INVALID_INPUT', field: ['input', 'newPassword'] },
    ]);
  });

  it('A26: needs a step-up of somebody with a second factor, and ends sign-ins that wait for their code', async () => {
    const person = await factor.enrolled();
    const input = { currentPassword: person.password, newPassword: 'another good password' };
    expect(codeOf(await change(person, input))).toBe('STEP_UP_REQUIRED');
    const waiting = await factor.signIn(person);
    const stepUpId = await factor.approved(person, { purpose: 'CHANGE_PASSWORD' });
    expect(codeOf(await change(person, { ...input, stepUpId }))).toBe('OK');
    expect(codeOf(await factor.complete(waiting.challenge.token, factor.freshCode(person.secret)))).toBe('WRONG_CODE');
  });

  it('lets nobody find the password by trying, however many tries come at once', async () => {
    const person = await world.signUp();
    const newPassword = 'another good password';
    const guesses = await Promise.all(
      Array.from({ length: 9 }, (_, n) => change(person, { currentPassword: `guess ${n}`, newPassword }).then(codeOf)),
    );
    expect(guesses.filter((code) => code === 'WRONG_CREDENTIALS')).toHaveLength(5);
    expect(codeOf(await change(person, { currentPassword: person.password, newPassword }))).toBe('LIMIT_EXCEEDED');
  });

  it('ends a sign-in with the old password that comes in the same moment', async () => {
    const person = await world.signUp();
    const newPassword = 'another good password';
    const [changed, ...signIns] = await Promise.all([
      change(person, { currentPassword: person.password, newPassword }),
      ...Array.from({ length: 6 }, () => factor.signIn(person)),
    ]);
    expect(codeOf(changed)).toBe('OK');
    for (const { session } of signIns) {
      if (session) expect(codeOf(await refresh(session.refreshToken))).toBe('SESSION_EXPIRED');
    }
  });
});
