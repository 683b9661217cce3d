/** @typedef {import('./cpu-profile.mjs').CpuProfile} CpuProfile */
/** @typedef {import('./cpu-profile.mjs').ProfileNode} ProfileNode */
/** @typedef {{ group: string, ms: number, share: number }} Line */

export const IDLE = 'idle';

/** What V8 itself reports instead of a function. */
const STATES = new Map([
  ['(idle)', IDLE],
  ['(garbage collector)', 'garbage collection'],
  // The event loop, the kernel on its behalf, and threads that V8 does not look into.
  ['(program)', 'event loop and kernel'],
  ['(root)', 'event loop and kernel'],
]);

/** Packages that are one thing to a reader. */
const PACKAGES = [
  { group: 'driver', of: /^pg($|-)|^postgres-/ },
  { group: 'TypeORM', of: /^typeorm$/ },
  { group: 'Apollo', of: /^@apollo\// },
  { group: 'type-graphql', of: /^type-graphql$/ },
  { group: 'graphql', of: /^(graphql|@graphql-tools\/|@theguild\/|@graphql-hive\/)/ },
  { group: 'Kafka', of: /^kafkajs$/ },
  { group: 'HTTP', of: /^(fastify|@fastify\/|find-my-way|light-my-request|undici|avvio)/ },
  { group: 'logs', of: /^(pino|@pinojs\/|sonic-boom|thread-stream|quick-format)/ },
];

/** Parts of Node, by the name of the module. */
const MODULES = [
  { group: 'sockets and buffers', of: /(net|stream_base_commons|tls|_tls_|streams\/|stream|dgram|socketaddress|buffer)/ },
  { group: 'HTTP', of: /(http|undici)/ },
  { group: 'crypto', of: /crypto/ },
  { group: 'event loop and kernel', of: /(timers|task_queues|async_hooks|promise|async_local|async_context|events|event_target|perf)/ },
];

/** Functions of C++ have a name and no file: those that do one thing wherever they are called from. */
const NATIVE = [
  { group: 'sockets and buffers', of: /^(write|writev|writeUtf8String|writeLatin1String|writeAsciiString|writeBuffer|shutdown|readStart|readStop|utf8Write|utf8Slice|latin1Slice|copy)$/ },
  { group: 'crypto', of: /^(Hmac|Hash|hmac|hash|sign|verify|signOneShot|verifyOneShot|digest|getRandomValues|randomFillSync|SecretKeyGenerateJob|CipherBase|Sign|Verify|update|final|createHmac|timingSafeEqual|RandomBytesJob|HashJob|HmacJob|SignJob)$/ },
  { group: 'event loop and kernel', of: /^(runMicrotasks|setTimeout|scheduleTimer|toggleTimerRef|nextTick|now|hrtime)$/ },
];

const find = (/** @type {{ group: string, of: RegExp }[]} */ list, /** @type {string} */ name) => list.find(({ of }) => of.test(name))?.group;

/**
 * Gives what a file of a profile belongs to: a package, a part of Node, or a workspace of ours.
 * @param {string} url
 * @returns {string}
 */
export function groupOfFile(url) {
  if (url.startsWith('node:')) return find(MODULES, url.slice('node:'.length).replace(/^internal\//, '')) ?? 'other of Node';
  const name = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
  if (name && !name.startsWith('@tael/')) return find(PACKAGES, name) ?? `package: ${name}`;
  const ours = /\/(?:services|packages|infra)\/([^/]+)\/(?:dist|src)\//.exec(url)?.[1] ?? name?.slice('@tael/'.length);
  return ours ? `ours: ${ours}` : 'files elsewhere';
}

/**
 * Gives where the time of a profile went: each sample counts for the innermost function. One of V8 or C++ that says nothing of
 * itself counts for the file that called it.
 * @param {CpuProfile} profile
 * @returns {{ groups: Line[], functions: { name: string, group: string, ms: number, share: number }[], busyMs: number, wholeMs: number }} shares in
 *   percent of the time that was not idle, the largest first
 */
export function timeOf(profile) {
  const groupOf = groupsOf(profile.nodes);
  const byGroup = new Map();
  const byFunction = new Map();
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const add = (/** @type {Map<string, number>} */ map, /** @type {string} */ key, /** @type {number} */ us) => map.set(key, (map.get(key) ?? 0) + us);
  profile.samples.forEach((id, index) => {
    // A delta is the time since the sample before: what was running then ran for so long.
    const us = profile.timeDeltas[index + 1] ?? 0;
    const group = groupOf.get(id) ?? 'other of Node';
    add(byGroup, group, us);
    if (group !== IDLE) add(byFunction, `${nameOf(/** @type {ProfileNode} */ (nodes.get(id)))}\n${group}`, us);
  });
  const wholeUs = [...byGroup.values()].reduce((sum, us) => sum + us, 0);
  const busyUs = wholeUs - (byGroup.get(IDLE) ?? 0);
  const line = (/** @type {number} */ us) => ({ ms: Math.round(us / 1_000), share: Math.round((us / Math.max(1, busyUs)) * 1_000) / 10 });
  const sorted = (/** @type {Map<string, number>} */ map) => [...map].sort((a, b) => b[1] - a[1]);
  return {
    groups: sorted(byGroup).flatMap(([group, us]) => (group === IDLE ? [] : [{ group, ...line(us) }])),
    functions: sorted(byFunction).map(([key, us]) => {
      const [name = '', group = ''] = key.split('\n');
      return { name, group, ...line(us) };
    }),
    busyMs: Math.round(busyUs / 1_000),
    wholeMs: Math.round(wholeUs / 1_000),
  };
}


/** @param {ProfileNode} node */
function nameOf({ callFrame: { functionName, url, lineNumber } }) {
  const file = url.replace(/.*\/node_modules\//, '').replace(/^.*\/(services|packages|infra)\//, '$1/');
  return `${functionName || '(anonymous)'}${file ? ` ${file}:${lineNumber + 1}` : ''}`;
}

/**
 * @param {ProfileNode[]} nodes
 * @returns {Map<number, string>} of each node its group
 */
function groupsOf(nodes) {
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  /** @type {Map<number, string>} */
  const known = new Map();
  /** @param {number} id @returns {string} */
  const of = (id) => {
    const found = known.get(id);
    if (found) return found;
    const { functionName, url } = /** @type {ProfileNode} */ (byId.get(id)).callFrame;
    const own = STATES.get(functionName) ?? (url ? groupOfFile(url) : find(NATIVE, functionName));
    const parent = parents.get(id);
    const group = own ?? (parent === undefined ? 'event loop and kernel' : of(parent));
    known.set(id, group);
    return group;
  };
  for (const { id } of nodes) of(id);
  return known;
}

/**
 * A table for a person: groups with a percent or more, the rest in one line, then the functions that take most.
 * @param {ReturnType<typeof timeOf>} time
 * @param {number} [most] - how many functions
 */
export function timeTable({ groups, functions, busyMs, wholeMs }, most = 15) {
  const row = (/** @type {string} */ name, /** @type {{ ms: number, share: number }} */ { ms, share }) =>
    `  ${share.toFixed(1).padStart(5)} %  ${String(ms).padStart(6)} ms  ${name}`;
  const [large, small] = [groups.filter(({ share }) => share >= 1), groups.filter(({ share }) => share < 1)];
  const rest = small.reduce((sum, one) => ({ ms: sum.ms + one.ms, share: sum.share + one.share }), { ms: 0, share: 0 });
  return [
    `busy for ${busyMs} of ${wholeMs} ms`,
    ...large.map((line) => row(line.group, line)),
    ...(small.length ? [row(`${small.length} others`, rest)] : []),
    '',
    'the functions that take most, without what they call:',
    ...functions.slice(0, most).map((line) => row(`${line.name}  (${line.group})`, line)),
  ].join('\n');
}
