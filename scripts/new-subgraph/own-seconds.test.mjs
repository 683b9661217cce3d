import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import process from 'node:process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { startOwnSeconds } from './own-seconds.mjs';

/** A second of a processor, however long that takes beside others. */
const BUSY = 'for (let n = 0, used; ; n++) if (n % 1e6 === 0 && (used = process.cpuUsage()) && used.user + used.system > 1e6) break;';
const onLinux = { skip: fs.existsSync('/proc/stat') ? false : 'there is no /proc here' };

test('what a process takes is taken off, unless it is one of our own, also when it has ended', onLinux, async () => {
  // A tree in which nothing happens: to it, all others are strangers.
  const other = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1e6)'], { stdio: 'ignore' });
  try {
    const ofOther = startOwnSeconds({ root: Number(other.pid), processors: 1 });
    const ofUs = startOwnSeconds({ processors: 1 });
    await promisify(execFile)(process.execPath, ['-e', BUSY]);
    const [us, them] = [ofUs(), ofOther()];
    assert.ok(us.own <= us.passed, `${us.own} of ${us.passed} s`);
    const difference = us.own - them.own;
    assert.ok(difference > 0.9 && difference < 2.5, `${us.own} and ${them.own} s`);
  } finally {
    other.kill('SIGKILL');
  }
});

test('with two processors, half of what others take is time that we had not', onLinux, async () => {
  const other = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1e6)'], { stdio: 'ignore' });
  try {
    const root = Number(other.pid);
    const [one, two] = [startOwnSeconds({ root, processors: 1 }), startOwnSeconds({ root, processors: 2 })];
    await promisify(execFile)(process.execPath, ['-e', BUSY]);
    const [all, half] = [one(), two()];
    const ratio = (all.passed - all.own) / (half.passed - half.own);
    assert.ok(ratio > 1.8 && ratio < 2.2, `${ratio}`);
  } finally {
    other.kill('SIGKILL');
  }
});
