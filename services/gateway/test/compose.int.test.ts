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
  expect(refused).toMatchObject({ status: 1, text: expect.stringContaining('FIELD_REMOVED: Query.me was removed.') });
  expect(compose('--check').text).toContain('FIELD_REMOVED');
  expect(supergraph()).toBe(before);

  mkdirSync(path.join(root, 'docs'));
  writeFileSync(
    path.join(root, 'docs', 'breaking-changes.md'),
    '- `Query.me was removed.` Nobody used it; since 2026-11.\n',
  );
  expect(compose().status).toBe(0);
  expect(supergraph()).not.toBe(before);
});

test('a breaking change passes by the flag, and is named', () => {
  compose();
  write(withoutField);
  expect(compose('--allow-breaking')).toMatchObject({
    status: 0,
    text: expect.stringContaining('Query.me was removed.'),
  });
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
