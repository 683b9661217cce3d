import type { Logger } from '@tael/platform/log';
import { choose, type Health } from './address.domain';
import { NoAnswer, type SubgraphAnswer } from './subgraph.connection';
import { createSubgraphInstance, isBusy, type Patience, type SubgraphInstance, type UpstreamRequest } from './subgraph.instance';

const TICK_MS = 250;
/** Addresses that one request is sent to at most. */
const TRIES_MAX = 3;

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

export function createUpstream(options: {
  name: string;
  urls: readonly string[];
  patience: Patience;
  log: Logger;
  now?: () => number;
  chance?: () => number;
}): Upstream {
  const { name, urls, patience, log, now = () => performance.now(), chance = Math.random } = options;
  const instances = urls.map((url) => createSubgraphInstance({ subgraph: name, url, patience, log, now }));

  const tick = setInterval(() => {
    for (const instance of instances) instance.probeWhenDue(instances.length > 1);
  }, TICK_MS);
  tick.unref();

  function find(tried: ReadonlySet<SubgraphInstance>): SubgraphInstance | undefined {
    const left = instances.map((instance) => (tried.has(instance) ? undefined : instance.state()));
    const index = choose(left, now(), chance);
    return index === undefined ? undefined : instances[index];
  }

  return {
    async post(request) {
      const tried = new Set<SubgraphInstance>();
      let refusal: SubgraphAnswer | undefined;
      let failure: unknown = new Error(`no address of ${name} answers`);
      for (let tries = 0; tries < TRIES_MAX; tries++) {
        // A query whose kept connection was closed finds the only instance there is on a new one.
        const instance = find(tried) ?? (wasLost(failure) ? find(new Set()) : undefined);
        if (!instance) break;
        tried.add(instance);
        try {
          const answer = await instance.post(request);
          if (!isBusy(answer)) return answer;
          refusal = answer;
        } catch (error) {
          if (!isSafeToRepeat(error, request.isQuery)) throw error;
          failure = error;
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
