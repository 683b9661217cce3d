import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { IDENTITY_HEADER, signIdentity } from '@tael/platform/identity';
import { decodeJwt, exportJWK } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import { type PeopleWorld, startPeopleWorld } from './people-world';
import { type Client, clientOf, makeKey, openPartner, tellPartner } from './support/partner-bank';

const PAGE = readFileSync(resolve(__dirname, '../../../docs/partners/tokens.md'), 'utf8');

// The program of the page for banks, run as it is printed there, by Node alone; before accounts somebody who signs as the gateway.
describe('the page for banks', () => {
  let world: PeopleWorld;
  let door: Server;
  let issuer: string;
  /** What happens after so many answers of the token endpoint. */
  let answered = async (): Promise<void> => undefined;
  const statuses: number[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'tael-tokens-'));

  beforeAll(async () => {
    door = createServer(async (request, response) => {
      const payload = await text(request);
      const identity = { principal: null, locale: 'en', reference: 'docs', traceparent: '', address: '192.0.2.1' };
      const answer = await world.app.server.inject({
        method: request.method as 'POST', url: request.url!, payload,
        headers: { ...request.headers, [IDENTITY_HEADER]: signIdentity(identity, payload, world.settings.IDENTITY_KEYS, Date.now()) },
      });
      statuses.push(answer.statusCode);
      await answered();
      response.writeHead(answer.statusCode, { 'content-type': 'application/json' }).end(answer.body);
    });
    await new Promise<void>((done) => door.listen(0, '127.0.0.1', done));
    issuer = `http://127.0.0.1:${(door.address() as AddressInfo).port}/partner/oauth`;
    world = await startPeopleWorld('accounts_partner_docs', { PARTNER_ISSUER: issuer });
  });
  afterAll(async () => {
    door.close();
    await world.end();
    rmSync(folder, { recursive: true });
  });

  /** Runs the program of the page as it is printed; gives what it says. */
  async function run(client: Client): Promise<{ access_token: string; token_type: string }> {
    const { alg, kid, privateKey } = client.key;
    const keyFile = join(folder, kid);
    writeFileSync(keyFile, JSON.stringify({ ...(await exportJWK(privateKey)), kid, alg }));
    const [, program] = /```js\n([^]*?)```/.exec(PAGE)!;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program!], {
      cwd: resolve(__dirname, '..'),
      env: { PATH: process.env['PATH'], TAEL_ISSUER: issuer, TAEL_CLIENT_ID: client.id, TAEL_CLIENT_KEY: keyFile },
    });
    return JSON.parse(stdout);
  }

  it.each(['ES256', 'PS256'])('has a program that gets a token with %s', async (alg) => {
    const { client } = await openPartner(world, alg);
    const { access_token: token, token_type: type } = await run(client);
    expect(type).toBe('DPoP');
    expect(decodeJwt(token)).toMatchObject({ iss: issuer, client_id: client.id, cnf: { jkt: client.key.thumbprint } });
  });

  it('has a program that waits for a client which was registered a moment ago', async () => {
    const client = { id: uuidv7(), key: await makeKey('ES256') };
    statuses.length = 0;
    // The event comes between its first and its second try.
    answered = async () => {
      answered = async () => undefined;
      await tellPartner(world, { clients: [clientOf(client)] });
    };
    expect(decodeJwt((await run(client)).access_token)).toMatchObject({ client_id: client.id });
    expect(statuses).toEqual([401, 200]);
  });

  it('says how many failed sign-ins a network has, and which answers there are', async () => {
    const [, many] = /\((\d+) in 15 minutes/.exec(PAGE)!;
    const { FAILED_CLIENT_SIGN_INS_PER_15_MINUTES: most } = world.settings;
    expect(Number(many)).toBe(most);
    for (const code of ['invalid_request', 'invalid_scope', 'invalid_target', 'invalid_dpop_proof', 'use_dpop_nonce', 'invalid_grant', 'unsupported_grant_type', 'invalid_client']) {
      expect(PAGE).toMatch(new RegExp(`^\\| 4\\d\\d [^|]*\`${code}\``, 'm'));
    }
  });
});
