import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import { FAILPOINTS, parseFailpoint } from './points';

const ROOT = resolve(__dirname, '../../../..');
const run = promisify(execFile);

describe('parseFailpoint', () => {
  it.each([
    ['relay.read:kill', { name: 'relay.read', action: 'kill', nth: 1 }],
    ['payMerchant.before-commit:exit:3', { name: 'payMerchant.before-commit', action: 'exit', nth: 3 }],
    [' consumer.after-commit:pause:12\n', { name: 'consumer.after-commit', action: 'pause', nth: 12 }],
  ])('reads %j', (text, point) => expect(parseFailpoint(text)).toEqual(point));

  it.each([
    ['relay.raed:kill', /no failpoint relay.raed/],
    ['toString:kill', /no failpoint toString/],
    ['relay.read', /does exit, kill, pause/],
    ['relay.read:explode', /"explode"/],
    ['relay.read:kill:0', /name:action/],
    ['relay.read:kill:1:2', /name:action/],
    ['relay.read:kill:x', /name:action/],
  ])('refuses %j', (text, message) => expect(() => parseFailpoint(text)).toThrow(message));
});

function sourcesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ['node_modules', 'dist', 'test'].includes(entry.name) ? [] : sourcesBelow(path);
    return entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts') ? [path] : [];
  });
}

const SERVICES = readdirSync(join(ROOT, 'services')).sort();
/** What is in these folders of the platform runs in each service that calls the function. */
const STARTED_BY: Readonly<Record<string, RegExp>> = { outbox: /\bcreateOutboxRelay\(/, inbox: /\bstartEventConsumer\(/ };
/** What a name that is written with a variable can be. */
const VARIABLES: Readonly<Record<string, readonly string[]>> = {
  '${claim.mutation}': ['payMerchant', 'sendMoney', 'refundPayment', 'topUp', 'withdraw', 'setPayoutAccount', 'setLimit', 'setFeeSchedule', 'endConsents'],
  '${order.point}': ['withdrawal', 'payout'],
  '${point}': ['withdrawal', 'payout'],
};

function namesIn(text: string): string[] {
  const written = [...text.matchAll(/failpoint\(['`]([^'`]+)['`]\)/g)].map((match) => match[1]!);
  return written.flatMap((name) => {
    const [variable, values] = Object.entries(VARIABLES).find(([start]) => name.startsWith(start)) ?? ['', ['']];
    return values.map((value) => name.replace(variable, value));
  });
}

/** The services whose processes come through a file. */
function servicesOf(path: string, textOf: (service: string) => string): readonly string[] {
  const [top, owner, , folder] = relative(ROOT, path).split(sep);
  if (top === 'services') return [owner!];
  const start = STARTED_BY[folder!];
  if (!start) throw new Error(`${path}: nobody says which services come through the points of ${folder}`);
  return SERVICES.filter((service) => start.test(textOf(service)));
}

it('the list holds the points of the code, each and no other, and the services that pass it', () => {
  const sources = ['packages', 'services'].flatMap((top) => sourcesBelow(join(ROOT, top)))
    .filter((path) => !path.includes('/failpoint/')).map((path) => ({ path, text: readFileSync(path, 'utf8') }));
  const textOf = (service: string): string =>
    sources.filter(({ path }) => path.startsWith(join(ROOT, 'services', service, 'src'))).map(({ text }) => text).join('\n');
  const passed = new Map<string, Set<string>>();
  for (const { path, text } of sources) {
    for (const name of namesIn(text)) {
      const services = servicesOf(path, textOf);
      passed.set(name, new Set([...(passed.get(name) ?? []), ...services]));
    }
  }
  const sorted = (entries: Iterable<readonly [string, Iterable<string>]>) => Object.fromEntries([...entries].map(([name, services]) => [name, [...services].sort()]));
  expect(sorted(passed)).toEqual(sorted(Object.entries(FAILPOINTS)));
});

describe('a process with failpoints', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tael-failpoint-'));
  const file = join(folder, 'point');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  // The source as plain JavaScript, in a process that may be killed.
  const program = (): string => {
    const { transformSync } = jest.requireActual<typeof import('@swc/core')>('@swc/core');
    for (const name of ['failpoint', 'points', 'index']) {
      const { code } = transformSync(readFileSync(join(__dirname, `${name}.ts`), 'utf8'), {
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' },
      });
      writeFileSync(join(folder, `${name}.js`), code);
    }
    const main = join(folder, 'main.js');
    writeFileSync(main, `
      const { armFailpoints, failpoint, parseFailpoint } = require('./index.js');
      const log = { warn: () => undefined, error: (fields) => console.error(String(fields.error)) };
      const { FAILPOINT, FAILPOINT_FILE } = process.env;
      armFailpoints({ FAILPOINT: FAILPOINT && parseFailpoint(FAILPOINT), FAILPOINT_FILE }, log);
      let n = 0;
      const timer = setInterval(() => {
        failpoint('relay.marked');
        failpoint('relay.read');
        console.log(++n);
        if (n === 40) clearInterval(timer);
      }, 10);`);
    return main;
  };
  const main = program();
  const start = (env: Record<string, string>) => spawn(process.execPath, [main], { env: { PATH: process.env['PATH'], ...env } });

  it('goes through where none is armed', async () => {
    const { stdout } = await run(process.execPath, [main], { env: {} });
    expect(stdout.trim().split('\n')).toHaveLength(40);
  });

  it('exits at the pass that was named, and at no other point', async () => {
    const failure = await run(process.execPath, [main], { env: { FAILPOINT: 'relay.read:exit:3' } }).catch((error: any) => error);
    expect(failure).toMatchObject({ code: 86, stdout: '1\n2\n' });
    expect(failure.stderr).toContain('"failpoint":"relay.read"');
  });

  it('takes one from its file at a signal, once, and is killed', async () => {
    const child = start({ FAILPOINT_FILE: file });
    await once(child.stdout, 'data');
    writeFileSync(file, 'relay.read:kill');
    child.kill('SIGUSR2');
    const [, signal] = await once(child, 'exit');
    expect(signal).toBe('SIGKILL');
    expect(existsSync(file)).toBe(false);
  });

  it('lets go of one that is switched off', async () => {
    const child = start({ FAILPOINT: 'relay.read:exit:30', FAILPOINT_FILE: file });
    await once(child.stdout, 'data');
    writeFileSync(file, 'off\n');
    child.kill('SIGUSR2');
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
  });

  it('is stopped by pause, and goes on', async () => {
    writeFileSync(file, 'relay.read:pause:2');
    const child = start({ FAILPOINT_FILE: file });
    let printed = '';
    child.stdout.on('data', (text) => (printed += String(text)));
    await once(child.stderr, 'data');
    const state = () => readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(' ')[2];
    if (process.platform === 'linux') while (state() !== 'T') await new Promise((done) => setImmediate(done));
    expect(printed.trim()).toBe('1');
    child.kill('SIGCONT');
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
    expect(printed.trim().split('\n')).toHaveLength(40);
  });
});
