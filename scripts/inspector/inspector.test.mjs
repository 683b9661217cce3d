import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { after, test } from 'node:test';
import { liveHeapOf } from './live-heap.mjs';

// Makes garbage all the time, and keeps 64 MB more when it is told to.
const PROGRAM = `
  let kept = [];
  setInterval(() => { let made = []; for (let n = 0; n < 1e5; n++) made.push({ n }); }, 5);
  process.stdin.on('data', () => { kept.push(Array.from({ length: 8 * 2 ** 20 }, (_none, n) => n + 0.5)); process.stdout.write('kept'); });
  process.stdout.write('runs');`;

const child = spawn(process.execPath, ['-e', PROGRAM], { stdio: ['pipe', 'pipe', 'ignore'] });
after(() => child.kill('SIGKILL'));

test('what lives is measured without the garbage, again and again', async () => {
  await once(child.stdout, 'data');
  const pid = /** @type {number} */ (child.pid);
  const first = await liveHeapOf(pid);
  const second = await liveHeapOf(pid);
  assert.ok(Math.abs(second - first) < 4, `${first} MiB, then ${second}`);
  child.stdin.write('keep');
  await once(child.stdout, 'data');
  const third = await liveHeapOf(pid);
  assert.ok(third - second > 56 && third - second < 80, `${second} MiB, then ${third}`);
});
