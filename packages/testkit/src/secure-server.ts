import { randomInt } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { TestCertificate } from './certificate';

export interface SecureServer {
  /** An address of this machine's own. */
  readonly address: string;
  /** How many connections have come to their end of the handshake so far. */
  connections(): number;
  stop(): Promise<void>;
}

/**
 * Starts a server over https with a certificate, on the port that callers from outside are known to use (8443 unless told). Linux has a whole network on the
 * machine itself: by an address drawn from that it meets no other program on the port.
 */
export async function secureServer({ cert, key }: TestCertificate, listener: RequestListener, port = 8443): Promise<SecureServer> {
  const address = process.platform === 'linux' ? `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(2, 255)}` : '127.0.0.1';
  let opened = 0;
  const server = createServer({ cert, key }, listener);
  server.on('secureConnection', () => (opened += 1));
  // Who does not believe the certificate breaks off.
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(port, address, resolve));
  return {
    address,
    connections: () => opened,
    stop: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}
