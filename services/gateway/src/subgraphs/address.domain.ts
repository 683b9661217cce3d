/** Silence of an address that has been asked, before it is looked at whether it is still there. */
export const SILENCE_MS = 2_000;
/** How often each of several addresses is asked whether it is ready. */
export const PROBE_MS = 500;
const RETRY_MIN_MS = 250;
const RETRY_MAX_MS = 2_000;
/** A busy address is passed over at most this long, whatever it says. */
const BUSY_MAX_MS = 1_000;

/**
 * `up`: takes requests. `unready`: answers, but says that it is not ready or about to stop. `refusing`: no connection
 * can be made. `silent`: takes connections and answers nothing.
 */
export type Health = 'up' | 'unready' | 'refusing' | 'silent';

/** What is known of one instance of a subgraph. Times are in milliseconds. */
export interface AddressState {
  readonly health: Health;
  /** Requests that it has not answered yet. */
  readonly inFlight: number;
  /** When it answered last, or was first asked after it had answered everything. */
  readonly heardAt: number;
  readonly probedAt: number;
  readonly isProbing: boolean;
  /** Probes in a row that found it away. */
  readonly failures: number;
  readonly busyUntil: number;
}

export const newAddress = (): AddressState => ({
  health: 'up',
  inFlight: 0,
  heardAt: 0,
  probedAt: 0,
  isProbing: false,
  failures: 0,
  busyUntil: 0,
});

export function asked(state: AddressState, now: number): AddressState {
  return { ...state, inFlight: state.inFlight + 1, heardAt: state.inFlight === 0 ? now : state.heardAt };
}

/** Something came back, whatever it said. */
export function answered(state: AddressState, now: number): AddressState {
  const isBack = state.health === 'refusing' || state.health === 'silent';
  return { ...state, inFlight: state.inFlight - 1, heardAt: now, ...(isBack ? { health: 'up', failures: 0 } : {}) };
}

/** A request ended without an answer. */
export function unanswered(state: AddressState): AddressState {
  return { ...state, inFlight: state.inFlight - 1 };
}

export function refused(state: AddressState, now: number): AddressState {
  if (state.health === 'refusing') return state;
  return { ...state, health: 'refusing', failures: 0, probedAt: now };
}

/** It says that it takes no more: the last answer on a connection, or a probe that told so. */
export function leaving(state: AddressState, now: number): AddressState {
  return state.health === 'up' ? { ...state, health: 'unready', failures: 0, probedAt: now } : state;
}

export function busy(state: AddressState, now: number, retryAfterMs: number): AddressState {
  return { ...state, busyUntil: now + Math.min(retryAfterMs, BUSY_MAX_MS) };
}

/** What a probe found: readiness, no connection, or nothing at all within its time. */
export type Finding = 'ready' | 'unready' | 'refused' | 'nothing';

export function probed(state: AddressState, now: number, finding: Finding): AddressState {
  const base = { ...state, isProbing: false };
  switch (finding) {
    case 'ready':
      return { ...base, health: 'up', failures: 0, heardAt: now };
    case 'unready':
      return { ...base, health: 'unready', failures: state.failures + 1, heardAt: now };
    case 'refused':
      return { ...base, health: 'refusing', failures: state.failures + 1 };
    case 'nothing': {
      // A probe may wait behind work; what else was answered since it was sent shows that somebody is there.
      const isThere = state.heardAt > state.probedAt && state.health !== 'silent';
      return isThere ? base : { ...base, health: 'silent', failures: state.failures + 1 };
    }
  }
}

const retryMs = (failures: number): number => Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(failures, 8));

/** Says whether it is time to ask an address whether it is ready. */
export function isProbeDue(state: AddressState, now: number, isOneOfMany: boolean): boolean {
  if (state.isProbing) return false;
  if (state.health !== 'up') return now - state.probedAt >= retryMs(state.failures);
  if (state.inFlight > 0 && now - state.heardAt >= SILENCE_MS && now - state.probedAt >= SILENCE_MS) return true;
  return isOneOfMany && now - state.probedAt >= PROBE_MS;
}

// Best first. An address that refuses is tried by one request at a time, which learns at once; one that is silent by
// none: it would wait for its whole patience.
function rankOf(state: AddressState, now: number): number | undefined {
  switch (state.health) {
    case 'up':
      return now < state.busyUntil ? 1 : 0;
    case 'unready':
      return 2;
    case 'refusing':
      return state.inFlight === 0 ? 3 : undefined;
    case 'silent':
      return undefined;
  }
}

/**
 * Chooses where a request goes: of the best addresses two by chance, and of these the one with less to do. Where no
 * address is ready those that are not have to do: a part that all of them miss does not stop what needs it not.
 * @param chance - gives a number from 0 up to 1
 * @returns the index, or undefined where nobody can be asked
 */
export function choose(
  states: readonly (AddressState | undefined)[],
  now: number,
  chance: () => number,
): number | undefined {
  let best: number[] = [];
  let bestRank = Infinity;
  states.forEach((state, index) => {
    const rank = state && rankOf(state, now);
    if (rank === undefined || rank > bestRank) return;
    if (rank < bestRank) best = [];
    bestRank = rank;
    best.push(index);
  });
  if (best.length <= 1) return best[0];
  const first = Math.floor(chance() * best.length);
  const second = (first + 1 + Math.floor(chance() * (best.length - 1))) % best.length;
  const [one, other] = [best[first]!, best[second]!];
  return states[other]!.inFlight < states[one]!.inFlight ? other : one;
}
