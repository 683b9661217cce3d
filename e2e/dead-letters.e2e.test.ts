import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { home } from './stack';

function deadLetters(args: readonly string[], env: Record<string, string>): Promise<{ status: number | null; text: string }> {
  // Nothing of this run's own environment: it may name a bus, and the command is to find that of the stack.
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [join(__dirname, '..', 'scripts', 'dead-letters.mjs'), ...args], { env: { PATH, HOME, ...env } });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part: string) => (text += part));
  return new Promise((resolve, reject) => child.once('error', reject).once('close', (status) => resolve({ status, text })));
}

// Goal: an operator sees what nobody could work off, of whichever group. Method: the command on the running stack.
describe('npm run dead-letters', () => {
  it('looks at every group that the bus of the stack knows', async () => {
    const { status, text } = await deadLetters(['list'], { TAEL_HOME: home });
    for (const group of ['accounts', 'merchants-webhooks', 'notifications', 'rewards']) expect(text).toMatch(new RegExp(`\\d+ dead letters of ${group}, \\d+ open`));
    expect(status).toBe(0);
  });

  it('looks at one, and says which there are where there is none of the name', async () => {
    const one = await deadLetters(['list', '--group', 'merchants-webhooks'], { TAEL_HOME: home });
    expect(one).toEqual({ status: 0, text: expect.stringMatching(/^\d+ dead letters of merchants-webhooks, \d+ open\n$/m) as string });
    const none = await deadLetters(['list', '--group', 'merchant-webhooks'], { TAEL_HOME: home });
    expect(none).toEqual({ status: 2, text: expect.stringMatching(/The bus knows no group merchant-webhooks. It knows .*\bmerchants-webhooks\b/) as string });
  });

  it('says so where no stack runs', async () => {
    const { status, text } = await deadLetters(['list'], { TAEL_HOME: join(home, 'nowhere') });
    expect([status, text]).toEqual([2, expect.stringContaining('no stack runs in')]);
  });
});
