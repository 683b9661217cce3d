import type { Server } from 'node:http';
import type { Socket } from 'node:net';

export interface ConnectionTracker {
  closeIdle(): void;
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
  server.on('connection', (socket) => {
    requests.set(socket, 0);
    socket.once('close', () => requests.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    change(socket, 1);
    response.once('close', () => change(socket, -1));
  });
  // From here on the connection belongs to the WebSocket server.
  server.on('upgrade', ({ socket }) => requests.delete(socket));
  return {
    closeIdle() {
      for (const [socket, running] of requests) if (running === 0) socket.destroy();
    },
  };
}
