import { readdirSync, readFileSync } from 'node:fs';

/** Microseconds of a clock tick, as /proc counts them. */
const TICK_US = 10_000;

function statOf(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { parent: fields[1], us: (Number(fields[11]) + Number(fields[12])) * TICK_US };
}

function nameOf(pid) {
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  const backend = /^postgres: tael_(\w+) /.exec(command);
  if (backend) return `postgres of ${backend[1]}`;
  if (/postgres/.test(command)) return 'postgres itself';
  if (/kafka/.test(command)) return 'kafka';
  return /(\w+)\/dist\/main\.js/.exec(command)?.[1] ?? 'other parts';
}

/**
 * Gives the CPU time of the stack's processes so far in microseconds, by what they are; on Linux alone. Sessions that end
 * between two looks are not counted: the services keep theirs.
 * @param {number} root - the process that started the stack
 * @returns {Map<string, { name: string, us: number }>} by process id
 */
export function processTimes(root) {
  const times = new Map();
  let pids = [];
  try {
    pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
  } catch {
    return times;
  }
  const stats = new Map(pids.flatMap((pid) => {
    try {
      return [[pid, { ...statOf(pid), name: nameOf(pid) }]];
    } catch {
      return [];
    }
  }));
  const belongs = (pid) => pid === String(root) || (stats.has(pid) && belongs(stats.get(pid).parent));
  for (const [pid, { name, us }] of stats) {
    if (pid === String(process.pid)) times.set(pid, { name: 'load generator', us });
    else if (belongs(pid)) times.set(pid, { name, us });
  }
  return times;
}

/** Gives the CPU time that passed between two looks, in microseconds an operation, by what spent it. */
export function spentBetween(before, after, operations) {
  const spent = {};
  for (const [pid, { name, us }] of after) spent[name] = (spent[name] ?? 0) + us - (before.get(pid)?.us ?? 0);
  return Object.fromEntries(
    Object.entries(spent)
      .map(([name, us]) => [name, Math.round(us / Math.max(1, operations))])
      .filter(([, us]) => us > 0)
      .sort((a, b) => b[1] - a[1]),
  );
}

/** Gives how much memory the processes of a service of the stack hold, the largest in MiB; 0 where none is seen. */
export function residentMiB(root, service) {
  const pids = [...processTimes(root)].flatMap(([pid, { name }]) => (name === service ? [pid] : []));
  const sizes = pids.map((pid) => {
    try {
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
    } catch {
      return 0;
    }
  });
  return Math.round(Math.max(0, ...sizes));
}
