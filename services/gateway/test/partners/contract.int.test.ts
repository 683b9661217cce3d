import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MARKED_SDL, SDL } from '../subgraphs';

const program = path.join(__dirname, '..', '..', '..', '..', 'scripts', 'compose.mjs');
const FILES = ['partner.supergraph.graphql', 'partner.schema.graphql', 'docs/partners/reference.md', 'docs/partners/changelog.md'];
const TODAY = new Date().toISOString().slice(0, 10);
let root: string;

function write(sdl: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(sdl)) {
    mkdirSync(path.join(root, 'services', name), { recursive: true });
    writeFileSync(path.join(root, 'services', name, 'schema.graphql'), text);
  }
}
function compose(...options: string[]): { status: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, '--root', root, ...options], { encoding: 'utf8' });
  return { status, text: stdout + stderr };
}
function git(...args: string[]): void {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@tael.example'];
  expect(spawnSync('git', [...identity, ...args], { cwd: root, encoding: 'utf8' })).toMatchObject({ status: 0 });
}
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const withMerchants = (from: string, to: string): Readonly<Record<string, string>> => {
  expect(MARKED_SDL['merchants']).toContain(from);
  return { ...MARKED_SDL, merchants: MARKED_SDL['merchants']!.replace(from, to) };
};
const MORE = withMerchants('note: String', 'note: String @tag(name: "partner")');
const LESS = withMerchants('name: String @tag(name: "partner")', 'name: String');

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'tael-contract-'));
  write(MARKED_SDL);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('nothing is written where nothing is marked, and it is said', () => {
  write(SDL);
  expect(compose()).toMatchObject({ status: 0, text: expect.stringContaining('Nothing is marked for partner banks') });
  expect(FILES.filter((file) => existsSync(path.join(root, file)))).toEqual([]);
  expect(compose('--check').status).toBe(0);
});

test('what is marked is a graph, a schema and two pages, the same each time', () => {
  expect(compose()).toMatchObject({ status: 0, text: expect.stringContaining('partner.schema.graphql') });
  const first = FILES.map(read);
  expect(compose('--check')).toMatchObject({ status: 0, text: expect.stringContaining('up to date') });
  expect(compose().status).toBe(0);
  expect(FILES.map(read)).toEqual(first);
  const [supergraph, schema, reference, changelog] = first as [string, string, string, string];
  expect(supergraph).toContain('viewer: User! @join__field(graph: ACCOUNTS) @inaccessible');
  for (const text of [schema, reference, changelog]) expect(text).not.toMatch(/note|secret|Hidden|viewer|force|join__/);
  expect(schema).toContain('"""A bank."""\ntype Bank {\n  id: ID!\n  name: String\n  shops(kind: ShopKind): [Shop!]!\n}');
  expect(reference).toContain('### rename\n\n`rename(more: Renaming, name: String!): Bank`');
  expect(reference).toContain('### ShopKind\n\n| Value | |\n|---|---|\n| `OPEN` |  |');
  expect(changelog).toContain(`## ${TODAY}`);
  expect(changelog).toContain('- Added `Query.partner: Bank!`');
});

test.each(FILES)('--check fails where %s is not what it must be, or is missing', (file) => {
  compose();
  if (!file.endsWith('changelog.md')) {
    writeFileSync(path.join(root, file), `${read(file)}# by hand\n`);
    expect(compose('--check')).toMatchObject({ status: 1, text: expect.stringContaining(file) });
  }
  rmSync(path.join(root, file));
  expect(compose('--check')).toMatchObject({ status: 1, text: expect.stringContaining(file) });
  expect(existsSync(path.join(root, file))).toBe(false);
});

test('--check fails where the changelog does not tell of the contract', () => {
  compose();
  const before = read('docs/partners/changelog.md');
  write(MORE);
  expect(compose('--check')).toMatchObject({ status: 1, text: expect.stringContaining('docs/partners/changelog.md') });
  expect(read('docs/partners/changelog.md')).toBe(before);
});

test('the changelog has an entry for each change that was committed, the newest first, and none for what was taken back', () => {
  git('init', '--quiet');
  compose();
  git('add', '.');
  git('commit', '--quiet', '-m', 'One');
  const first = read('docs/partners/changelog.md');
  write(MORE);
  compose();
  expect(read('docs/partners/changelog.md')).toContain('- Added `Bank.note: String`');
  write(MARKED_SDL);
  expect(compose().status).toBe(0);
  expect(read('docs/partners/changelog.md')).toBe(first);
  write(MORE);
  compose();
  git('commit', '--quiet', '-a', '-m', 'Two');
  write(withMerchants('note: String', 'note: String @tag(name: "partner") @deprecated(reason: "Ask nobody.")'));
  expect(compose().status).toBe(0);
  const changelog = read('docs/partners/changelog.md');
  const order = ['Deprecated `Bank.note`: Ask nobody.', 'Added `Bank.note: String`', 'Added `Query.partner: Bank!`'].map((line) => changelog.indexOf(line));
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(order[0]).toBeGreaterThan(0);
  expect(changelog.match(/^# /gm)).toHaveLength(1);
  expect(compose('--check').status).toBe(0);
});

test('a mark that is taken away breaks the clients of banks: it is declared, and the changelog says so', () => {
  git('init', '--quiet');
  compose();
  git('add', '.');
  git('commit', '--quiet', '-m', 'One');
  const before = FILES.map(read);
  write(LESS);
  expect(compose()).toMatchObject({ status: 1, text: expect.stringContaining('PARTNER FIELD_REMOVED Bank.name') });
  expect(FILES.map(read)).toEqual(before);
  const declare = (change: string): void =>
    writeFileSync(path.join(root, 'docs', 'breaking-changes.json'), JSON.stringify([{ change, why: 'w', until: '9999-12-31' }]));
  // Declared for people it is not declared for banks.
  declare('FIELD_REMOVED Bank.name');
  expect(compose().status).toBe(1);
  declare('PARTNER FIELD_REMOVED Bank.name');
  expect(compose()).toMatchObject({ status: 0, text: expect.stringContaining('PARTNER FIELD_REMOVED Bank.name') });
  expect(read('docs/partners/changelog.md')).toContain('- **Breaking**: Bank.name was removed.');
});

test('a contract does not go away unsaid', () => {
  compose();
  write(SDL);
  expect(compose()).toMatchObject({ status: 1, text: expect.stringContaining('would be gone') });
});

test('what does not compose as a contract is said in plain words', () => {
  write(withMerchants('to: String @tag(name: "partner")', 'to: String'));
  const { status, text } = compose();
  expect([status, text]).toEqual([1, expect.stringMatching(/The partners' graph does not compose:\n {2}\w+: .*Renaming/)]);
  expect(text).not.toMatch(/\n\s+at /);
});
