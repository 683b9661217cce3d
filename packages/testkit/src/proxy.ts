import { connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';

/** A real TCP hop in front of a server: the network of those who use its address, for better or worse. */
export interface Proxy {
  readonly port: number;
  /** The server's address through the hop. */
  readonly url: string;
  /** Delays what goes through, in each direction. */
  delay(milliseconds: number): void;
  /** Lets so many bytes a second through, in each direction of each connection; Infinity lets all through. */
  limit(bytesPerSecond: number): void;
  /** Takes what is sent and hands nothing on, in open connections and in new ones: nobody is told. */
  blackHole(): void;
  /** Resets every connection; new ones are refused. */
  cut(): Promise<void>;
  /**
   * Waits for a client that has sent `having` and then sends `text`: hands that on, and resets the client's connection
   * before an answer comes back.
   */
  resetAfter(text: string, having?: string): Promise<void>;
  /** No delay, no limit, no hole; connections are taken again. What was swallowed stays lost: its connections are reset. */
  mend(): Promise<void>;
  close(): Promise<void>;
}

interface State {
  delayMs: number;
  bytesPerSecond: number;
  hole: boolean;
  trap: { text: string; having: string; sprung: () => void } | undefined;
  /** Clients that are about to be reset: the server may answer before that, and they must not hear it. */
  readonly trapped: WeakSet<Socket>;
}

/** Starts a proxy in front of the server of `url`, which need not be there yet. */
export async function proxyTo(url: string, options: { port?: number } = {}): Promise<Proxy> {
  const target = new URL(url);
  const state: State = { delayMs: 0, bytesPerSecond: Infinity, hole: false, trap: undefined, trapped: new WeakSet() };
  const sockets = new Set<Socket>();
  const swallowed = new Set<Socket>();
  const server = createServer((inbound) => {
    const outbound = connect(Number(target.port), target.hostname);
    for (const socket of [inbound, outbound]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        // In a hole nobody learns that the other end is gone.
        if (!state.hole) [inbound, outbound].forEach((one) => one.destroy());
      });
    }
    inbound.pipe(passage(state, inbound, swallowed, true)).pipe(outbound);
    outbound.pipe(passage(state, inbound, swallowed, false)).pipe(inbound);
  });
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', () => resolve()));
  const cut = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    sockets.forEach((socket) => socket.resetAndDestroy());
    await closed;
  };
  await listen(options.port ?? 0);
  const { port } = server.address() as { port: number };
  const hop = new URL(url);
  hop.port = String(port);
  return {
    port,
    url: hop.toString(),
    delay: (milliseconds) => void (state.delayMs = milliseconds),
    limit: (bytesPerSecond) => void (state.bytesPerSecond = bytesPerSecond),
    blackHole: () => void (state.hole = true),
    cut,
    resetAfter: (text, having = '') => new Promise((sprung) => (state.trap = { text, having, sprung })),
    async mend() {
      Object.assign(state, { delayMs: 0, bytesPerSecond: Infinity, hole: false, trap: undefined });
      swallowed.forEach((socket) => socket.resetAndDestroy());
      swallowed.clear();
      if (!server.listening) await listen(port);
    },
    close: async () => {
      state.hole = false;
      if (server.listening) await cut();
    },
  };
}

/** One direction of one connection. Delay and limit keep the order: each chunk waits for the one before it. */
function passage(state: State, client: Socket, swallowed: Set<Socket>, isFromClient: boolean): Transform {
  // The trap for which this connection has sent what it must have sent before.
  let marked: State['trap'];
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (state.hole) {
        swallowed.add(client);
        return done();
      }
      const hand = (): void => {
        if (!isFromClient && state.trapped.has(client)) return done();
        if (state.trap && isFromClient && chunk.includes(state.trap.having)) marked = state.trap;
        if (state.trap && state.trap === marked && chunk.includes(state.trap.text)) {
          const { sprung } = state.trap;
          state.trap = undefined;
          state.trapped.add(client);
          done(null, chunk);
          // The server gets it first: what it answers finds nobody.
          setTimeout(() => {
            client.resetAndDestroy();
            sprung();
          }, 1);
          return;
        }
        done(null, chunk);
      };
      const waitMs = state.delayMs + (chunk.length / state.bytesPerSecond) * 1_000;
      if (waitMs > 0) setTimeout(hand, waitMs);
      else hand();
    },
  });
}
