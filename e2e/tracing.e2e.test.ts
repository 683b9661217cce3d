import { eventually, graphqlClient } from '@tael/testkit';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { home, stack } from './stack';
import { addCard, must, newCampaign, newMerchant, newPerson, PAY, payment } from './world';

interface Span {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
}

const { services } = JSON.parse(readFileSync(join(home, 'stack.json'), 'utf8')) as { services: { gateway: { env: Record<string, string> } } };
const endpoint = services.gateway.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
const spans: Span[] = [];
const bodies: string[] = [];
let collector: Server;

/** Reads what an exporter sends: OTLP over HTTP, in JSON. */
function take(text: string): void {
  bodies.push(text);
  for (const { resource, scopeSpans } of JSON.parse(text).resourceSpans) {
    const service: string = resource.attributes.find((attribute: any) => attribute.key === 'service.name').value.stringValue;
    for (const span of scopeSpans.flatMap((scope: any) => scope.spans)) spans.push({ service, ...span });
  }
}

beforeAll(async () => {
  if (!endpoint) throw new Error('the stack tells no traces: start it with OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:<a free port>');
  collector = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => (text += part));
    request.on('end', () => {
      if (request.url === '/v1/traces') take(text);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve, reject) => {
    collector.once('error', reject);
    collector.listen(Number(new URL(endpoint).port), '127.0.0.1', resolve);
  });
});
afterAll(async () => {
  collector?.closeAllConnections();
  await new Promise((resolve) => (collector ? collector.close(resolve) : resolve(undefined)));
});

/** The names of a span and of all that caused it, the span first. */
function ancestry(of: Span, all: readonly Span[]): string[] {
  const parent = all.find(({ spanId }) => spanId === of.parentSpanId);
  return [`${of.service}: ${of.name}`, ...(parent ? ancestry(parent, all) : [`under ${of.parentSpanId ?? 'nothing'}`])];
}

// Goal: one payment is one trace, from the door over the bus to the mail. Method: the client begins the trace, a
// collector takes what the five services send.
it('joins what a payment causes in every service into the trace that its client began', async () => {
  const shop = await newMerchant({ name: 'Trace Coffee' });
  await newCampaign([shop.id], { name: '2 % for traces', cashback: { rateBasisPoints: 200 } });
  const person = await newPerson({ displayName: 'Canary Traced' });
  const paymentMethodId = await addCard(person);
  await must(person.client, `mutation ($input: TopUpInput!) { topUp(input: $input) { transaction { id } userErrors { code } } }`,
    { input: { walletId: person.walletId, paymentMethodId, amount: { amount: '500.00', currency: 'USD' }, idempotencyKey: 'top-up' } });

  const traceId = randomBytes(16).toString('hex');
  const clientSpan = randomBytes(8).toString('hex');
  const traced = graphqlClient({
    url: stack.gatewayUrl, token: person.token, headers: { traceparent: `00-${traceId}-${clientSpan}-01` },
  });
  await must(traced, PAY, payment(person, shop.id, '100.00'));

  const door = [`gateway: Mutation.payMerchant`, 'gateway: POST /graphql', `under ${clientSpan}`];
  const paid = ['accounts: Mutation.payMerchant', 'gateway: subgraph accounts', ...door];
  const settled = ['accounts: publish payment.settled', ...paid];
  const granted = ['rewards: publish benefit.granted', 'rewards: consume payment.settled', ...settled];
  const rewarded = ['accounts: publish reward.posted', 'accounts: consume benefit.granted', ...granted];
  const wanted = [
    ['rewards: consume payment.settled', ...settled],
    ['notifications: deliver EMAIL', 'notifications: consume payment.settled', ...settled],
    ['rewards: consume reward.posted', ...rewarded],
    ['notifications: deliver EMAIL', 'notifications: consume reward.posted', ...rewarded],
  ];
  await eventually(() => {
    const own = spans.filter((span) => span.traceId === traceId);
    expect(own.map((span) => ancestry(span, own))).toEqual(expect.arrayContaining(wanted));
  }, { describe: 'the spans of the payment arrive at the collector', timeoutMs: 40_000 });

  const own = spans.filter((span) => span.traceId === traceId);
  // Every span leads to the client's: none is lost, none stands alone.
  for (const span of own) expect(ancestry(span, own).at(-1)).toBe(`under ${clientSpan}`);
  expect(bodies.join()).not.toMatch(/Canary|@e2e\.tael\.example|Bearer/);
});
