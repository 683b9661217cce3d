import { createTransport } from 'nodemailer';
import webpush from 'web-push';
import { openDatabase } from '../src/database';
import { createMessageStore } from '../src/messages/message.store';
import { call, startWorld, type World } from './world';

let world: World;
beforeAll(async () => {
  world = await startWorld('sandbox_messages');
});
afterAll(() => world.end());

interface Received {
  channel: string;
  to: string;
  from: string;
  subject: string;
  body: string;
  html: string | null;
  receivedAt: string;
}

async function received(query: string): Promise<Received[]> {
  const answer = await call(`${world.sandbox.url}/messages?${query}`);
  expect(answer.status).toBe(200);
  return answer.body['messages'] as Received[];
}

function send(to: string, subject = 'Paid') {
  const mailer = createTransport({ url: world.sandbox.smtpUrl } as never);
  return mailer.sendMail({
    from: 'Tael <no-reply@tael.local>',
    to,
    subject,
    text: 'You paid 5.00 USD. 你好',
    html: '<p>You paid <b>5.00 USD</b></p>',
  });
}

const fault = (json: object) => call(`${world.sandbox.url}/faults`, { json });

describe('mail', () => {
  it('is received, parsed and listed for its recipient', async () => {
    await send('Ada@Example.com');
    const [mail, ...more] = await received('channel=mail&to=ada@example.com');
    expect(more).toEqual([]);
    expect(mail).toMatchObject({
      channel: 'mail',
      to: 'ada@example.com',
      subject: 'Paid',
      body: expect.stringContaining('你好'),
    });
    expect(mail!.html).toContain('<b>5.00 USD</b>');
    expect(await received(`to=ada@example.com&since=${new Date(Date.now() + 60_000).toISOString()}`)).toEqual([]);
    expect(await received(`to=ada@example.com&since=${mail!.receivedAt}`)).toHaveLength(1);
  });

  it('fails for the moment or for good as the knob says, then works again', async () => {
    await fault({ channel: 'mail', mode: 'fail', count: 1 });
    await expect(send('fault@example.com')).rejects.toMatchObject({ responseCode: 451 });
    await fault({ channel: 'mail', mode: 'reject', count: 1 });
    await expect(send('fault@example.com')).rejects.toMatchObject({ responseCode: 550 });
    await send('fault@example.com');
    expect(await received('to=fault@example.com')).toHaveLength(1);
  });
});

it('old messages are forgotten in steps, new ones stay', async () => {
  const pool = await openDatabase(world.database.url);
  const store = createMessageStore(pool);
  const mail = (n: number) => ({ channel: 'mail', recipient: `old-${n}@example.com`, sender: 's@example.com', raw: Buffer.from('Subject: x\r\n\r\ny') }) as const;
  await store.add([0, 1, 2, 3].map(mail));
  await pool.query(`UPDATE message SET received_at = now() - interval '8 days' WHERE recipient ~ '^old-[012]@'`);
  const before = new Date(Date.now() - 7 * 86_400_000);
  expect([await store.forget(before, 2), await store.forget(before, 2), await store.forget(before, 2)]).toEqual([2, 1, 0]);
  expect((await store.list({ to: 'old-3@example.com', limit: 9 })).map(({ subject, body }) => [subject, body])).toEqual([['x', 'y']]);
  expect(await store.list({ to: 'old-1@example.com', limit: 9 })).toEqual([]);
  await pool.end();
});

describe('web push', () => {
  const keys = webpush.generateVAPIDKeys();
  const vapidDetails = { subject: 'mailto:ops@tael.local', publicKey: keys.publicKey, privateKey: keys.privateKey };

  async function subscribe(json: object = {}): Promise<webpush.PushSubscription> {
    const answer = await call(`${world.sandbox.url}/push/subscriptions`, { json });
    expect(answer.status).toBe(201);
    return answer.body as unknown as webpush.PushSubscription;
  }

  async function push(
    subscription: webpush.PushSubscription,
    payload: string,
    change: Partial<webpush.RequestOptions> = {},
    headers: Record<string, string> = {},
  ): Promise<number> {
    const details = webpush.generateRequestDetails(subscription, payload, { vapidDetails, ...change });
    const response = await fetch(details.endpoint, {
      method: 'POST',
      headers: { ...(details.headers as Record<string, string>), ...headers },
      body: details.body as never,
    });
    return response.status;
  }

  it('of a real sender is verified, decrypted and listed', async () => {
    const subscription = await subscribe({ applicationServerKey: keys.publicKey });
    expect(await push(subscription, JSON.stringify({ title: 'Paid', body: '5.00 USD' }))).toBe(201);
    const [message] = await received(`channel=push&to=${encodeURIComponent(subscription.endpoint)}`);
    expect(message).toMatchObject({ channel: 'push', to: subscription.endpoint, from: 'mailto:ops@tael.local' });
    expect(JSON.parse(message!.body)).toEqual({ title: 'Paid', body: '5.00 USD' });
    expect(await received(`to=${subscription.endpoint.split('/').pop()}`)).toHaveLength(1);
  });

  it('is refused of another sender, with a forged or missing token, or sealed for another browser', async () => {
    const subscription = await subscribe({ applicationServerKey: keys.publicKey });
    const other = webpush.generateVAPIDKeys();
    expect(await push(subscription, 'x', { vapidDetails: { ...vapidDetails, ...other } })).toBe(403);
    expect(await push(subscription, 'x', { vapidDetails: { ...vapidDetails, privateKey: other.privateKey } })).toBe(
      403,
    );
    expect(await push(subscription, 'x', {}, { authorization: 'Bearer x' })).toBe(401);
    const mixed = { ...subscription, keys: (await subscribe()).keys };
    expect(await push(mixed, 'x')).toBe(400);
    expect(await received(`channel=push&to=${encodeURIComponent(subscription.endpoint)}`)).toEqual([]);
  });

  it('is refused without TTL, over 4096 bytes, and where the subscription has ended or never was', async () => {
    const subscription = await subscribe();
    expect(await push(subscription, 'x', {}, { TTL: '', ttl: '' })).toBe(400);
    expect(await push(subscription, 'x'.repeat(5_000))).toBe(413);
    expect(await push({ ...subscription, endpoint: `${world.sandbox.url}/push/none` }, 'x')).toBe(404);
    await fault({ channel: 'push', mode: 'fail', count: 1 });
    expect(await push(subscription, 'x')).toBe(503);
    expect(await push(subscription, 'x')).toBe(201);
    expect((await call(subscription.endpoint, { method: 'DELETE' })).status).toBe(204);
    expect(await push(subscription, 'x')).toBe(410);
  });
});

describe('for a person', () => {
  it('the page shows the newest messages, escaped, under a policy that runs nothing', async () => {
    await send('page@example.com', '<img src=x onerror=alert(1)>');
    const response = await fetch(world.sandbox.url);
    const page = await response.text();
    expect(response.headers.get('content-security-policy')).toContain(`default-src 'none'`);
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(page).not.toContain('<img');
    expect(page).toContain('http-equiv="refresh"');
  });

  it('/live and /ready answer, and wrong queries are refused', async () => {
    expect((await call(`${world.sandbox.url}/live`)).status).toBe(200);
    expect((await call(`${world.sandbox.url}/ready`)).body).toMatchObject({ ready: true });
    expect((await call(`${world.sandbox.url}/messages?since=yesterday`)).status).toBe(400);
    expect((await call(`${world.sandbox.url}/messages?to=%00`)).status).toBe(400);
    expect((await fault({ channel: 'phone', mode: 'fail' })).status).toBe(400);
  });
});
