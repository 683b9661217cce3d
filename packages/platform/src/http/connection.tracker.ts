import { type Server } from 'node:http';
import { Server as TcpServer, type Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';

/** Connections that carry no request are looked at this often while a server ends. */
const LOOK_MS = 50;

export interface ConnectionTracker {
  /** Connections that are open and carry no request. */
  idle(): number;
  closeIdle(): void;
  /**
   * Takes no new connection from now on, and goes on serving those that are kept until each was left by its client, at
   * most `patienceMs`. A kept connection that the server closes may just be bringing a request, whose sender then
   * cannot know whether it was worked off; one that the client closes brings none.
   */
  leave(patienceMs: number): Promise<void>;
}

/**
 * Knows which connections carry no request. Node's own closeIdleConnections leaves those alone that browsers and pools
 * open in advance and have not used yet, and a stopping server would wait for them.
 */
export function trackConnections(server: Server): ConnectionTracker {
  const requests = new Map<Socket, number>();
  const change = (socket: Socket, by: number): void => {
    const now = requests.get(socket);
    if (now !== undefined) requests.set(socket, now + by);
  };
  // With TLS the connection that a request names is the one inside of it.
  server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
    requests.set(socket, 0);
    socket.once('close', () => requests.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    change(socket, 1);
    response.once('close', () => change(socket, -1));
  });
  // From here on the connection belongs to the WebSocket server.
  server.on('upgrade', ({ socket }) => requests.delete(socket));
  const idle = (): number => [...requests.values()].filter((running) => running === 0).length;
  return {
    idle,
    closeIdle() {
      for (const [socket, running] of requests) if (running === 0) socket.destroy();
    },
    async leave(patienceMs) {
      // The close of an HTTP server ends idle connections too; that of the socket underneath only shuts the door.
      TcpServer.prototype.close.call(server);
      for (const end = performance.now() + patienceMs; idle() > 0 && performance.now() < end;) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    },
  };
}
