import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@tael/testkit';
import pg from 'pg';
import { readStackFile, type StackFile } from './stack.files';

/** So far lies the gateway's port for operators from its public one: see scripts/stack/settings.mjs. */
const MANAGEMENT_OFFSET = 9;

/** A process ends what is under way within so long; what still runs then is cut off (packages/platform/src/shutdown). */
export const ENDED_MS = 30_000;

/** A process was ended and replaced: from when to when, in milliseconds of the wall clock, and how long it took to end. */
export interface Restart {
  readonly part: string;
  readonly from: number;
  readonly to: number;
  readonly endedMs: number;
}

/** The processes of a stack that its supervisor keeps running, as somebody sees them who wants to hurt them. */
export class Processes {
  constructor(readonly home: string) {}

  get stack(): StackFile {
    return readStackFile(this.home);
  }

  pid(part: string): number | undefined {
    return this.stack.pids[part] ?? undefined;
  }

  /** Waits until a part has a process that serves, and gives its id. */
  async ready(part: string, timeoutMs = 60_000): Promise<number> {
    return eventually(async () => {
      const pid = this.pid(part);
      if (pid === undefined || !isAlive(pid)) throw new Error(`${part} has no process`);
      await this.probe(part);
      return pid;
    }, { timeoutMs, describe: `${part} is ready` });
  }

  async allReady(timeoutMs = 90_000): Promise<void> {
    await Promise.all(Object.keys(this.parts()).map((part) => this.ready(part, timeoutMs)));
  }

  /** Every part, with its port. */
  parts(): Record<string, number> {
    const { instances, ports, eventBus } = this.stack;
    const services = Object.values(instances).flat().map(({ part, port }) => [part, port]);
    const broker = eventBus === 'kafka' ? [['kafka', ports['kafka']]] : [];
    return Object.fromEntries([...services, ['postgres', ports['postgres']], ...broker]) as Record<string, number>;
  }

  /** `kill -9`: of Postgres the postmaster and every process of it. */
  async kill(part: string): Promise<void> {
    const pid = await this.living(part);
    const pids = part === 'postgres' ? [pid, ...childrenOf(pid)] : [pid];
    for (const one of pids) signal(one, 'SIGKILL');
    await this.dead(part, pid);
  }

  stop(part: string): void {
    signal(this.pid(part)!, 'SIGSTOP');
  }

  wake(pid: number): void {
    signal(pid, 'SIGCONT');
  }

  /** Wakes every process that stands still. */
  wakeAll(): void {
    for (const pid of Object.values(this.stack.pids)) if (pid && stateOf(pid) === 'T') this.wake(pid);
  }

  /** Keeps a part from being started again. */
  hold(part: string): void {
    mkdirSync(join(this.home, 'hold'), { recursive: true });
    writeFileSync(join(this.home, 'hold', part), '');
  }

  letGo(part: string): void {
    rmSync(join(this.home, 'hold', part), { force: true });
  }

  /** Arms a failpoint in a running process; gives the process. */
  async arm(part: string, point: string): Promise<number> {
    const pid = await this.ready(part);
    const file = join(this.home, 'failpoints', part);
    writeFileSync(file, point);
    signal(pid, 'SIGUSR2');
    await eventually(() => {
      if (existsSync(file)) throw new Error('it has not read the file');
    }, { describe: `${part} takes the failpoint ${point}` });
    return pid;
  }

  /** Disarms the failpoint of a process, where it still runs. One that has come there too, and stands still, goes on. */
  async disarm(part: string, pid: number): Promise<void> {
    if (!isAlive(pid)) return;
    const file = join(this.home, 'failpoints', part);
    writeFileSync(file, 'off');
    signal(pid, 'SIGUSR2');
    await eventually(() => {
      if (stateOf(pid) === 'T') this.wake(pid);
      // Where it came to its point meanwhile it is dead, and its successor takes the file.
      if (existsSync(file) && isAlive(pid)) throw new Error('it has not read the file');
    }, { describe: `${part} lets go of its failpoint` });
    if (!isAlive(pid)) rmSync(file, { force: true });
  }

  /** Sets the wall clock of a part so many milliseconds ahead, those of its successors too; 0 sets it right. */
  async setClock(part: string, aheadMs: number): Promise<void> {
    writeFileSync(join(this.home, 'clocks', part), String(aheadMs));
    await eventually(async () => {
      const ahead = Number(/^tael_clock_ahead_seconds (\S+)$/m.exec(await this.metrics(part))?.[1]);
      if (!(Math.abs(ahead * 1_000 - aheadMs) < 5_000)) throw new Error(`its clock is ${ahead} s ahead`);
    }, { timeoutMs: 20_000, describe: `the clock of ${part} is ${aheadMs} ms ahead` });
  }

  /** What a part tells of itself: the gateway at a port of its own, since its door is public. */
  async metrics(part: string): Promise<string> {
    const port = this.parts()[part]! + (part.startsWith('gateway') ? MANAGEMENT_OFFSET : 0);
    return (await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(3_000) })).text();
  }

  /** The memory of a part's process, in megabytes. */
  memoryMb(part: string): number {
    const status = readFileSync(`/proc/${this.pid(part)}/status`, 'utf8');
    return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(status)![1]) / 1_024);
  }

  /** The processes of a service. */
  partsOf(service: string): string[] {
    return (this.stack.instances[service] ?? []).map(({ part }) => part);
  }

  /** Waits until a process has ended. */
  async dead(part: string, pid: number, timeoutMs = 30_000): Promise<void> {
    await eventually(() => {
      if (isAlive(pid)) throw new Error(`process ${pid} still runs`);
    }, { timeoutMs, describe: `${part} is dead` });
  }

  /** Ends a process as an operator does, and waits until its successor serves; gives how long it took to end, and the moments of it all. */
  async restart(part: string): Promise<Restart> {
    const pid = await this.ready(part);
    const [from, asked] = [Date.now(), performance.now()];
    signal(pid, 'SIGTERM');
    await this.dead(part, pid, 2 * ENDED_MS);
    const endedMs = Math.round(performance.now() - asked);
    await this.ready(part, 120_000);
    return { part, from, to: Date.now(), endedMs };
  }

  /** Waits until a process has been stopped, as by SIGSTOP. */
  async stopped(part: string, pid: number, timeoutMs = 30_000): Promise<void> {
    await eventually(() => {
      if (stateOf(pid) !== 'T') throw new Error(`process ${pid} runs`);
    }, { timeoutMs, describe: `${part} is stopped` });
  }

  private async living(part: string): Promise<number> {
    return eventually(() => {
      const pid = this.pid(part);
      if (pid === undefined || !isAlive(pid)) throw new Error(`${part} has no process`);
      return pid;
    }, { timeoutMs: 30_000, describe: `${part} runs` });
  }

  private async probe(part: string): Promise<void> {
    if (part === 'postgres') return pingPostgres(this.stack.adminDatabaseUrl);
    const port = this.parts()[part]!;
    return part === 'kafka' ? connects(port) : isReady(port);
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The state of a process as /proc tells it: R, S, T (stopped), Z (ended, not waited for). */
export function stateOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2)[0];
  } catch {
    return undefined;
  }
}

export function isAlive(pid: number): boolean {
  const state = stateOf(pid);
  return state !== undefined && state !== 'Z';
}

export function childrenOf(parent: number): number[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent;
    } catch {
      return false;
    }
  });
}

async function pingPostgres(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000, query_timeout: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('/* faults.ping */ SELECT 1');
  } finally {
    await client.end().catch(() => undefined);
  }
}

function connects(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}

function isReady(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get({ port, host: '127.0.0.1', path: '/ready', timeout: 3_000, agent: false }, (response) => {
      response.resume();
      if (response.statusCode === 200) resolve();
      else reject(new Error(`/ready says ${response.statusCode}`));
    });
    request.on('timeout', () => request.destroy(new Error('/ready does not answer')));
    request.on('error', reject);
  });
}

/** Waits in real time: a fault lasts as long as it lasts. */
export const lasting = (milliseconds: number): Promise<void> => sleep(milliseconds);
