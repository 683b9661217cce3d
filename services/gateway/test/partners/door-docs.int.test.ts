import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { exportJWK } from 'jose';
import { Bank, PARTNER_QUERY, type PartnerGateway, startPartnerGateway } from './bank';

const PAGE = readFileSync(join(__dirname, '../../../../docs/partners/door.md'), 'utf8');
const times = (count: number, text: (index: number) => string): string => Array.from({ length: count }, (_, index) => text(index)).join(' ');

// What the page for banks prints is run here as it is printed, and what it says is refused is refused.
describe('the page of the door', () => {
  let front: Server;
  let door: string;
  let gateway: PartnerGateway;
  let bank: Bank;
  const statuses: number[] = [];

  beforeAll(async () => {
    // Its address must be known before the gateway starts, which takes proofs for this one alone.
    front = createServer(async (request, response) => {
      const { host: _host, connection: _connection, ...headers } = request.headers as Record<string, string>;
      const answer = await fetch(gateway.partnerUrl, { method: 'POST', headers, body: await buffer(request) });
      statuses.push(answer.status);
      response.writeHead(answer.status, Object.fromEntries([...answer.headers].filter(([name]) => /^(content-type|dpop-nonce|www-authenticate)$/.test(name)))).end(await answer.text());
    });
    await new Promise<void>((done) => front.listen(0, '127.0.0.1', done));
    door = `http://127.0.0.1:${(front.address() as AddressInfo).port}/partner/graphql`;
    gateway = await startPartnerGateway({ PARTNER_AUDIENCE: door });
    bank = await Bank.make();
  });
  afterAll(async () => {
    front.close();
    await gateway.close();
  });

  test('has a program that asks, fetches a nonce when it is told to, and keeps it', async () => {
    const [, program] = /```js\n([^]*?)```/.exec(PAGE)!;
    const driver = `
      const privateJwk = JSON.parse(process.env.KEY);
      const { d: _d, ...publicJwk } = privateJwk;
      const keys = { privateKey: await (await import('jose')).importJWK(privateJwk, 'ES256'), publicJwk };
      const body = { query: process.env.QUERY };
      console.log(JSON.stringify([await ask(process.env.TOKEN, keys, body), await ask(process.env.TOKEN, keys, body)]));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program! + driver], {
      cwd: resolve(__dirname, '../..'), timeout: 30_000,
      env: {
        PATH: process.env['PATH'], TAEL_DOOR: door, QUERY: PARTNER_QUERY, KEY: JSON.stringify(await exportJWK(bank.keys.privateKey)),
        TOKEN: await bank.token(gateway, { claims: { aud: door } }),
      },
    });
    const whole = { data: { partner: { id: bank.partnerId, name: expect.any(String) } } };
    expect(JSON.parse(stdout)).toEqual([whole, whole]);
    expect(statuses).toEqual([401, 200, 200]);
  });

  /** What the table says of what is beyond a bound. */
  const beyond = (what: string): string => new RegExp(`^\\| ${what}[^|]*\\|[^|]*\\| \`(\\w+)\``, 'm').exec(PAGE)![1]!;
  test.each([
    ['bytes of the body', `{ partner { id } } #${'x'.repeat(262_144)}`],
    ['characters of the document', `{ partner { id } } #${'x'.repeat(32_768)}`],
    ['tokens of the document', `{ partner { ${times(1_000, () => 'id')} } }`],
    ['aliases', `{ ${times(16, (n) => `a${n}: partner { id }`)} }`],
    ['spreads of fragments', `{ partner { ${times(51, () => '... { id }')} } }`],
    ['the same field', `{ partner { ${times(11, () => 'id')} } }`],
  ])('says what comes of more %s', async (what, query) => {
    const other = await Bank.make();
    const token = await other.token(gateway, { claims: { aud: door } });
    const ask = async (nonce?: string) => {
      const dpop = await other.proof(token, { claims: { htu: door, ...(nonce === undefined ? {} : { nonce }) } });
      return fetch(door, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `DPoP ${token}`, dpop }, body: JSON.stringify({ query }) });
    };
    const first = await ask();
    const answer = first.status === 401 ? await ask(first.headers.get('dpop-nonce')!) : first;
    const { errors } = (await answer.json()) as { errors: { extensions: { code: string } }[] };
    expect(new Set(errors.map(({ extensions }) => extensions.code))).toEqual(new Set([beyond(what)]));
  });
});
