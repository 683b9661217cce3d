import type { Logger } from '@tael/platform/log';
import {
  type AddressState,
  answered,
  asked,
  busy,
  type Finding,
  isProbeDue,
  leaving,
  newAddress,
  probed,
  refused,
  unanswered,
} from './address.domain';
import { createSubgraphConnection, NoAnswer, type SubgraphAnswer, type SubgraphConnection } from './subgraph.connection';

const BUSY_MS = 1_000;

/** How long an answer may take. */
export interface Patience {
  /** A query that one subgraph holds up keeps the rest of the answer from the client. */
  readonly queryMs: number;
  /** Money may take a while under load; to give up on it leaves the client in doubt. */
  readonly mutationMs: number;
}

export interface UpstreamRequest {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly isQuery: boolean;
}

/** One instance of a subgraph with what is known of it: every answer and every silence changes that. */
export interface SubgraphInstance {
  readonly url: string;
  state(): AddressState;
  /** Sends a request to this instance only. Rejects with {@link NoAnswer}. */
  post(request: UpstreamRequest): Promise<SubgraphAnswer>;
  /** Asks the instance whether it is ready, where it is time for that. */
  probeWhenDue(isOneOfMany: boolean): void;
  /** Asks an instance that was not there whether it is back, whether it is time for that or not. */
  lookAgain(): Promise<void>;
  close(): void;
}

/** Says whether a subgraph refused a request before it did anything: it says so itself, a proxy on the way does not. */
export function isBusy({ status, body }: SubgraphAnswer): boolean {
  return status === 503 && body.includes('"SERVICE_BUSY"');
}

async function ask(connection: SubgraphConnection): Promise<Finding> {
  try {
    return (await connection.probe()) === 503 ? 'unready' : 'ready';
  } catch (error) {
    return error instanceof NoAnswer && error.neverSent ? 'refused' : 'nothing';
  }
}

export function createSubgraphInstance(options: {
  subgraph: string;
  url: string;
  patience: Patience;
  log: Logger;
  now: () => number;
  /** Is called when it takes no more requests. */
  onLeft?: () => void;
}): SubgraphInstance {
  const { subgraph, url, patience, log, now, onLeft } = options;
  const connection = createSubgraphConnection(url);
  let state = newAddress();
  let probing: Promise<void> | undefined;

  function change(next: AddressState): void {
    const before = state.health;
    state = next;
    if (next.health === before) return;
    // What is idle there leads to somebody who leaves or has left.
    if (next.health !== 'up') connection.closeIdle();
    log.info({ subgraph, address: url, health: next.health }, 'an address of a subgraph has changed');
    if (before === 'up') onLeft?.();
  }

  async function probeOnce(): Promise<void> {
    change({ ...state, isProbing: true, probedAt: now() });
    const finding = await ask(connection);
    change(probed(state, now(), finding));
  }

  const probe = (): Promise<void> => (probing ??= probeOnce().finally(() => (probing = undefined)));

  return {
    url,
    state: () => state,
    async post({ body, headers, isQuery }) {
      change(asked(state, now()));
      try {
        const answer = await connection.post(body, headers, isQuery ? patience.queryMs : patience.mutationMs);
        change(answered(state, now()));
        if (answer.isLast) change(leaving(state, now()));
        if (isBusy(answer)) change(busy(state, now(), (answer.retryAfter ?? 0) * 1_000 || BUSY_MS));
        return answer;
      } catch (error) {
        change(unanswered(state));
        if (error instanceof NoAnswer && error.neverSent) change(refused(state, now()));
        throw error;
      }
    },
    probeWhenDue(isOneOfMany) {
      if (isProbeDue(state, now(), isOneOfMany)) void probe();
    },
    lookAgain: () => (state.health === 'up' ? Promise.resolve() : probe()),
    close: () => connection.close(),
  };
}
