import { publicLookupBy } from '@tael/platform/egress';
import { type SecureServer, secureServer, selfSignedCertificate, testAuthority, type TestCertificate } from '@tael/testkit';
import { createPartnerConnection, type PartnerConnection } from '../../src/partner-subgraphs/partner-subgraph.connection';

const HOST = 'nordbank.example';
/** One of the two ports that a bank may have. */
const PORT = 8443;
const authority = testAuthority();

type Lookup = ReturnType<typeof publicLookupBy>;

interface SecureBank {
  readonly address: string;
  /** The paths that were asked for, each with how many connections there were by then. */
  readonly asked: { path: string; connection: number }[];
  /** Answers with a redirect to another path. */
  redirecting: number | undefined;
  /** Closes a connection after its answer. */
  closing: boolean;
}

let servers: SecureServer[] = [];
let connections: PartnerConnection[] = [];
afterEach(async () => {
  connections.forEach((connection) => connection.close());
  await Promise.all(servers.map((server) => server.stop()));
  [servers, connections] = [[], []];
});

async function startBank(certificate: TestCertificate): Promise<SecureBank> {
  const bank: SecureBank = { address: '', asked: [], redirecting: undefined, closing: false };
  const server = await secureServer(certificate, (request, response) => {
    bank.asked.push({ path: request.url!, connection: server.connections() });
    const more = { ...(bank.closing ? { connection: 'close' } : {}), ...(bank.redirecting ? { location: `https://${HOST}:${PORT}/elsewhere` } : {}) };
    request.resume().on('end', () => response.writeHead(bank.redirecting ?? 200, { 'content-type': 'application/json', ...more }).end('{"data":{}}'));
  }, PORT);
  servers.push(server);
  return Object.assign(bank, { address: server.address });
}

/** A resolver by which the bank has a public address: nothing outside is called by a test, so the machine's own stands for it. */
const leadingTo = (address: string): Lookup => (_host, { all }, done) => (all ? done(null, [{ address, family: 4 }]) : done(null, address, 4));
const privately = publicLookupBy((_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]));

function connect(lookup: Lookup | undefined, more: { ca?: string; address?: string } = {}): PartnerConnection {
  const { address = `https://${HOST}:${PORT}/graphql`, ...rest } = more;
  const connection = createPartnerConnection({
    slug: 'nordbank', address, allowHttp: false, socketsMax: 4, answerMs: 5_000, ...(lookup ? { lookup } : {}), ...rest,
  });
  connections.push(connection);
  return connection;
}
const post = (connection: PartnerConnection): Promise<string> => connection.post('{}', async () => ({}));
const fault = (connection: PartnerConnection): Promise<string> => post(connection).then(() => 'answered', (error: { kind: string }) => error.kind);

describe('a bank over https', () => {
  test('is asked where an authority that is believed says that it is the one', async () => {
    const bank = await startBank(authority.issue(HOST));
    expect(await post(connect(leadingTo(bank.address), { ca: authority.cert }))).toBe('{"data":{}}');
    expect(bank.asked).toEqual([{ path: '/graphql', connection: 1 }]);
  });

  test.each<[string, () => TestCertificate, string | undefined]>([
    ['its certificate is for another name', () => authority.issue('sudbank.example'), authority.cert],
    ['its certificate is its own', () => selfSignedCertificate(HOST), authority.cert],
    ['another authority issued its certificate', () => testAuthority().issue(HOST), authority.cert],
    ['the authority is none of the machine’s own, which are believed unless told', () => authority.issue(HOST), undefined],
  ])('is told nothing where %s', async (_what, certificate, ca) => {
    const bank = await startBank(certificate());
    expect(await fault(connect(leadingTo(bank.address), ca === undefined ? {} : { ca }))).toBe('CONNECTION');
    expect(bank.asked).toEqual([]);
  });

  test('is not followed where it sends us elsewhere', async () => {
    const bank = await startBank(authority.issue(HOST));
    const connection = connect(leadingTo(bank.address), { ca: authority.cert });
    for (const status of [301, 302, 303, 307, 308]) {
      bank.redirecting = status;
      expect(await fault(connection)).toBe('STATUS');
    }
    expect(bank.asked.map(({ path }) => path)).toEqual(Array(5).fill('/graphql'));
  });
});

describe('a name that leads inside', () => {
  test('is not connected to', async () => {
    const bank = await startBank(authority.issue(HOST));
    const lookup = publicLookupBy((_host, _options, done) => done(null, [{ address: bank.address, family: 4 }]));
    expect(await fault(connect(lookup, { ca: authority.cert }))).toBe('ADDRESS_REFUSED');
    expect(bank.asked).toEqual([]);
  });

  test('since it was looked at last is not connected to either; what was looked at is what is connected to', async () => {
    const bank = await startBank(authority.issue(HOST));
    let looks = 0;
    const rebound: Lookup = (host, options, done) => (looks++ === 0 ? leadingTo(bank.address) : privately)(host, options, done);
    const connection = connect(rebound, { ca: authority.cert });
    // One look a connection: a second one between the check and the connection would lead inside.
    expect([await fault(connection), looks]).toEqual(['answered', 1]);
    // The connection is kept, and goes where it went.
    expect([await fault(connection), looks]).toEqual(['answered', 1]);
    bank.closing = true;
    await post(connection);
    expect([await fault(connection), looks]).toEqual(['ADDRESS_REFUSED', 2]);
    expect(bank.asked.map(({ connection: which }) => which)).toEqual([1, 1, 1]);
  });
});

test.each([
  'https://127.0.0.1:8443/graphql', 'https://10.0.0.5/graphql', 'https://[::1]/graphql', 'https://[::ffff:169.254.169.254]/graphql', 'https://192.168.1.1:8443/graphql',
])('the address %s is refused before anything is looked up', async (address) => {
  let looks = 0;
  const lookup: Lookup = (_host, _options, done) => (looks++, done(new Error('looked up'), []));
  expect([await fault(connect(lookup, { address })), looks]).toEqual(['ADDRESS_REFUSED', 0]);
});
