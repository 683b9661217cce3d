import pg from 'pg';
import type { QueryRunner } from 'typeorm';

export interface WatchedClientConfig extends pg.ClientConfig {
  /** How long the server may say nothing while it owes an answer: a little more than its `statement_timeout`. */
  silenceMs?: number;
}

/** Room beyond a statement's own time: the server's word that the time is over has to get here. */
export const GRACE_MS = 2_000;

// An idle connection whose peer is gone is found by the system, within 20 s: Node asks ten times, a second apart.
const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 };

/**
 * For the server's end of a session: where the client is gone without a word, the session and its locks end within 20 s and
 * not after the two hours that most systems wait. For the `options` of a session; without effect on a local socket.
 */
export const SERVER_KEEP_ALIVE =
  '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=3 -c tcp_keepalives_count=3 -c tcp_user_timeout=20000';

/** What the driver knows of its session beyond its published types. */
export interface SessionState {
  readonly readyForQuery: boolean;
  /** I: outside of a transaction. */
  getTransactionStatus(): 'I' | 'T' | 'E' | null;
  readonly connection: {
    readonly stream: import('node:net').Socket;
    /** The texts that are prepared on the server, by name. */
    readonly parsedStatements: Readonly<Record<string, string>>;
  };
}

/**
 * A session that gives up a server which has said nothing for `silenceMs` while it owed an answer: behind a connection
 * whose other end is gone without a word (no FIN, no RST) nothing else would ever end the wait. The connection is
 * destroyed, so that no pool lends it out again, and what was under way fails with ETIMEDOUT: its outcome is unknown.
 */
export class WatchedClient extends pg.Client {
  private readonly silenceMs: number;

  constructor(config: WatchedClientConfig = {}) {
    super({ ...KEEP_ALIVE, ...config });
    const { silenceMs } = config;
    this.silenceMs = silenceMs ?? 0;
    if (silenceMs === undefined) return;
    const state = this as unknown as SessionState;
    this.once('connect', () => {
      const { stream } = state.connection;
      // The clock begins anew with every byte in either direction, and costs no timer a query.
      stream.setTimeout(silenceMs);
      stream.on('timeout', () => {
        if (!state.readyForQuery) stream.destroy(new ServerSilent(silenceMs));
      });
    });
  }

  /** Ends the watch, until what it gives is called. */
  waitWithoutEnd(): () => void {
    const { stream } = (this as unknown as SessionState).connection;
    stream.setTimeout(0);
    return () => void stream.setTimeout(this.silenceMs);
  }
}

/**
 * Lets statements of a session take as long as they need, until what it gives is called: for a migration, or a proof of all books, whose statements have no
 * limit at the server either. A server that is gone is found by keep-alive then, unless it stands still itself.
 */
export async function waitWithoutEnd(runner: Pick<QueryRunner, 'connect'>): Promise<() => void> {
  const session: unknown = await runner.connect();
  return session instanceof WatchedClient ? session.waitWithoutEnd() : () => undefined;
}

/** The server has not answered in time; whether it did what it was asked is not known. */
class ServerSilent extends Error {
  readonly code = 'ETIMEDOUT';

  constructor(silenceMs: number) {
    super(`the database has said nothing for ${silenceMs} ms`);
    this.name = 'ServerSilent';
  }
}
