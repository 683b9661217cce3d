import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

/** A certificate whose key the client has shown to hold, in the handshake of this very connection. */
export interface ClientCertificate {
  readonly der: Buffer;
  /** SHA-256 of the certificate, base64url: what a token says in `cnf["x5t#S256"]` (RFC 8705, 3.1). */
  readonly digest: string;
}

const known = new WeakMap<object, ClientCertificate>();

/** Gives the certificate of a connection that ends here; a header is never one, whoever wrote it. */
export function clientCertificate({ socket }: IncomingMessage): ClientCertificate | undefined {
  const found = known.get(socket);
  if (found) return found;
  const { getPeerX509Certificate } = socket as Partial<TLSSocket>;
  const der = getPeerX509Certificate?.call(socket)?.raw;
  if (!der) return undefined;
  const certificate = { der, digest: createHash('sha256').update(der).digest('base64url') };
  known.set(socket, certificate);
  return certificate;
}
