import { FAILPOINTS, type FailpointName } from '@tael/platform/failpoint';
import { choose, streamOf } from './random';

export const SERVICES = ['gateway', 'accounts', 'merchants', 'rewards', 'notifications'] as const;
export type Service = (typeof SERVICES)[number];

/** One fault of a run. `afterMs` is the moment: counted from when the fault before was over, or in the long run, where faults overlap, from when what is hit serves again. */
export type Fault = { readonly afterMs: number } & (
  | { readonly kind: 'kill'; readonly part: string }
  | { readonly kind: 'point'; readonly service: string; readonly point: FailpointName; readonly nth: number }
  | { readonly kind: 'kill-all'; readonly parts: readonly string[] }
  | { readonly kind: 'pause'; readonly part: string; readonly forMs: number }
  | { readonly kind: 'outage'; readonly part: string; readonly forMs: number }
);

export interface Point {
  readonly point: FailpointName;
  readonly service: Service;
}

const ALL_POINTS: readonly Point[] = Object.entries(FAILPOINTS)
  .flatMap(([point, services]) => services.map((service) => ({ point: point as FailpointName, service })));
/** What happens when a day or a deadline is over, and what only merchants' owners or operators do: no load comes there in minutes. */
const RARE = /^(settlement|payout|dispute|setPayoutAccount|setLimit|setFeeSchedule|endConsents|consent-order)\./;

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

type Kind = Fault['kind'] | 'server';

/** In a long run, of a hundred faults so many are of each kind. */
const SHARES: Readonly<Record<Kind, number>> = { kill: 45, point: 30, server: 13, 'kill-all': 4, pause: 4, outage: 4 };
const KINDS = Object.keys(SHARES) as Kind[];
const MAY_BE_AWAY = ['rewards', 'notifications', 'merchants', 'kafka'] as const;

/** What a schedule is drawn from. */
export interface Choices {
  readonly seed: number;
  readonly instances: number;
  /** Where it may be killed: every point that people come to, unless told. */
  readonly points?: readonly Point[];
}

const nameOfPoint = ({ service, point }: Point): string => `${service} ${point}`;

/**
 * Gives the n-th fault of a run, counted from 0. Each thing about it is drawn by its own name, and what is chosen from a list by
 * the names in it: another point, kind or service takes some faults for itself and leaves all others as they were.
 */
export function faultAt(n: number, { seed, instances, points = POINTS }: Choices): Fault {
  const number = (what: string, least: number, most: number): number => streamOf(seed, 'fault', n, what).between(least, most);
  const among = <T extends string>(what: string, names: readonly T[]): T => choose(names, { nameOf: (name) => name }, seed, 'fault', n, what);
  const kind = choose(KINDS, { nameOf: (name) => name, weightOf: (name) => SHARES[name] }, seed, 'fault', n, 'kind');
  const afterMs = number('moment', 200, 4_000);
  const service = among('service', SERVICES);
  const part = among('part', Array.from({ length: instances }, (_, index) => partOf(service, index + 1)));
  switch (kind) {
    case 'kill': return { kind, afterMs, part };
    case 'point': {
      const { point, service: owner } = choose(points, { nameOf: nameOfPoint }, seed, 'fault', n, 'point');
      return { kind, afterMs, service: owner, point, nth: number('pass', 1, 5) };
    }
    case 'server': return { kind: 'kill', afterMs, part: number('server', 1, 3) === 1 ? 'kafka' : 'postgres' };
    case 'kill-all': return { kind, afterMs, parts: Array.from({ length: instances }, (_, index) => partOf(service, index + 1)) };
    case 'pause': return { kind, afterMs, part, forMs: number('length', 1_000, 20_000) };
    case 'outage': return { kind, afterMs, part: among('away', MAY_BE_AWAY), forMs: number('length', 1_000, 20_000) };
  }
}

/** A piece of a seed's faults, and how many kills lie before its first. */
export interface Piece {
  readonly from: number;
  readonly faults: readonly Fault[];
}

/**
 * Gives the faults of at least `kills` kills, from the first one that begins at `from` kills of the seed or later: a long run may be made in pieces, and what
 * broke near the end of one is met again without the hours before it.
 */
export function pieceOf({ kills: goal, from: least, ...choices }: Choices & { kills: number; from: number }): Piece {
  const faults: Fault[] = [];
  let from: number | undefined;
  for (let n = 0, kills = 0; from === undefined || kills < from + goal; n += 1) {
    const fault = faultAt(n, choices);
    // A fault that kills two is done whole, by the piece in which it begins.
    if (kills >= least) from ??= kills;
    if (from !== undefined) faults.push(fault);
    kills += killsOf(fault);
  }
  return { from, faults };
}

/** The faults of a run of at least `kills` kills. */
export const scheduleOf = (choices: Choices & { kills: number }): readonly Fault[] => pieceOf({ ...choices, from: 0 }).faults;

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
