// Where the bank hears of events: docs/partners/webhooks.md, "Check each message".
import { createPublicKey, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

const keyOf = (text) =>
  createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(text.slice('whpk_'.length), 'base64').toString('base64url') },
    format: 'jwk',
  });

/** Says whether a message is Tael's, of now, and as it was sent. */
export function isGenuine(headers, body, keys) {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp } = headers;
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) <= 300)) return false;
  const content = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
  return String(headers['webhook-signature'])
    .split(' ')
    .some((text) => {
      const [version, signature = ''] = text.split(',');
      return version === 'v1a' && keys.some((key) => verify(null, content, key, Buffer.from(signature, 'base64')));
    });
}

/**
 * Starts a receiver on this machine. `trust` gives it the public keys of its endpoint; until then everything is refused.
 * `received` are the genuine messages, each once; `refused` counts the others.
 */
export async function startReceiver() {
  let keys = [];
  const seen = new Set();
  const receiver = {
    url: '',
    received: [],
    refused: 0,
    trust: (texts) => (keys = texts.map(keyOf)),
    stop: () => server.close(),
  };
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    if (!isGenuine(request.headers, body, keys)) {
      receiver.refused += 1;
      return response.writeHead(401).end();
    }
    const id = request.headers['webhook-id'];
    if (!seen.has(id)) {
      seen.add(id);
      receiver.received.push(JSON.parse(body.toString('utf8')));
    }
    response.writeHead(204).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  receiver.url = `http://127.0.0.1:${server.address().port}/tael`;
  return receiver;
}
