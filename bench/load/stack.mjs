import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Starts a stack of its own, beside one that may be running, with data in a temporary folder. BENCH_PORT is its first port.
 * @returns {Promise<{ demo: any, settings: any, home: string, pid: number, stop: () => Promise<void> }>}
 */
export async function startStack(port = Number(process.env['BENCH_PORT'] ?? 4700)) {
  const home = mkdtempSync(join(tmpdir(), 'tael-bench-'));
  const child = spawn(process.execPath, ['scripts/start.mjs'], {
    cwd: ROOT,
    env: { ...process.env, TAEL_HOME: home, TAEL_PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const read = (name) => JSON.parse(readFileSync(join(home, name), 'utf8'));
  await new Promise((resolve, reject) => {
    child.stdout.on('data', (text) => {
      process.stderr.write(text);
      if (/Ctrl-C/.test(text)) resolve(undefined);
    });
    void ended.then((status) => reject(new Error(`the stack ended with status ${status}`)));
  });
  return {
    demo: read('demo.json'),
    settings: read('stack.json'),
    home,
    pid: child.pid,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      rmSync(home, { recursive: true, force: true });
    },
  };
}
