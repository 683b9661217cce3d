import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SDL } from './subgraphs';

const program = path.join(__dirname, '..', '..', '..', 'scripts', 'compose.mjs');
let root: string;

function write(changes: Readonly<Record<string, string>> = {}): void {
  for (const [name, text] of Object.entries({ ...SDL, ...changes })) {
    mkdirSync(path.join(root, 'services', name), { recursive: true });
    writeFileSync(path.join(root, 'services', name, 'schema.graphql'), text);
  }
}
const compose = (...options: string[]): { status: number | null; text: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, '--root', root, ...options], {
    encoding: 'utf8',
  });
  return { status, text: stdout + stderr };
};
const declare = (until: string, more: object = {}): void => {
  const waiver = { change: 'FIELD_REMOVED Query.me', why: 'Nobody used it.', until, ...more };
  mkdirSync(path.join(root, 'docs'), { recursive: true });
  writeFileSync(path.join(root, 'docs', 'breaking-changes.json'), JSON.stringify([waiver]));
};
const supergraph = (): string => readFileSync(path.join(root, 'supergraph.graphql'), 'utf8');

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'tael-compose-'));
  write();
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const withField = { merchants: SDL['merchants']!.replace('type Shop', 'type Extra { a: Int } type Shop') };
const withoutField = { accounts: SDL['accounts']!.replace(' me: String', '') };

test('writes once, and is content with what it wrote', () => {
  expect(compose()).toMatchObject({ status: 0, text: expect.stringContaining('is written') });
  const first = supergraph();
  expect(first).toContain('enum join__Graph');
  expect(compose()).toMatchObject({ status: 0, text: expect.stringContaining('up to date') });
  expect(compose('--check')).toMatchObject({ status: 0, text: expect.stringContaining('up to date') });
  expect(supergraph()).toBe(first);
});

test('--check fails where the file is missing or stale, and writes nothing', () => {
  expect(compose('--check').status).toBe(1);
  compose();
  const before = supergraph();
  write(withField);
  expect(compose('--check')).toMatchObject({ status: 1, text: expect.stringContaining('npm run compose') });
  expect(supergraph()).toBe(before);
});

test('a breaking change is named and refused until it is declared', () => {
  compose();
  const before = supergraph();
  write(withoutField);
  const refused = compose();
  expect(refused).toMatchObject({
    status: 1,
    text: expect.stringContaining('FIELD_REMOVED Query.me: Query.me was removed.'),
  });
  expect(compose('--check').text).toContain('FIELD_REMOVED Query.me');
  expect(supergraph()).toBe(before);

  declare('2000-01-01');
  expect(compose()).toMatchObject({ status: 1, text: expect.stringContaining('held until 2000-01-01') });
  declare('9999-12-31');
  expect(compose()).toMatchObject({ status: 0, text: expect.stringContaining('FIELD_REMOVED Query.me') });
  expect(supergraph()).not.toBe(before);
});

test.each([
  ['no reason', { why: ' ' }],
  ['no day', { until: 'soon' }],
])('a declaration with %s counts for nothing', (_what, fault) => {
  compose();
  write(withoutField);
  declare('9999-12-31', fault);
  expect(compose()).toMatchObject({ status: 1, text: expect.stringContaining('each entry needs "change", "why"') });
});

test('a graph that nobody committed may be taken back; one that was committed has clients', () => {
  const git = (...args: string[]): void => {
    const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@tael.example'];
    expect(spawnSync('git', [...identity, ...args], { cwd: root, encoding: 'utf8' })).toMatchObject({ status: 0 });
  };
  compose();
  git('init', '--quiet');
  git('add', '.');
  git('commit', '--quiet', '-m', 'One');
  write(withField);
  compose();
  write();
  expect(compose()).toMatchObject({ status: 0, text: expect.stringContaining('is written') });
  write(withField);
  compose();
  git('commit', '--quiet', '-a', '-m', 'Two');
  write();
  expect(compose()).toMatchObject({ status: 1, text: expect.stringContaining('TYPE_REMOVED Extra') });
  expect(compose('--against', 'HEAD~9')).toMatchObject({ status: 1, text: expect.stringContaining('HEAD~9 has no') });
});

test.each([
  [
    'does not compose',
    { rewards: SDL['rewards']!.replace('points: Int', 'points: Int name: String!') },
    /INVALID_FIELD_SHARING: .*User\.name/,
  ],
  ['cannot be parsed', { rewards: 'type {' }, /services\/rewards\/schema\.graphql cannot be parsed: Syntax Error/],
])('what %s is said in plain words, without a stack', (_what, changes, text) => {
  write(changes);
  const result = compose();
  expect(result).toMatchObject({ status: 1, text: expect.stringMatching(text) });
  expect(result.text).not.toMatch(/\n\s+at /);
});

test('a missing schema is named', () => {
  rmSync(path.join(root, 'services', 'rewards', 'schema.graphql'));
  expect(compose()).toMatchObject({ status: 1, text: expect.stringContaining('services/rewards/schema.graphql') });
});
