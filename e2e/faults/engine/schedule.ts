import { FAILPOINTS, type FailpointName } from '@tael/platform/failpoint';
import type { Random } from './random';

export const SERVICES = ['gateway', 'accounts', 'merchants', 'rewards', 'notifications'] as const;
export type Service = (typeof SERVICES)[number];

/** One fault of a run. `afterMs` is the moment: counted from when the fault before was over. */
export type Fault = { readonly afterMs: number } & (
  | { readonly kind: 'kill'; readonly part: string }
  | { readonly kind: 'point'; readonly service: string; readonly point: FailpointName; readonly nth: number }
  | { readonly kind: 'kill-all'; readonly parts: readonly string[] }
  | { readonly kind: 'pause'; readonly part: string; readonly forMs: number }
  | { readonly kind: 'outage'; readonly part: string; readonly forMs: number }
);

interface Point {
  readonly point: FailpointName;
  readonly service: Service;
}

const ALL_POINTS: readonly Point[] = Object.entries(FAILPOINTS)
  .flatMap(([point, services]) => services.map((service) => ({ point: point as FailpointName, service })));
/** What happens when a day or a deadline is over, and what only merchants' owners or operators do: no load comes there in minutes. */
const RARE = /^(settlement|payout|dispute|setPayoutAccount|setLimit|setFeeSchedule)\./;

/** Every named point that people come to who use the platform, together with a service that passes it. */
export const POINTS: readonly Point[] = ALL_POINTS.filter(({ point }) => !RARE.test(point));

/** Every other named point: `settlement.test.ts` moves the clock to come there. */
export const DAILY_POINTS: readonly Point[] = ALL_POINTS.filter(({ point }) => RARE.test(point));

export const partOf = (service: string, instance: number): string => (instance === 1 ? service : `${service}-${instance}`);

/** How many processes a fault kills. */
export function killsOf(fault: Fault): number {
  if (fault.kind === 'pause') return 0;
  return fault.kind === 'kill-all' ? fault.parts.length : 1;
}

/** In a long run, of a hundred faults so many are of each kind. */
const SHARES: readonly (readonly [number, Fault['kind'] | 'server'])[] = [
  [45, 'kill'], [30, 'point'], [13, 'server'], [4, 'kill-all'], [4, 'pause'], [4, 'outage'],
];

function kindAt(percent: number): Fault['kind'] | 'server' {
  let below = 0;
  for (const [share, kind] of SHARES) {
    below += share;
    if (percent < below) return kind;
  }
  return 'kill';
}

/** Gives the next fault: it follows from the numbers that came before it and from nothing else. */
export function nextFault(random: Random, instances: number): Fault {
  const afterMs = random.between(200, 4_000);
  const kind = kindAt(random.between(0, 99));
  const instance = random.between(1, instances);
  const service = random.pick(SERVICES);
  const length = random.between(1_000, 20_000);
  const { point, service: owner } = random.pick(POINTS);
  const nth = random.between(1, 5);
  const part = partOf(service, instance);
  switch (kind) {
    case 'kill': return { kind, afterMs, part };
    case 'point': return { kind, afterMs, service: owner, point, nth };
    case 'server': return { kind: 'kill', afterMs, part: length % 3 === 0 ? 'kafka' : 'postgres' };
    case 'kill-all': return { kind, afterMs, parts: Array.from({ length: instances }, (_, index) => partOf(service, index + 1)) };
    case 'pause': return { kind, afterMs, part, forMs: length };
    case 'outage': return { kind, afterMs, part: random.pick(['rewards', 'notifications', 'merchants', 'kafka']), forMs: length };
  }
}

/** The faults of a run of at least `kills` kills. */
export function scheduleOf(random: Random, options: { kills: number; instances: number }): Fault[] {
  const faults: Fault[] = [];
  for (let kills = 0; kills < options.kills;) {
    const fault = nextFault(random, options.instances);
    kills += killsOf(fault);
    faults.push(fault);
  }
  return faults;
}

/** One line that says what a fault is. */
export function textOf(fault: Fault): string {
  switch (fault.kind) {
    case 'kill': return `kill -9 ${fault.part}`;
    case 'point': return `kill -9 ${fault.service} at ${fault.point} (pass ${fault.nth})`;
    case 'kill-all': return `kill -9 ${fault.parts.join(' and ')} at once`;
    case 'pause': return `stop ${fault.part} for ${(fault.forMs / 1_000).toFixed(1)} s`;
    case 'outage': return `kill -9 ${fault.part} and keep it down for ${(fault.forMs / 1_000).toFixed(1)} s`;
  }
}
