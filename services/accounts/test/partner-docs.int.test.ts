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
import { type PeopleWorld, startPeopleWorld } from './people-world';
import { openPartner } from './support/partner-bank';

const PAGE = readFileSync(resolve(__dirname, '../../../docs/partners/tokens.md'), 'utf8');

// The program of the page for banks, run as it is printed there, by Node alone; before accounts somebody who signs as the gateway.
describe('the page for banks', () => {
  let world: PeopleWorld;
  let door: Server;
  let issuer: string;
  const folder = mkdtempSync(join(tmpdir(), 'tael-tokens-'));

  beforeAll(async () => {
    door = createServer(async (request, response) => {
      const payload = await text(request);
      const identity = { principal: null, locale: 'en', reference: 'docs', traceparent: '', address: '192.0.2.1' };
      const answer = await world.app.server.inject({
        method: request.method as 'POST', url: request.url!, payload,
        headers: { ...request.headers, [IDENTITY_HEADER]: signIdentity(identity, payload, world.settings.IDENTITY_KEYS, Date.now()) },
      });
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

  it.each(['ES256', 'PS256'])('has a program that gets a token with %s', async (alg) => {
    const { client } = await openPartner(world, alg);
    const keyFile = join(folder, alg);
    writeFileSync(keyFile, JSON.stringify({ ...(await exportJWK(client.key.privateKey)), kid: client.key.kid, alg }));
    const [, program] = /```js\n([^]*?)```/.exec(PAGE)!;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program!], {
      cwd: resolve(__dirname, '..'),
      env: { PATH: process.env['PATH'], TAEL_ISSUER: issuer, TAEL_CLIENT_ID: client.id, TAEL_CLIENT_KEY: keyFile },
    });
    const { access_token: token, token_type: type } = JSON.parse(stdout);
    expect(type).toBe('DPoP');
    expect(decodeJwt(token)).toMatchObject({ iss: issuer, client_id: client.id, cnf: { jkt: client.key.thumbprint } });
  });
});
