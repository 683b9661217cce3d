import { fateOf, type Need } from './settings';

describe('a test that needs something of the machine', () => {
  it.each<[string, Need, boolean, NodeJS.ProcessEnv, 'run' | 'skip' | 'fail']>([
    ['it is there', 'disk', true, {}, 'run'],
    ['it is there, in CI', 'disk', true, { CI: 'true' }, 'run'],
    ['it is there, though it may be skipped', 'disk', true, { CI: 'true', FAULTS_MAY_SKIP: 'disk' }, 'run'],
    ['it is not there', 'disk', false, {}, 'skip'],
    ['it is not there, and CI is set to nothing', 'prlimit', false, { CI: '' }, 'skip'],
    ['it is not there, in CI', 'prlimit', false, { CI: 'true' }, 'fail'],
    ['no broker, in CI', 'kafka', false, { CI: '1' }, 'fail'],
    ['one process of each service, in CI', 'instances', false, { CI: '1' }, 'fail'],
    ['one process of each service, by hand', 'instances', false, {}, 'skip'],
    ['it is not there, in CI, and may be skipped', 'disk', false, { CI: 'true', FAULTS_MAY_SKIP: 'kafka, disk' }, 'skip'],
    ['it is not there, in CI, and something else may be skipped', 'disk', false, { CI: 'true', FAULTS_MAY_SKIP: 'prlimit,diskette' }, 'fail'],
  ])('%s', (_what, need, has, env, fate) => expect(fateOf(need, has, env)).toBe(fate));
});
