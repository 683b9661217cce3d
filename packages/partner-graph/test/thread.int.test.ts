import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..', '..');
// What is compiled, as services run it: there the thread is.
const DIST = join(ROOT, 'packages', 'partner-graph', 'dist', 'index.js');

/** Runs a program with the package as it is compiled; gives what it printed as JSON. */
function run(program: string, before = ''): any {
  const code = `${before}; const kit = require(${JSON.stringify(DIST)}); const own = kit.readOwnSchemas(${JSON.stringify(join(ROOT, 'services'))});
    const bank = (slug, more = '') => ({ slug, sdl: 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"]) type Query { ' + slug + ': ' + slug[0].toUpperCase() + slug.slice(1) + 'Bank } type ' + slug[0].toUpperCase() + slug.slice(1) + 'Bank { name: String ' + more + ' }' });
    (async () => { ${program} })().then((value) => process.stdout.write(JSON.stringify(value)));`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['-e', code], { encoding: 'utf8', timeout: 60_000 });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

// A process with a thread that waits for more must end all the same: `run` waits for that.
it('checks and composes beside the process, which goes on meanwhile', () => {
  const seen = run(`
    let ticks = 0; const ticking = setInterval(() => (ticks += 1), 5);
    const good = await kit.checkInThread({ own, candidate: bank('nordbank') });
    const bad = await kit.checkInThread({ own, candidate: bank('nordbank', ': !') });
    const text = await kit.composeInThread(own, [bank('nordbank'), bank('sudbank')]);
    clearInterval(ticking);
    return { good: good.ok, bad: bad.violations[0].code, text: text.includes('SudbankBank'), moved: ticks > 10 };`);
  expect(seen).toEqual({ good: true, bad: 'SYNTAX', text: true, moved: true });
});

it('says what does not compose, and goes on with the next', () => {
  const seen = run(`
    const fault = await kit.composeInThread(own, [{ slug: 'nordbank', sdl: 'type Query { nordbank: Nothing }' }]).catch((error) => error.message);
    return { fault, next: (await kit.checkInThread({ own, candidate: bank('nordbank') })).ok };`);
  expect(seen).toEqual({ fault: expect.stringContaining('does not compose'), next: true });
});

it('takes many at once, one after the other, and each gets its own answer', () => {
  const seen = run(`
    const slugs = ['aabank', 'bbbank', 'ccbank', 'ddbank'];
    const texts = await Promise.all(slugs.map((slug) => kit.composeInThread(own, [bank(slug)])));
    return texts.map((text, index) => slugs.filter((slug) => text.includes(slug)).join() === slugs[index]);`);
  expect(seen).toEqual([true, true, true, true]);
});

it('ends a thread that nobody needs any more, and starts another for who comes then', () => {
  // The minute that a thread waits is a moment here; and it is counted how many were begun and ended.
  const before = `
    const threads = require('node:worker_threads'); const seen = { begun: 0, ended: 0 }; const wait = setTimeout;
    globalThis.setTimeout = (work, ms, ...more) => wait(work, ms === 60_000 ? 20 : ms, ...more);
    threads.Worker = class extends threads.Worker {
      constructor(...given) { super(...given); seen.begun += 1; }
      terminate() { seen.ended += 1; return super.terminate(); }
    }`;
  const seen = run(`
    const pause = () => new Promise((resolve) => wait(resolve, 5));
    const one = await kit.composeInThread(own, [bank('nordbank')]);
    while (seen.ended < 1) await pause();
    const other = await kit.composeInThread(own, [bank('sudbank')]);
    return { texts: [one.includes('nordbank'), other.includes('sudbank')], begun: seen.begun };`, before);
  expect(seen).toEqual({ texts: [true, true], begun: 2 });
});
