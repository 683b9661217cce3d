import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { exportJWK } from 'jose';
import { answerAt, Browser, ConsentBank, issuer } from './consent-bank';
import { newFundedPerson } from './world';

// What docs/partners/tokens.md and consent.md print, run as a bank would run it: one program of both pages.

const pageOf = (name: string): string => readFileSync(join(__dirname, '..', 'docs', 'partners', name), 'utf8');
const programOf = (page: string): string => /```js\n([^]*?)```/.exec(pageOf(page))![1]!;

/** Keeps the person's session in between, as the bank's web server would: the address it comes back to is read from stdin. */
const SERVER = `
import { createInterface } from 'node:readline';
const begun = await begin(process.env.REDIRECT);
console.log(JSON.stringify(begun));
const [url] = await new Promise((resolve) => createInterface({ input: process.stdin }).once('line', (line) => resolve([line])));
const tokens = await finish(begun, url);
const renewed = tokens && (await next(tokens.refresh_token));
console.log(JSON.stringify({ tokens, renewed }));
process.stdin.destroy();
`;

let folder: string;
beforeAll(() => {
  // Within the workspace, so that the program finds the library that the page tells to install.
  const reports = join(__dirname, '.reports');
  mkdirSync(reports, { recursive: true });
  folder = mkdtempSync(join(reports, 'consent-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function runProgram(bank: ConsentBank): Promise<{ begun: any; end: (url: string) => Promise<any> }> {
  const key = join(folder, 'key.json');
  writeFileSync(key, JSON.stringify({ ...(await exportJWK(bank.key.privateKey)), kid: bank.key.kid, alg: 'ES256' }));
  const tokens = programOf('tokens.md').replace(/^console\.log.*$/m, '');
  const [imports, consent] = [programOf('consent.md').match(/^import .*$/gm)!, programOf('consent.md').replace(/^import .*$/gm, '')];
  // Both pages import from the same modules; in one file a name is imported once.
  const own = imports.map((line) => line.replace('createHash, ', ''));
  writeFileSync(join(folder, 'bank.mjs'), [...own, tokens, consent, SERVER].join('\n'));
  const child = spawn(process.execPath, ['bank.mjs'], {
    cwd: folder, stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], TAEL_ISSUER: issuer, TAEL_CLIENT_ID: bank.clientId, TAEL_CLIENT_KEY: key, REDIRECT: bank.redirectUri },
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const lines = createInterface({ input: child.stdout });
  const line = async (): Promise<any> => {
    const [text] = await Promise.race([once(lines, 'line'), once(child, 'exit').then(([code]) => { throw new Error(`the program ended with ${code}: ${said}`); })]);
    return JSON.parse(text);
  };
  return { begun: await line(), end: (url) => (child.stdin.write(`${url}\n`), line()) };
}

/** The person opens the address, signs in and answers; gives the address that the bank's server is called at. */
async function answer(person: { email: string; password: string; walletId: string }, address: string, step: 'allow' | 'refuse'): Promise<string> {
  const browser = new Browser();
  const { location } = await browser.visit(address);
  return answerAt(browser, location!, person, step);
}

it('a bank gets to a person’s data with the program of its pages, and a new token with the old one’s', async () => {
  const [bank, person] = await Promise.all([ConsentBank.open('Page Reader Bank'), newFundedPerson('30.00')]);
  const { begun, end } = await runProgram(bank);
  const { tokens, renewed } = await end(await answer(person, begun.address, 'allow'));
  expect(tokens).toMatchObject({ token_type: 'DPoP', expires_in: 300, scope: 'wallets:read transactions:read' });
  for (const { access_token: token } of [tokens, renewed]) {
    const { body } = await bank.graph(token, '{ customer { wallets { balance { amount } transactions(first: 5) { edges { node { kind } } } } } }');
    expect(body.data.customer.wallets).toEqual([{ balance: { amount: '30.00' }, transactions: { edges: [{ node: { kind: 'TOP_UP' } }] } }]);
  }
});

it('and hears of a no', async () => {
  const [bank, person] = await Promise.all([ConsentBank.open('Refused Bank'), newFundedPerson('1.00')]);
  const { begun, end } = await runProgram(bank);
  expect(await end(await answer(person, begun.address, 'refuse'))).toEqual({});
});
