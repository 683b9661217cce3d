import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

// What is compiled, as the service runs it: there the thread is.
const DIST = join(__dirname, '..', 'dist', 'codes', 'kit.thread.js');

/** Runs a program with the drawer as it is compiled; gives what it printed as JSON. A thread that waits for more must not keep the process: `run` waits for its end. */
function run(program: string): any {
  const code = `const { KitDrawer } = require(${JSON.stringify(DIST)});
    const poster = (name) => ({ payload: 'https://tael.example/none', name, storeName: 'Ferry', address: '1 Main Street', at: new Date(0) });
    const fault = (promise) => promise.then(() => 'none', (error) => error.message);
    (async () => { ${program} })().then((value) => process.stdout.write(JSON.stringify(value)));`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['-e', code], { encoding: 'utf8', timeout: 60_000 });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

it('draws beside the process, which goes on meanwhile', () => {
  const rare = Array.from({ length: 120 }, (_, index) => String.fromCodePoint(0x4e00 + index * 170)).join('');
  const seen = run(`
    let [longest, last] = [0, performance.now()];
    const ticking = setInterval(() => { longest = Math.max(longest, performance.now() - last); last = performance.now(); }, 5);
    const drawer = new KitDrawer();
    const kits = await Promise.all(['Corner', '街角咖啡', ${JSON.stringify(rare)}].map((name) => drawer.draw(poster(name))));
    const took = performance.now(); clearInterval(ticking);
    return { names: kits.map(({ printedName }) => printedName), png: kits.map(({ png }) => png.slice(0, 8)), pdf: kits.map(({ pdf }) => Buffer.from(pdf, 'base64').toString('latin1', 0, 5)),
      svg: kits.map(({ svg }) => svg.startsWith('<svg')), moved: longest < took / 2 };`);
  expect(seen).toMatchObject({
    names: ['Corner', '街角咖啡', expect.stringMatching(/^.{60,120}$/u)], png: ['iVBORw0K', 'iVBORw0K', 'iVBORw0K'], pdf: ['%PDF-', '%PDF-', '%PDF-'], svg: [true, true, true], moved: true,
  });
});

it('draws names of several scripts at once in its first kit as in any', () => {
  const { names, isSame } = run(`
    const mixed = { ...poster('مقهى 街角'), storeName: 'קפה', address: 'ร้านกาแฟ Кафе' };
    const first = await new KitDrawer().draw(mixed);
    const other = new KitDrawer();
    for (const name of [mixed.name, mixed.storeName, mixed.address]) await other.draw({ ...poster(name), storeName: name, address: name });
    const later = await other.draw(mixed);
    return { names: [first.printedName, later.printedName], isSame: ['svg', 'png', 'pdf'].map((kind) => first[kind] === later[kind]) };`);
  expect(names).toEqual(['مقهى 街角', 'مقهى 街角']);
  expect(isSame).toEqual([true, true, true]);
});

it('ends a drawing that takes too long, and draws the next', () => {
  expect(run(`
    const bounds = { patienceMs: 1, memoryMb: 256 }; const drawer = new KitDrawer(undefined, bounds);
    const faults = [await fault(drawer.draw(poster('Corner'))), await fault(drawer.draw(poster('Corner')))];
    bounds.patienceMs = 20_000;
    return [...faults, (await drawer.draw(poster('Corner'))).printedName];`)).toEqual(['a promotion kit was not drawn within 1 ms', 'a promotion kit was not drawn within 1 ms', 'Corner']);
});

it('says where a drawing fails, and draws the next', () => {
  expect(run(`
    const drawer = new KitDrawer();
    const faults = await fault(drawer.draw({ ...poster('Corner'), payload: 'x'.repeat(5_000) }));
    return [faults, (await drawer.draw(poster('Corner'))).printedName];`)).toEqual([expect.stringContaining('amount of data is too big'), 'Corner']);
});
