import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { findBase } from '../stack/ports.mjs';
import { Problem } from '../stack/problem.mjs';
import { portsFrom, ROOT } from '../stack/settings.mjs';

const START_TIMEOUT_MS = 300_000;
const STOP_TIMEOUT_MS = 60_000;
/** The user stories have a collector of traces there, so far from the stack's first port; without it nothing is lost. */
const COLLECTOR = 8;

/** A stack of its own, beside any that runs: as `npm start` makes it, on other ports and in another folder. */
export class StackUnderTest {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child;
  #home;
  #output = '';

  /** @param {string} home */
  constructor(home) {
    this.#home = home;
  }

  /**
   * @param {AbortSignal} signal
   * @returns {Promise<void>} when it is ready
   */
  async start(signal) {
    const { DATABASE_URL, KAFKA_BROKERS, ...env } = process.env;
    const base = await findBase(portsFrom);
    this.#child = spawn(process.execPath, [path.join(ROOT, 'scripts', 'start.mjs'), '--fresh'], {
      cwd: ROOT,
      env: { ...env, TAEL_HOME: this.#home, TAEL_PORT: String(base), OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${base + COLLECTOR}` },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        this.#output += text;
      });
    }
    const until = performance.now() + START_TIMEOUT_MS;
    while (!fs.existsSync(path.join(this.#home, 'demo.json'))) {
      signal.throwIfAborted();
      if (this.#child.exitCode !== null) throw new Problem('The stack did not come up.', this.#output);
      if (performance.now() > until)
        throw new Problem(`The stack was not ready in ${START_TIMEOUT_MS / 1_000} s.`, this.#output);
      await sleep(100);
    }
  }

  /** What it showed on its screen. */
  get output() {
    return this.#output;
  }

  async stop() {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    // A second signal kills every part at once.
    const force = setTimeout(() => child.kill('SIGTERM'), STOP_TIMEOUT_MS);
    await gone;
    clearTimeout(force);
  }
}
