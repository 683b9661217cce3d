import { createPublicKey, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';

const DELAY_MS = 5;

/** What a shop was told of a transaction. */
interface Told {
  /** The ids of the messages: one, however often it came. */
  readonly ids: Set<string>;
  /** At which place it first came, among all. */
  readonly place: number;
}

const told = (type: string, transactionId: string): string => `${type} ${transactionId}`;

/** The shops' side of webhooks: takes what its endpoints' keys have signed, and remembers it. */
export class Receiver {
  /** By the type of the event and the transaction that it is of. */
  private readonly messages = new Map<string, Told>();
  private readonly keys = new Map<string, ReturnType<typeof createPublicKey>>();
  /** Messages that no key of their endpoint has signed. */
  readonly unsigned: string[] = [];

  private constructor(private readonly server: Server, private readonly port: number) {}

  static async start(): Promise<Receiver> {
    const server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text) => (body += text)).on('end', () => {
        receiver.take(request.url!, request.headers, body);
        // Long enough for a process to be killed while it waits.
        setTimeout(() => response.writeHead(204).end(), DELAY_MS);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const receiver = new Receiver(server, (server.address() as { port: number }).port);
    return receiver;
  }

  /** The address of a shop's endpoint. */
  urlOf(merchantId: string): string {
    return `http://127.0.0.1:${this.port}/${merchantId}`;
  }

  /** Believes what this key signs: the raw key with its prefix, as Standard Webhooks writes it. */
  trust(merchantId: string, publicKey: string): void {
    const x = Buffer.from(publicKey.replace(/^whpk_/, ''), 'base64').toString('base64url');
    this.keys.set(`/${merchantId}`, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }));
  }

  /** What came, by {@link told}. */
  get all(): ReadonlyMap<string, Told> {
    return this.messages;
  }

  of(type: string, transactionId: string): Told | undefined {
    return this.messages.get(told(type, transactionId));
  }

  /** After a restore: transactions are not there any more, and what is told again of the others has another id. */
  restored(lost: readonly string[]): void {
    for (const [what, { ids }] of this.messages) {
      if (lost.some((id) => what.endsWith(` ${id}`))) this.messages.delete(what);
      else ids.clear();
    }
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private take(path: string, headers: NodeJS.Dict<string | string[]>, body: string): void {
    const id = String(headers['webhook-id']);
    const key = this.keys.get(path);
    const text = Buffer.from(`${id}.${String(headers['webhook-timestamp'])}.${body}`);
    const signatures = String(headers['webhook-signature']).split(' ').map((one) => Buffer.from(one.replace(/^v1a,/, ''), 'base64'));
    if (!key || !signatures.some((signature) => verify(null, text, key, signature))) {
      this.unsigned.push(`${id} at ${path}`);
      return;
    }
    const { type, data } = JSON.parse(body) as { type: string; data: { paymentId: string; refundId?: string } };
    const what = told(type, data.refundId ?? data.paymentId);
    const known = this.messages.get(what) ?? { ids: new Set<string>(), place: this.messages.size };
    known.ids.add(id);
    this.messages.set(what, known);
  }
}
