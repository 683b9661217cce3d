import fs from 'node:fs';
import os from 'node:os';
import process from 'node:process';

/** Ticks of /proc a second. */
const TICKS = 100;

/**
 * Seconds of processor time since the machine began that processes outside of a tree took, its host included; undefined where /proc
 * does not say.
 * @param {number} root
 */
function takenByOthers(root) {
  try {
    const [, user, nice, system, , , irq, softirq, steal] = fs.readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]?.split(/ +/) ?? [];
    const all = [user, nice, system, irq, softirq, steal].reduce((sum, ticks) => sum + Number(ticks), 0);
    return (all - ticksOfTree(root)) / TICKS;
  } catch {
    return undefined;
  }
}

/** What a process and all below it took, those of them that have ended included. @param {number} root */
function ticksOfTree(root) {
  const stats = new Map(fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => statOf(pid)));
  /** @param {string} pid @returns {boolean} */
  const belongs = (pid) => pid === String(root) || (stats.has(pid) && belongs(/** @type {{ parent: string }} */ (stats.get(pid)).parent));
  return [...stats].reduce((sum, [pid, { ticks }]) => sum + (belongs(pid) ? ticks : 0), 0);
}

/** @param {string} pid @returns {[string, { parent: string, ticks: number }][]} empty where the process is gone meanwhile */
function statOf(pid) {
  try {
    const text = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0);
    return [[pid, { parent: String(fields[1]), ticks }]];
  } catch {
    return [];
  }
}

/**
 * Measures work in seconds of a machine that has nothing else to do: of the time that passed, what others took of the processors
 * meanwhile is taken off. Where nobody else is, that is the time that passed; so it is where /proc does not say.
 * @returns {() => { passed: number, own: number }}
 */
export function startOwnSeconds({ root = process.pid, processors = os.availableParallelism() } = {}) {
  const begun = performance.now();
  const before = takenByOthers(root);
  return () => {
    const passed = (performance.now() - begun) / 1_000;
    const after = takenByOthers(root);
    if (before === undefined || after === undefined) return { passed, own: passed };
    return { passed, own: passed - Math.max(0, after - before) / processors };
  };
}
