import { randomBytes } from 'node:crypto';
import { type Asker, type NewPerson, type PeopleWorld, principalOfToken, startPeopleWorld } from './people-world';
import { secondFactorOf } from './support/second-factor';

let world: PeopleWorld;
let factor: ReturnType<typeof secondFactorOf>;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_devices');
  factor = secondFactorOf(world);
});
afterAll(() => world.end());

const CHROME = 'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0';
const HOME = '192.0.2.1';
const AWAY = '198.51.100.77';

/** A client of one kind in one place; what its door says of its mark. */
const given = (address = HOME, userAgent = CHROME): Asker & { device: { mark: string; brought: false } } => ({
  address, userAgent, device: { mark: randomBytes(24).toString('base64url'), brought: false },
});
const back = ({ device, ...rest }: ReturnType<typeof given>, changes: Asker = {}): Asker => ({
  ...rest, device: { mark: device.mark, brought: true }, ...changes,
});
const without = (address = HOME, userAgent = CHROME): Asker => ({ address, userAgent });

async function signIn(person: NewPerson, client: Asker) {
  const { session } = await factor.signIn(person, client);
  return { principal: principalOfToken(session.accessToken) };
}
const alarms = async (person: NewPerson): Promise<number> =>
  (await world.events('device.added')).filter((event) => event['personId'] === person.id).length;
const devicesOf = (person: NewPerson) => world.rows('SELECT id, "keepsMark" FROM device WHERE "personId" = $1', [person.id]);
const SESSIONS = '{ viewer { sessions { edges { node { id current thisDevice } } } } }';
const shown = async (as: Asker) => (await world.ask(SESSIONS, {}, as)).data.viewer.sessions.edges.map((edge: { node: object }) => edge.node);

/** What a person has of before there were marks. */
async function before(): Promise<NewPerson> {
  const person = await world.signUp({}, given());
  await world.rows('DELETE FROM device WHERE "personId" = $1', [person.id]);
  await world.rows(`INSERT INTO known_device ("personId", browser, platform, "firstUsedAt") VALUES ($1, 'Chrome', 'Windows', now()), ($1, 'Firefox', 'Linux', now())`, [person.id]);
  return person;
}

describe('a person hears of a device', () => {
  it('not where the browser of the sign-up comes back, also from elsewhere and after an update', async () => {
    const browser = given();
    const person = await world.signUp({}, browser);
    await signIn(person, back(browser));
    await signIn(person, back(browser, { address: AWAY, userAgent: CHROME.replace('142', '150') }));
    expect(await alarms(person)).toBe(0);
    expect(await devicesOf(person)).toMatchObject([{ keepsMark: true }]);
  });

  it('where another of the very same kind comes from elsewhere, whether it brings a mark or not; and once', async () => {
    const person = await world.signUp({}, given());
    const thief = given(AWAY);
    await signIn(person, thief);
    expect(await alarms(person)).toBe(1);
    await signIn(person, back(thief));
    expect(await alarms(person)).toBe(1);
    await signIn(person, back(given(AWAY)));
    expect(await alarms(person)).toBe(2);
  });

  it('where one of the same kind and network shows no mark, once the own one has shown that it keeps its', async () => {
    const browser = given();
    const person = await world.signUp({}, browser);
    await signIn(person, back(browser));
    await signIn(person, given());
    expect(await alarms(person)).toBe(1);
  });

  it('not where a client that never keeps its mark comes from the same network again', async () => {
    const person = await world.signUp({}, given());
    await signIn(person, given('192.0.2.200'));
    await signIn(person, given());
    expect(await alarms(person)).toBe(0);
    await signIn(person, given(HOME, FIREFOX));
    expect(await alarms(person)).toBe(1);
  });

  it('at a door that keeps no marks by kind and network', async () => {
    const browser = given();
    const person = await world.signUp({}, browser);
    await signIn(person, back(browser));
    await signIn(person, without());
    expect(await alarms(person)).toBe(0);
    await signIn(person, without(AWAY));
    await signIn(person, without(AWAY));
    expect(await alarms(person)).toBe(1);
  });

  it('once, where two sign-ins come at once from one that is new, with a mark or getting one', async () => {
    const person = await world.signUp({}, given());
    const browser = back(given(AWAY));
    await world.atOnce('device', 2, () => signIn(person, browser));
    expect(await alarms(person)).toBe(1);
    await Promise.all([signIn(person, given('203.0.113.9')), signIn(person, given('203.0.113.9'))]);
    expect(await alarms(person)).toBe(2);
  });

  it('after the second step, by the device that takes it', async () => {
    const person = await factor.enrolled();
    const browser = given(AWAY);
    await factor.signedIn(person, browser);
    await factor.signedIn(person, back(browser));
    expect(await alarms(person)).toBe(1);
  });
});

describe('what was known before there were marks', () => {
  it('alarms nobody, and holds for a kind until a device of it has a mark', async () => {
    const person = await before();
    const [chrome, firefox] = [given(), given(AWAY, FIREFOX)];
    await signIn(person, without(AWAY));
    await signIn(person, chrome);
    await signIn(person, firefox);
    expect(await alarms(person)).toBe(0);
    await signIn(person, given('203.0.113.9'));
    expect(await alarms(person)).toBe(1);
    await signIn(person, back(firefox));
    expect(await alarms(person)).toBe(1);
  });

  it('alarms nobody either where the browser has its mark from somebody else', async () => {
    const person = await before();
    await signIn(person, back(given(AWAY)));
    expect(await alarms(person)).toBe(0);
  });
});

describe('one browser of two people', () => {
  it('has one mark and gives no row in common, and is new to each', async () => {
    const browser = given();
    const one = await world.signUp({}, browser);
    const other = await world.signUp({}, given(AWAY));
    await signIn(other, back(browser));
    expect([await alarms(one), await alarms(other)]).toEqual([0, 1]);
    const rows = await world.rows(`SELECT encode(mark, 'hex') AS mark, encode(network, 'hex') AS network FROM device WHERE "personId" = ANY ($1)`, [[one.id, other.id]]);
    expect(new Set(rows.map(({ mark }) => mark)).size).toBe(3);
    expect(new Set(rows.map(({ network }) => network)).size).toBe(3);
    expect(await world.dump()).not.toContain(browser.device.mark);
    expect(world.log()).not.toContain(browser.device.mark);
  });
});

describe('the sessions of a person', () => {
  it('show which began on the device that asks', async () => {
    const browser = given();
    const person = await world.signUp({}, browser);
    const same = await signIn(person, back(browser));
    const other = await signIn(person, given(AWAY));
    expect(await shown(person.as)).toMatchObject([
      { id: other.principal.sessionId, thisDevice: false }, { id: same.principal.sessionId, current: false, thisDevice: true },
      { current: true, thisDevice: true },
    ]);
    const nowhere = await signIn(person, without());
    expect((await shown(nowhere)).filter((node: { thisDevice: boolean }) => node.thisDevice)).toMatchObject([{ current: true }]);
  });

  it('that are ended from elsewhere take their device along, and never the one that asks', async () => {
    const [browser, lost] = [given(), given(AWAY)];
    const person = await world.signUp({}, browser);
    await signIn(person, back(browser));
    await signIn(person, lost);
    await world.ask('mutation { endOtherSessions { endedCount } }', {}, person.as);
    await signIn(person, back(browser));
    expect(await alarms(person)).toBe(1);
    await signIn(person, back(lost));
    expect(await alarms(person)).toBe(2);
  });

  it('that sign out leave their device known', async () => {
    const browser = given();
    const person = await world.signUp({}, browser);
    const end = 'mutation ($input: EndSessionInput!) { endSession(input: $input) { sessionId } }';
    await world.ask(end, { input: { sessionId: person.as.principal.sessionId } }, person.as);
    await signIn(person, back(browser));
    expect(await alarms(person)).toBe(0);
  });

  it('of before there were marks take along what was known of their kind', async () => {
    const person = await before();
    const old = await signIn(person, without(AWAY, FIREFOX));
    const own = await signIn(person, given());
    const end = 'mutation ($input: EndSessionInput!) { endSession(input: $input) { sessionId } }';
    await world.ask(end, { input: { sessionId: old.principal.sessionId } }, own);
    await signIn(person, given(AWAY, FIREFOX));
    expect(await alarms(person)).toBe(1);
  });
});

it('no more than twenty devices are kept, and those that keep no mark go first', async () => {
  const browser = given();
  const person = await world.signUp({}, browser);
  await signIn(person, back(browser));
  for (let n = 0; n < 22; n++) {
    world.later(1_000);
    await signIn(person, given(`203.0.113.${n}`));
  }
  expect(await devicesOf(person)).toHaveLength(20);
  const so = await alarms(person);
  await signIn(person, back(browser));
  expect(await alarms(person)).toBe(so);
});
