import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SUBSCRIPTIONS } from './groups';
import { ROOT } from './stack.files';

const SERVICES = join(ROOT, 'services');

function sourceOf(service: string): string {
  const files = readdirSync(join(SERVICES, service, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  return files.map((name) => readFileSync(join(SERVICES, service, 'src', name), 'utf8')).join('\n');
}

/** The service that starts a group, by its source: with the name in its place, or in a constant. */
const CALLED = /\bgroup: '([^']+)'|\bCONSUMER_GROUP = '([^']+)'/g;
const groupsOf = (service: string): string[] => [...sourceOf(service).matchAll(CALLED)].map(([, here, constant]) => (here ?? constant)!);
const STARTED = new Map(readdirSync(SERVICES).flatMap((service) => groupsOf(service).map((group) => [group, service])));

describe('the consumer groups', () => {
  it('are those that services start', () => expect([...STARTED.keys()].sort()).toEqual(Object.keys(SUBSCRIPTIONS).sort()));

  it.each(Object.keys(SUBSCRIPTIONS))('F22: the recorded events of all versions are fed to %s by a test', (group) => {
    const file = join(SERVICES, STARTED.get(group)!, 'test', 'corpus.int.test.ts');
    expect({ file, isThere: existsSync(file) }).toEqual({ file, isThere: true });
    const text = readFileSync(file, 'utf8');
    // Its own name, or the constant that bears it.
    expect(text).toMatch(new RegExp(`'${group}'|\\bCONSUMER_GROUP\\b`));
    expect(text).toMatch(/\brecordedReplay\(/);
    expect(text).toMatch(/^it\('F22: /m);
  });
});
