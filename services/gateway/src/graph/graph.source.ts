import type { Logger } from '@tael/platform/log';
import { readFile, stat } from 'node:fs/promises';
import type { Graph } from './graph.runtime';

const POLL_MS = 1_000;

/** The graph that serves now. */
export interface GraphSource {
  current(): Graph;
  close(): Promise<void>;
}

export interface GraphSourceOptions {
  file: string;
  build: (supergraph: string) => Promise<Graph>;
  log: Logger;
  pollMs?: number;
}

const signatureOf = async (file: string): Promise<string> => {
  const { mtimeMs, size, ino } = await stat(file);
  return `${mtimeMs}/${size}/${ino}`;
};

/**
 * Serves the graph of a file and takes a new one when the file changes: it is built beside the old one, which goes on
 * until the new one stands, and then finishes what runs on it. A broken file is logged, and the old graph stays.
 */
export async function createGraphSource(options: GraphSourceOptions): Promise<GraphSource> {
  const { file, build, log, pollMs = POLL_MS } = options;
  let signature = await signatureOf(file);
  let text = await readFile(file, 'utf8');
  let graph = await build(text);

  async function reload(): Promise<void> {
    const found = await signatureOf(file);
    if (found === signature) return;
    signature = found;
    const next = await readFile(file, 'utf8');
    if (next === text) return;
    const built = await build(next);
    const old = graph;
    graph = built;
    text = next;
    log.info({ file }, 'the graph has changed');
    old.retire().catch((error: unknown) => log.error({ error }, 'the former graph did not end cleanly'));
  }

  let reloading: Promise<void> | undefined;
  const poll = setInterval(() => {
    reloading ??= reload()
      .catch((error: unknown) => log.error({ error, file }, 'the new graph cannot be used; the former one stays'))
      .finally(() => (reloading = undefined));
  }, pollMs);
  poll.unref();

  return {
    current: () => graph,
    async close() {
      clearInterval(poll);
      await reloading;
      await graph.retire();
    },
  };
}
