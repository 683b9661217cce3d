import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { birthOf, endProcess, stillRuns } from './processes.mjs';
import { Problem } from './problem.mjs';
import { writePrivately } from './secrets.mjs';

/**
 * @typedef {import('./processes.mjs').ProcessMark} ProcessMark
 * @typedef {ProcessMark & { signal: NodeJS.Signals, tier: number }} PartMark
 */

/** The one start that runs on a data folder, and the processes it has: read by the next start after a kill -9. */
export class RunLock {
  #lock;
  #processes;

  /** @param {string} home */
  constructor(home) {
    this.#lock = path.join(home, 'run.lock');
    this.#processes = path.join(home, 'run.json');
  }

  /** Takes the folder for this process, or says who has it. */
  take() {
    fs.mkdirSync(path.dirname(this.#lock), { recursive: true });
    const mark = { pid: process.pid, birth: birthOf(process.pid) };
    for (;;) {
      try {
        fs.writeFileSync(this.#lock, JSON.stringify(mark), { flag: 'wx' });
        return;
      } catch (error) {
        if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
      }
      const holder = this.holder();
      if (holder) {
        throw new Problem(
          `Tael already runs from this folder (process ${holder.pid}).`,
          `Stop it with Ctrl-C where it runs, or with: kill ${holder.pid}`,
        );
      }
      fs.rmSync(this.#lock, { force: true });
    }
  }

  /**
   * The start that runs on this folder now.
   * @returns {ProcessMark | null}
   */
  holder() {
    const mark = /** @type {ProcessMark | null} */ (readJson(this.#lock));
    return mark && stillRuns(mark) ? mark : null;
  }

  /**
   * Ends what an earlier start that was killed has left running.
   * @returns {Promise<string[]>} names of the parts that still ran
   */
  async endLeftovers() {
    const marks = /** @type {Record<string, PartMark>} */ (readJson(this.#processes) ?? {});
    const left = Object.entries(marks).filter(([, mark]) => stillRuns(mark));
    const tiers = [...new Set(left.map(([, mark]) => mark.tier))].sort((a, b) => b - a);
    for (const tier of tiers) {
      const group = left.filter(([, mark]) => mark.tier === tier);
      await Promise.all(group.map(([, mark]) => endProcess(mark, { signal: mark.signal, timeoutMs: 15_000 })));
    }
    fs.rmSync(this.#processes, { force: true });
    return left.map(([name]) => name);
  }

  /** @param {Record<string, PartMark>} processes */
  record(processes) {
    writePrivately(this.#processes, processes);
  }

  /** Gives the folder back. */
  release() {
    fs.rmSync(this.#processes, { force: true });
    fs.rmSync(this.#lock, { force: true });
  }
}

/** @param {string} file */
function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}
