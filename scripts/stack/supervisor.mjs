import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterDeath, DEATHS_MAX, RECOVERED_MS } from './backoff.mjs';
import { lastLines, rotate } from './logs.mjs';
import { lowerPriority } from './priority.mjs';
import { birthOf } from './processes.mjs';
import { Problem } from './problem.mjs';

const PROBE_EVERY_MS = 100;
const HELD_EVERY_MS = 100;

/**
 * @typedef {object} PartSpec
 * @property {string} name
 * @property {string} command
 * @property {string[]} args
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} env the whole environment of the process
 * @property {{ uid: number, gid: number } | undefined} [user] whom it runs as, where not as the caller
 * @property {string} log file that takes its output
 * @property {number} tier parts of a higher tier stop before those of a lower one
 * @property {() => Promise<void>} probe resolves when the part serves; its error says why it does not
 * @property {() => Promise<void>} [prepare] runs before each start
 * @property {() => boolean} [held] says that it must not be started now: its death stands until somebody lets it go
 * @property {NodeJS.Signals} [stopSignal] SIGTERM unless told
 * @property {number} [nice] how far it stands back, once it serves, where the processor is short: 0 as everybody, 19 behind all
 * @property {number} [stopTimeoutMs] how long it may take to stop, 10 s unless told
 */

/**
 * @typedef {object} Part
 * @property {PartSpec} spec
 * @property {import('node:child_process').ChildProcess | undefined} child
 * @property {string | undefined} birth
 * @property {number} deaths in a row
 * @property {number | undefined} readySince
 * @property {string} cause why it is not ready yet
 * @property {NodeJS.Timeout | undefined} restart
 * @property {AbortController} watch ends with each process, and with it the waiting for its readiness
 */

/**
 * @typedef {object} SupervisorEvents
 * @property {(text: string) => void} note something a person should see
 * @property {(problem: Problem) => void} giveUp a part cannot be kept running: all must end
 * @property {() => void} changed a process was started or has ended
 */

/** Keeps parts running: starts again what dies, slower each time, and gives up after five deaths in a row. */
export class Supervisor {
  /** @type {Map<string, Part>} */
  #parts = new Map();
  #stopping = false;
  /** @type {Problem | undefined} */
  #gaveUp;
  #events;
  #recoveredMs;

  /**
   * @param {SupervisorEvents} events
   * @param {{ recoveredMs?: number }} [options] recoveredMs: a part that served this long has recovered
   */
  constructor(events, { recoveredMs = RECOVERED_MS } = {}) {
    this.#events = events;
    this.#recoveredMs = recoveredMs;
  }

  /**
   * Starts a part, and resolves when it serves.
   * @param {PartSpec} spec
   * @param {number} [timeoutMs] how long that may take
   */
  async start(spec, timeoutMs = 60_000) {
    /** @type {Part} */
    const part = {
      spec,
      child: undefined,
      birth: undefined,
      deaths: 0,
      readySince: undefined,
      cause: 'not asked yet',
      restart: undefined,
      watch: new AbortController(),
    };
    this.#parts.set(spec.name, part);
    rotate(spec.log);
    await this.#spawn(part);
    const until = performance.now() + timeoutMs;
    while (part.readySince === undefined) {
      if (this.#gaveUp) throw this.#gaveUp;
      if (this.#stopping) throw new Problem('Stopped while starting.');
      if (performance.now() > until) throw notReady(part, timeoutMs);
      await sleep(20);
    }
  }

  /** The processes that run now, by part. */
  processes() {
    /** @type {Record<string, import('./processes.mjs').ProcessMark & { signal: NodeJS.Signals, tier: number }>} */
    const running = {};
    for (const { spec, child, birth } of this.#parts.values()) {
      if (!child?.pid || !birth) continue;
      running[spec.name] = { pid: child.pid, birth, signal: spec.stopSignal ?? 'SIGTERM', tier: spec.tier };
    }
    return running;
  }

  /** Stops all parts, the highest tier first; a part that does not stop in its time is killed. */
  async stop() {
    this.#stopping = true;
    const parts = [...this.#parts.values()];
    for (const part of parts) clearTimeout(part.restart);
    const tiers = [...new Set(parts.map((part) => part.spec.tier))].sort((a, b) => b - a);
    for (const tier of tiers) {
      await Promise.all(parts.filter((part) => part.spec.tier === tier).map((part) => this.#end(part)));
    }
  }

  /** @param {Part} part */
  async #spawn(part) {
    const { spec } = part;
    while (spec.held?.() && !this.#stopping) await sleep(HELD_EVERY_MS);
    try {
      await spec.prepare?.();
    } catch (error) {
      this.#died(part, `could not be prepared: ${/** @type {Error} */ (error).message}`);
      return;
    }
    if (this.#stopping) return;
    const log = fs.openSync(spec.log, 'a');
    // A process group of its own: a Ctrl-C on the terminal reaches the supervisor alone, which stops parts in order.
    const child = spawn(spec.command, spec.args, {
      cwd: spec.cwd,
      env: spec.env,
      detached: true,
      stdio: ['ignore', log, log],
      ...spec.user,
    });
    fs.closeSync(log);
    part.child = child;
    part.birth = child.pid === undefined ? undefined : (birthOf(child.pid) ?? undefined);
    part.watch = new AbortController();
    part.readySince = undefined;
    child.once(
      'error',
      (error) => child.pid === undefined && this.#died(part, `could not be started: ${error.message}`),
    );
    child.once('exit', (code, signal) =>
      this.#died(part, signal ? `was ended by ${signal}` : `ended with status ${code}`),
    );
    void this.#watchReadiness(part, part.watch.signal);
    this.#events.changed();
  }

  /**
   * @param {Part} part
   * @param {AbortSignal} ended
   */
  async #watchReadiness(part, ended) {
    while (!ended.aborted) {
      try {
        await part.spec.probe();
        if (ended.aborted) return;
        part.readySince = performance.now();
        // Not before: on a busy machine it would hardly ever come to serve.
        if (part.child?.pid !== undefined && part.spec.nice) lowerPriority(part.child.pid, part.spec.nice);
        if (part.deaths) this.#events.note(`  ${part.spec.name} is ready again`);
        return;
      } catch (error) {
        part.cause = /** @type {Error} */ (error).message;
      }
      await sleep(PROBE_EVERY_MS);
    }
  }

  /**
   * @param {Part} part
   * @param {string} how
   */
  #died(part, how) {
    const { spec } = part;
    const readyForMs = part.readySince === undefined ? 0 : performance.now() - part.readySince;
    part.watch.abort();
    part.child = undefined;
    part.birth = undefined;
    part.readySince = undefined;
    this.#events.changed();
    if (this.#stopping || this.#gaveUp) return;
    const { deaths, giveUp, delayMs } = afterDeath(part.deaths, readyForMs, this.#recoveredMs);
    part.deaths = deaths;
    if (giveUp) {
      this.#gaveUp = new Problem(`${spec.name} ${how}, ${DEATHS_MAX} times in a row.`, tail(spec));
      this.#events.giveUp(this.#gaveUp);
      return;
    }
    this.#events.note(`! ${spec.name} ${how}; starting it again in ${delayMs} ms (${deaths} of ${DEATHS_MAX})`);
    part.restart = setTimeout(() => void this.#spawn(part), delayMs);
  }

  /** @param {Part} part */
  async #end(part) {
    const { child, spec } = part;
    if (!child?.pid) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(spec.stopSignal ?? 'SIGTERM');
    const force = setTimeout(() => {
      this.#events.note(`! ${spec.name} did not stop in time and was killed`);
      child.kill('SIGKILL');
    }, spec.stopTimeoutMs ?? 10_000);
    await gone;
    clearTimeout(force);
  }
}

/** @param {PartSpec} spec */
const tail = (spec) => [`The last lines of ${spec.log}:`, ...lastLines(spec.log).map((text) => `  ${text}`)].join('\n');

/**
 * @param {Part} part
 * @param {number} timeoutMs
 */
function notReady(part, timeoutMs) {
  return new Problem(`${part.spec.name} was not ready within ${timeoutMs / 1_000} s: ${part.cause}`, tail(part.spec));
}
