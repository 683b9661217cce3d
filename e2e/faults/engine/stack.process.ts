import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from './stack.files';

const START_MS = 360_000;
const STOP_MS = 60_000;
/** From the public port: see scripts/stack/settings.mjs. */
const OFFSETS = [0, 1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14, 19, 20, 21, 22, 23, 24, 29, 32, 70, 80, 90, 92, 93];
/** No part of a stack listens there: who looks for ports takes it, and so nobody else takes the ports that they have found. */
const MARK_OFFSET = 99;

export interface StackOptions {
  readonly home: string;
  readonly instances: number;
  /** The public port; free ones are looked for unless told. */
  readonly port?: number | undefined;
  readonly env?: Readonly<Record<string, string>>;
  /** With empty databases, unless told. */
  readonly fresh?: boolean;
}

/** A stack of its own, as `npm start` makes it, whose services take failpoints. */
export class StackProcess {
  private output = '';
  /** Rejects once the stack has ended, by itself or because it was told to. */
  readonly ended: Promise<never>;

  private constructor(readonly home: string, private readonly child: ChildProcess) {
    this.ended = new Promise((_resolve, reject) => child.once('exit', () => reject(this.end())));
    this.ended.catch(() => undefined);
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (this.output += text));
  }

  static async start({ home, instances, port, env, fresh = true }: StackOptions): Promise<StackProcess> {
    rmSync(join(home, 'demo.json'), { force: true });
    const { DATABASE_URL: _database, KAFKA_BROKERS: _brokers, ...own } = process.env;
    const child = spawn(process.execPath, [join(ROOT, 'scripts', 'start.mjs'), ...(fresh ? ['--fresh'] : [])], {
      cwd: ROOT,
      env: {
        ...own,
        TAEL_HOME: home,
        TAEL_PORT: String(port ?? (await freeBase())),
        TAEL_INSTANCES: String(instances),
        TAEL_FAILPOINTS: 'true',
        // A part that is killed again and again is what this is about: no reason to give up.
        TAEL_RECOVERED_MS: '1',
        // With it the stack stops where this process ends without a word: see scripts/stack/main.mjs.
        npm_lifecycle_event: 'faults',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const stack = new StackProcess(home, child);
    for (const end = performance.now() + START_MS; !existsSync(join(home, 'demo.json')); await sleep(100)) {
      if (stack.hasEnded) throw new Error(`the stack did not come up:\n${stack.output}`);
      if (performance.now() < end) continue;
      await stack.stop();
      throw new Error(`the stack was not ready in ${START_MS / 1_000} s:\n${stack.output}`);
    }
    return stack;
  }

  /** What it showed on its screen: every death and every start after it. */
  get screen(): string {
    return this.output;
  }

  /** Throws where the supervisor has given up. */
  mustRun(): void {
    if (this.hasEnded) throw this.end();
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private end(): Error {
    return new Error(`the stack has ended:\n${this.output.slice(-4_000)}`);
  }

  async stop(): Promise<void> {
    if (this.hasEnded) return;
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    // A second signal kills every part at once.
    const force = setTimeout(() => this.child.kill('SIGTERM'), STOP_MS);
    await gone;
    clearTimeout(force);
  }
}

/** A base of ports that are free, and that are nobody else's who looks for some, until this process ends: stacks of several processes start beside each other. */
export async function freeBase(): Promise<number> {
  for (let base = 20_000 + Math.floor(Math.random() * 100) * 100; base < 40_000; base += 100) {
    const mark = await listen(base + MARK_OFFSET);
    if (!mark) continue;
    const free = await Promise.all(OFFSETS.map((offset) => isFree(base + offset)));
    if (free.every(Boolean)) {
      mark.unref();
      return base;
    }
    mark.close();
  }
  throw new Error('there are no free ports');
}

async function isFree(port: number): Promise<boolean> {
  const server = await listen(port);
  if (!server) return false;
  await new Promise((resolve) => server.close(resolve));
  return true;
}

function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server));
  });
}
