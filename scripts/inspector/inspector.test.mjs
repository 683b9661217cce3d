import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { after, test } from 'node:test';
import { cpuProfileOf } from './cpu-profile.mjs';
import { liveHeapOf } from './live-heap.mjs';
import { timeOf } from './time-groups.mjs';

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

test('a profile has what the process did while it was taken, and the inspector is gone after it', async () => {
  const program = `
    function burn() { let x = 0; for (const end = Date.now() + 20; Date.now() < end; ) x += Math.sqrt(x + 1); return x; }
    setInterval(burn, 25);
    process.stdout.write('runs');`;
  // What V8 compiled within a loop (on-stack replacement) before somebody looked is told as its caller.
  const burning = spawn(process.execPath, ['--no-use-osr', '-e', program], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    await once(burning.stdout, 'data');
    const pid = /** @type {number} */ (burning.pid);
    const work = () => new Promise((resolve) => setTimeout(() => resolve('done'), 1_000));
    const { profile, result } = await cpuProfileOf(pid, work);
    assert.equal(result, 'done');
    const { functions, wholeMs } = timeOf(profile);
    assert.ok(wholeMs > 800 && wholeMs < 10_000, `${wholeMs} ms`);
    assert.match(functions[0]?.name ?? '', /^burn /);
    await assert.rejects(fetch('http://127.0.0.1:9229/json/list'));
  } finally {
    burning.kill('SIGKILL');
  }
});
