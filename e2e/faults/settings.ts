/** The seed of what a run chooses: another one with FAULTS_SEED. The report names it. */
export const SEED = Number(process.env['FAULTS_SEED'] ?? 4);

/** How many processes of each service run. */
export const INSTANCES = Number(process.env['FAULTS_INSTANCES'] ?? 2);

/** What a test may need of the machine, and what to say where it is not there. */
const NEEDS = {
  kafka: 'there is no broker: EVENT_BUS is not kafka',
  disk: 'a disk of its own cannot be made: mounting a tmpfs needs root and the right to mount',
  prlimit: 'prlimit of util-linux is not there',
  instances: 'there is one process of each service: FAULTS_INSTANCES is 1',
} as const;

export type Need = keyof typeof NEEDS;

/**
 * What becomes of a test that needs something of the machine. Where it is not there the test is skipped, and says why; in CI it fails, since nobody
 * reads there what was skipped, unless FAULTS_MAY_SKIP names the need: a machine that cannot have it has then been looked at by somebody.
 */
export function fateOf(need: Need, has: boolean, env: NodeJS.ProcessEnv): 'run' | 'skip' | 'fail' {
  if (has) return 'run';
  const mayBeSkipped = (env['FAULTS_MAY_SKIP'] ?? '').split(',').map((name) => name.trim()).includes(need);
  return !env['CI'] || mayBeSkipped ? 'skip' : 'fail';
}

type Named = (name: string, work: () => Promise<void>) => void;
type Each = <Row extends readonly unknown[]>(rows: readonly Row[]) => (name: string, work: (...row: Row) => Promise<void>) => void;

const named = (name: string, why: string): string => `${name} [${why}]`;

/** `it` for what needs something of the machine: the reason stands in the name of what is not run, and so in every report. */
export function where(need: Need, has: boolean): Named & { readonly each: Each } {
  const why = NEEDS[need];
  const missing = async (): Promise<void> => {
    throw new Error(`${why}. In CI that is a failure; FAULTS_MAY_SKIP=${need} skips it.`);
  };
  const fate = fateOf(need, has, process.env);
  const without = fate === 'skip' ? it.skip : it;
  const one: Named = (name, work) => {
    if (fate === 'run') it(name, work);
    else without(named(name, why), missing);
  };
  const each: Each = (rows) => (name, work) => {
    if (fate === 'run') it.each(rows as readonly any[])(name, work as (...row: any[]) => Promise<void>);
    else without.each(rows as readonly any[])(named(name, why), missing);
  };
  return Object.assign(one, { each });
}

/** For what a second process of a service does while the first one cannot. */
export const onTwo = where('instances', INSTANCES > 1);

/** Whether a broker must be there. */
export const onKafka = where('kafka', process.env['EVENT_BUS'] === 'kafka');
