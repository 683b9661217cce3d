import { createPublicKey, verify } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly id: string;
  readonly timestamp: number;
  readonly signatures: readonly string[];
  readonly body: string;
  readonly path: string;
}

type Reply = (response: ServerResponse, received: Received) => void | Promise<void>;

/** A receiver of webhooks that answers what a test says. */
export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** How the next messages are answered, 204 unless told. */
  reply: Reply;
  stop(): Promise<void>;
}

export const answer =
  (status: number, headers: Record<string, string> = {}, body = ''): Reply =>
  (response) => void response.writeHead(status, headers).end(body);

export async function startReceiver(): Promise<Receiver> {
  const server = createServer((request, response) => void receive(request, response));
  const receiver: Receiver = {
    url: '',
    received: [],
    reply: answer(204),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { headers } = request;
    const received = {
      id: String(headers['webhook-id']),
      timestamp: Number(headers['webhook-timestamp']),
      signatures: String(headers['webhook-signature']).split(' '),
      body: Buffer.concat(chunks).toString('utf8'),
      path: request.url ?? '',
    };
    receiver.received.push(received);
    await receiver.reply(response, received);
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(receiver, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` });
}

/** Whether one of a message's signatures is that of the key: written from the specification, with nothing of the sender's code. */
export function isSignedBy(received: Received, publicKey: string): boolean {
  if (!publicKey.startsWith('whpk_')) return false;
  const x = Buffer.from(publicKey.slice(5), 'base64').toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  const content = Buffer.from(`${received.id}.${received.timestamp}.${received.body}`);
  return received.signatures.some((text) => {
    const [version, signature = ''] = text.split(',');
    return version === 'v1a' && verify(null, content, key, Buffer.from(signature, 'base64'));
  });
}
