import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startWorld, type World } from './world';

// The commands of the page for banks, run as they are printed but for where the sandbox is.
const PAGE = readFileSync(join(__dirname, '..', '..', '..', 'docs', 'partners', 'sandbox.md'), 'utf8');
const COMMANDS = [...PAGE.matchAll(/^curl .*$/gm)].map(([line]) => line);

let world: World;
beforeAll(async () => {
  world = await startWorld('sandbox_docs', { clock: { databaseUrls: [], seenByAllMs: 0 } });
});
afterAll(() => world.end());

const run = async (command: string): Promise<{ now: string; aheadSeconds: number }> => {
  const { stdout } = await promisify(execFile)('sh', ['-c', command.replace(/localhost:\d+/, new URL(world.sandbox.url).host).replace('curl', 'curl --silent --show-error')]);
  return JSON.parse(stdout);
};

it('shows the time of the sandbox, and moves it on by three days', async () => {
  expect(COMMANDS).toHaveLength(2);
  const printed = JSON.parse(/# (\{.*\})$/m.exec(COMMANDS[0]!)![1]!);
  expect(await run(COMMANDS[0]!)).toEqual({ ...printed, now: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) });
  const moved = await run(COMMANDS[1]!);
  expect(COMMANDS[1]).toMatch(/# three days on$/);
  expect(moved.aheadSeconds).toBe(3 * 86_400);
  expect(Math.round((Date.parse(moved.now) - Date.now()) / 86_400_000)).toBe(3);
});
