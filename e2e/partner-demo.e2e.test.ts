import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { home, stack } from './stack';

const SCRIPT = join(__dirname, '..', 'scripts', 'demo-partner.mjs');
const STEPS = 14;

// Goal: what the README shows a bank works. Method: the demo as a person runs it, on the stack under test; it ends with 0 only where each step was checked.
it('`npm run demo:partner` goes through every step, from the invitation to the revoked key', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT], { env: { ...process.env, TAEL_HOME: home }, timeout: 240_000 });
  expect(stdout.match(/^ {4}✓ /gm)).toHaveLength(STEPS);
  expect(stdout).not.toContain('✗');
  expect(stdout).toContain('verified webhooks told of both ends');
  expect(stdout.trimEnd().endsWith('Every step was checked.')).toBe(true);
}, 300_000);

// What cannot fail shows nothing: with a password that is wrong the first step does not go.
it('says which step failed, and ends with 1', async () => {
  const other = mkdtempSync(join(tmpdir(), 'tael-demo-'));
  const { personas } = stack;
  writeFileSync(join(other, 'demo.json'), JSON.stringify({ ...stack, personas: { ...personas, operator: { ...personas.operator, password: 'wrong' } } }));
  const failed = promisify(execFile)(process.execPath, [SCRIPT], { env: { ...process.env, TAEL_HOME: other }, timeout: 60_000 });
  await expect(failed).rejects.toMatchObject({ code: 1, stdout: expect.stringContaining('1. An operator invites a bank\n    ✗ this step failed') });
  rmSync(other, { recursive: true });
});
