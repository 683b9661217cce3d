import type { Logger } from '@tael/platform/log';
import { choose, type Health } from './address.domain';
import { NoAnswer, type SubgraphAnswer } from './subgraph.connection';
import { createSubgraphInstance, isBusy, type Patience, type SubgraphInstance, type UpstreamRequest } from './subgraph.instance';

const TICK_MS = 250;
/** Addresses that one request is sent to at most. */
const TRIES_MAX = 3;
/** How long a request for which nobody is there waits for those to be asked once more who were not there before. */
const LOOK_MS = 500;

/** All instances of one subgraph. */
export interface Upstream {
  /**
   * Sends a request to one of the instances, and to another one where that is safe: a query whose connection was lost,
   * anything that was certainly not worked on (no connection, or a refusal with SERVICE_BUSY). Rejects where none
   * answers; at once where none is there.
   */
  post(request: UpstreamRequest): Promise<SubgraphAnswer>;
  /** Gives the address of an instance for a subscription, other than those of `except` where there is one. */
  addressFor(except: ReadonlySet<string>): string | undefined;
  health(): readonly { readonly url: string; readonly health: Health }[];
  close(): void;
}

const isSafeToRepeat = (error: unknown, isQuery: boolean): boolean =>
  error instanceof NoAnswer && (error.neverSent || (isQuery && error.lost));

const wasLost = (failure: unknown): boolean => failure instanceof NoAnswer && failure.lost;
const wasNeverSent = (failure: unknown): boolean => failure instanceof NoAnswer && failure.neverSent;

/** Asks those who were not there whether they are back. All requests that wait share one look. */
function sharedLook(instances: readonly SubgraphInstance[]): () => Promise<void> {
  let looking: Promise<void> | undefined;
  return () =>
    (looking ??= Promise.race([
      Promise.all(instances.map((instance) => instance.lookAgain())),
      new Promise((resolve) => setTimeout(resolve, LOOK_MS).unref()),
    ]).then(() => {
      looking = undefined;
    }));
}

interface Finder {
  find(tried: ReadonlySet<SubgraphInstance>): SubgraphInstance | undefined;
  findOne(asked: ReadonlyMap<SubgraphInstance, unknown>): Promise<SubgraphInstance | undefined>;
}

function createFinder(instances: readonly SubgraphInstance[], now: () => number, chance: () => number): Finder {
  const look = sharedLook(instances);

  function find(tried: ReadonlySet<SubgraphInstance>): SubgraphInstance | undefined {
    const left = instances.map((instance) => (tried.has(instance) ? undefined : instance.state()));
    const index = choose(left, now(), chance);
    return index === undefined ? undefined : instances[index];
  }

  /**
   * Finds an instance that is not among those that were asked; where there is none, sees first who is back. Whoever could
   * not be reached before may be asked again.
   */
  async function findOne(asked: ReadonlyMap<SubgraphInstance, unknown>): Promise<SubgraphInstance | undefined> {
    const failures = [...asked.values()];
    // A query whose kept connection was closed finds the only instance there is on a new one.
    const found = find(new Set(asked.keys())) ?? (wasLost(failures.at(-1)) ? find(new Set()) : undefined);
    if (found) return found;
    const mayBeBack = instances.filter((instance) => !asked.has(instance) || wasNeverSent(asked.get(instance)));
    if (mayBeBack.length === 0) return undefined;
    await look();
    return mayBeBack.find((instance) => instance.state().health === 'up');
  }

  return { find, findOne };
}

export function createUpstream(options: {
  name: string;
  urls: readonly string[];
  patience: Patience;
  log: Logger;
  now?: () => number;
  chance?: () => number;
}): Upstream {
  const { name, urls, patience, log, now = () => performance.now(), chance = Math.random } = options;
  // One that leaves may be the last that is known to be there: who was started again meanwhile is wanted now.
  const onLeft = (): void => instances.forEach((instance) => void instance.lookAgain());
  const instances = urls.map((url) => createSubgraphInstance({ subgraph: name, url, patience, log, now, onLeft }));

  const tick = setInterval(() => {
    for (const instance of instances) instance.probeWhenDue(instances.length > 1);
  }, TICK_MS);
  tick.unref();

  const { find, findOne } = createFinder(instances, now, chance);

  return {
    async post(request) {
      const asked = new Map<SubgraphInstance, unknown>();
      let refusal: SubgraphAnswer | undefined;
      let failure: unknown = new Error(`no address of ${name} answers`);
      for (let tries = 0; tries < TRIES_MAX; tries++) {
        const instance = await findOne(asked);
        if (!instance) break;
        // The last one in the order of the map is the one that was asked last.
        asked.delete(instance);
        asked.set(instance, undefined);
        try {
          const answer = await instance.post(request);
          if (!isBusy(answer)) return answer;
          refusal = answer;
        } catch (error) {
          if (!isSafeToRepeat(error, request.isQuery)) throw error;
          failure = error;
          asked.set(instance, error);
        }
      }
      if (refusal) return refusal;
      throw failure;
    },
    addressFor(except) {
      const excluded = new Set(instances.filter(({ url }) => except.has(url)));
      return (find(excluded) ?? find(new Set()))?.url;
    },
    health: () => instances.map(({ url, state }) => ({ url, health: state().health })),
    close() {
      clearInterval(tick);
      instances.forEach((instance) => instance.close());
    },
  };
}
