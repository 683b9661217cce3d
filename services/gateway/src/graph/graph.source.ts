import type { Logger } from '@tael/platform/log';
import { counter } from '@tael/platform/metrics';
import { readFile, stat } from 'node:fs/promises';
import type { Fit, LeftOut } from '@tael/partner-graph';
import { NO_SUBGRAPHS, type PartnerSubgraph, type PartnerSubgraphSet, type WishedSubgraph } from '../partner-subgraphs/partner-subgraph.list';
import type { Graph } from './graph.runtime';

const POLL_MS = 1_000;
/** What failed, and who does not fit, is tried again: it may have been this machine. */
const RETRY_MS = 30_000;

const changes = counter({ name: 'tael_graph_changes_total', help: 'New graphs, by whether they could be taken.', labels: ['outcome'] });

/** The graph that serves now. */
export interface GraphSource {
  current(): Graph;
  close(): Promise<void>;
}

/** The banks whose subgraphs come into the graph of a file. */
export interface GraphGuests {
  current(): PartnerSubgraphSet;
  /** Gives the supergraph of the house and of as many of these as fit; `running` are in the graph that serves. */
  compose(wished: readonly WishedSubgraph[], running: readonly PartnerSubgraph[]): Promise<Fit<PartnerSubgraph>>;
  /** Is told who does not fit, after each attempt. */
  leftOut(leftOut: readonly LeftOut<PartnerSubgraph>[]): void;
  /** Is told who is in the graph that serves, once the one before has ended. */
  settled(subgraphs: readonly PartnerSubgraph[]): void;
}

export interface GraphSourceOptions {
  file: string;
  build: (supergraph: string, guests: readonly PartnerSubgraph[]) => Promise<Graph>;
  guests?: GraphGuests | undefined;
  log: Logger;
  pollMs?: number;
  retryMs?: number | undefined;
}

const signatureOf = async (file: string): Promise<string> => {
  const { mtimeMs, size, ino } = await stat(file);
  return `${mtimeMs}/${size}/${ino}`;
};

interface Made {
  readonly graph: Graph;
  readonly guests: readonly PartnerSubgraph[];
  /** What was asked for; undefined where not all of it fits, so that it is tried again. */
  readonly asked: string | undefined;
  /** What it was made of. */
  readonly key: string;
}

const HOUSE: Fit<PartnerSubgraph> = { supergraph: undefined, taken: [], leftOut: [] };

/** Looks again and again, one look at a time; `stop` waits for the one under way. */
function startPoll(look: () => Promise<void>, { pollMs, log, file }: { pollMs: number; log: Logger; file: string }): { stop(): Promise<void> } {
  let looking: Promise<void> | undefined;
  const poll = setInterval(() => {
    looking ??= look()
      .catch((error: unknown) => log.error({ error, file }, 'the graph cannot be looked at'))
      .finally(() => (looking = undefined));
  }, pollMs);
  poll.unref();
  return {
    async stop() {
      clearInterval(poll);
      await looking;
    },
  };
}

/**
 * Serves the graph of a file, with the subgraphs of banks where there are some, and takes a new one when the file or the banks
 * change: it is built beside the old one, which goes on until the new one stands, and then finishes what runs on it. A bank that does
 * not fit is left out and told of; where the house's own is broken that is logged, and the old graph stays.
 */
export async function createGraphSource(options: GraphSourceOptions): Promise<GraphSource> {
  const { file, build, guests, log, pollMs = POLL_MS, retryMs = RETRY_MS } = options;
  const signature = async (): Promise<string> => `${await signatureOf(file)} ${guests?.current().version ?? ''}`;

  /** Gives nothing new where it would be what there is. */
  async function make({ version, subgraphs }: PartnerSubgraphSet, former?: Made): Promise<Made | undefined> {
    const text = await readFile(file, 'utf8');
    // No banks is the house alone, whatever merchants calls that.
    const wanted = `${subgraphs.length > 0 ? version : ''}\n${text}`;
    if (wanted === former?.asked) return undefined;
    const { supergraph = text, taken, leftOut } = subgraphs.length > 0 ? await guests!.compose(subgraphs, former?.guests ?? []) : HOUSE;
    guests?.leftOut(leftOut);
    const asked = leftOut.length === 0 ? wanted : undefined;
    const key = `${taken.map(({ id }) => id).join()}\n${text}`;
    if (key === former?.key) return { ...former, asked };
    building = taken;
    return { graph: await build(supergraph, taken), guests: taken, asked, key };
  }

  let seen = await signature();
  // A former graph that ends while one is built must not take its ways with it.
  let building: readonly PartnerSubgraph[] = [];
  // The house's own graph first: it must stand whatever a bank has published.
  let made = (await make(NO_SUBGRAPHS))!;
  let unfitAt: number | undefined;

  async function reload(): Promise<void> {
    const found = await signature();
    const isRetry = unfitAt !== undefined && performance.now() - unfitAt > retryMs;
    if (found === seen && !isRetry) return;
    seen = found;
    unfitAt = undefined;
    try {
      take((await make(guests?.current() ?? NO_SUBGRAPHS, made)) ?? made);
      if (made.asked === undefined) unfitAt = performance.now();
    } catch (error) {
      unfitAt = performance.now();
      changes.inc({ outcome: 'FAILED' });
      log.error({ error, file }, 'the new graph cannot be used; the former one stays');
    } finally {
      building = [];
    }
  }

  function take(next: Made): void {
    const old = made;
    made = next;
    if (next.graph === old.graph) return;
    changes.inc({ outcome: 'TAKEN' });
    log.info({ file, guests: next.guests.map(({ slug }) => slug) }, 'the graph has changed');
    old.graph.retire()
      .catch((error: unknown) => log.error({ error }, 'the former graph did not end cleanly'))
      .finally(() => guests?.settled([...made.guests, ...building]));
  }

  // A gateway that is started again has the banks from its first answer on.
  if (guests && guests.current().subgraphs.length > 0) {
    seen = '';
    await reload();
  }
  const poll = startPoll(reload, { pollMs, log, file });

  return {
    current: () => made.graph,
    async close() {
      await poll.stop();
      await made.graph.retire();
    },
  };
}
