import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stack } from './stack';
import { must, operator } from './world';

const PAGES = join(__dirname, '..', 'docs', 'partners');
const programOf = (page: string): string => /```js\n([^]*?)```/.exec(readFileSync(join(PAGES, page), 'utf8'))![1]!;

let folder: string;
beforeAll(() => {
  // Within the workspace, so that the program finds the library that the page tells to install.
  const reports = join(__dirname, '.reports');
  mkdirSync(reports, { recursive: true });
  folder = mkdtempSync(join(reports, 'bank-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a bank registers with the program of the page for banks, once, and gets a token with that of the next page at once', async () => {
  writeFileSync(join(folder, 'register.mjs'), programOf('onboarding.md'));
  writeFileSync(join(folder, 'token.mjs'), programOf('tokens.md'));
  const staff = await operator();
  const { invitePartner } = await must<any>(staff.client,
    'mutation ($input: InvitePartnerInput!) { invitePartner(input: $input) { partner { id } invitation { code } userErrors { code } } }',
    { input: { name: 'Reader Bank', environment: 'SANDBOX', scopes: ['partner:read', 'keys:manage'], reason: 'It read the page' } });
  const register = () => promisify(execFile)(process.execPath, ['register.mjs'], {
    cwd: folder, timeout: 30_000, env: { PATH: process.env['PATH'], TAEL: new URL(stack.gatewayUrl).origin, INVITATION: invitePartner.invitation.code },
  });

  const { stdout } = await register();
  const [, clientId] = /^client_id (\S+), scopes partner:read keys:manage\n$/.exec(stdout) ?? [];
  const key = join(folder, 'bank-2026-11.json');
  const issuer = new URL('/partner/oauth', stack.gatewayUrl).href;
  const signedIn = await promisify(execFile)(process.execPath, ['token.mjs'], {
    cwd: folder, timeout: 45_000, env: { PATH: process.env['PATH'], TAEL_ISSUER: issuer, TAEL_CLIENT_ID: clientId, TAEL_CLIENT_KEY: key },
  });
  expect(JSON.parse(signedIn.stdout)).toMatchObject({ token_type: 'DPoP', expires_in: 300, scope: 'partner:read' });
  expect(JSON.parse(readFileSync(key, 'utf8'))).toMatchObject({ kty: 'EC', d: expect.any(String) });
  expect((statSync(key).mode & 0o777).toString(8)).toBe('600');
  const { partnerById } = await must<any>(staff.client,
    'query ($id: ID!) { partnerById(id: $id) { clients { id status keys { kid status } } auditTrail(first: 1) { edges { node { action actorKind } } } } }',
    { id: invitePartner.partner.id });
  expect(partnerById).toEqual({
    clients: [{ id: clientId, status: 'ACTIVE', keys: [{ kid: 'bank-2026-11', status: 'ACTIVE' }] }],
    auditTrail: { edges: [{ node: { action: 'CLIENT_REGISTERED', actorKind: 'INVITATION' } }] },
  });

  await expect(register()).rejects.toThrow(/This invitation does not exist, was used or has expired/);
});
