import { publicLookupBy } from '@tael/platform/egress';
import { type SecureServer, secureServer, selfSignedCertificate, testAuthority, type TestCertificate } from '@tael/testkit';
import { post, type SenderSettings } from '../src/webhooks/webhook.sender';

// A19: webhooks over TLS. Whom a message is told to is decided by the certificate, and where it goes by the address that was checked.

const HOST = 'hooks.example';
const URL_OF_HOOK = `https://${HOST}:8443/hook`;
const authority = testAuthority();

type Lookup = ReturnType<typeof publicLookupBy>;

let servers: SecureServer[] = [];
afterEach(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  servers = [];
});

interface Receiver {
  readonly address: string;
  readonly received: { path: string; id: string | undefined; body: string }[];
}

async function startReceiver(certificate: TestCertificate, answer: { status: number; headers?: Record<string, string> } = { status: 204 }): Promise<Receiver> {
  const received: Receiver['received'] = [];
  const server = await secureServer(certificate, (request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text)).on('end', () => {
      received.push({ path: request.url!, id: request.headers['webhook-id'] as string | undefined, body });
      response.writeHead(answer.status, answer.headers).end();
    });
  });
  servers.push(server);
  return { address: server.address, received };
}

/** A resolver by which the name has a public address: a test calls nothing outside, so the machine's own stands for it. */
const leadingTo = (address: string): Lookup => (_host, { all }, done) => (all ? done(null, [{ address, family: 4 }]) : done(null, address, 4));

const send = (more: Partial<SenderSettings>) =>
  post(URL_OF_HOOK, { headers: { 'webhook-id': 'msg_1' }, body: '{"type":"test"}' }, { allowHttp: false, timeLimitMs: 5_000, ...more }, () => new Date());

it('a message arrives where an authority that is believed says that it is the host', async () => {
  const { address, received } = await startReceiver(authority.issue(HOST));
  expect(await send({ lookup: leadingTo(address), ca: authority.cert })).toMatchObject({ kind: 'ANSWERED', status: 204 });
  expect(received).toEqual([{ path: '/hook', id: 'msg_1', body: '{"type":"test"}' }]);
});

it.each<[string, () => TestCertificate, string | undefined, string]>([
  ['its certificate is for another name', () => authority.issue('other.example'), authority.cert, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ['its certificate is its own', () => selfSignedCertificate(HOST), authority.cert, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ['another authority issued its certificate', () => testAuthority().issue(HOST), authority.cert, 'CERT_SIGNATURE_FAILURE'],
  ['the authority is none of the machine’s own, which are believed unless told', () => authority.issue(HOST), undefined, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
])('a receiver is told nothing where %s, and the log of deliveries says why', async (_what, certificate, ca, cause) => {
  const { address, received } = await startReceiver(certificate());
  expect(await send({ lookup: leadingTo(address), ...(ca === undefined ? {} : { ca }) })).toEqual({ kind: 'FAILED', reason: `CONNECTION ${cause}` });
  expect(received).toEqual([]);
});

it.each([301, 302, 303, 307, 308])('a redirect by %i is an answer, and is not followed', async (status) => {
  const { address, received } = await startReceiver(authority.issue(HOST), { status, headers: { location: `https://${HOST}:8443/elsewhere` } });
  expect(await send({ lookup: leadingTo(address), ca: authority.cert })).toMatchObject({ kind: 'ANSWERED', status });
  expect(received.map(({ path }) => path)).toEqual(['/hook']);
});

it('a name that has led inside since is not connected to; what was looked at is what is connected to', async () => {
  const { address, received } = await startReceiver(authority.issue(HOST));
  const inside = publicLookupBy((_host, _options, done) => done(null, [{ address, family: 4 }]));
  let looks = 0;
  const rebound: Lookup = (host, options, done) => (looks++ === 0 ? leadingTo(address) : inside)(host, options, done);
  // One look an attempt: a second one between the check and the connection would lead inside.
  expect([await send({ lookup: rebound, ca: authority.cert }), looks]).toMatchObject([{ kind: 'ANSWERED' }, 1]);
  expect([await send({ lookup: rebound, ca: authority.cert }), looks]).toEqual([{ kind: 'FAILED', reason: 'PRIVATE_ADDRESS' }, 2]);
  expect(received).toHaveLength(1);
});
