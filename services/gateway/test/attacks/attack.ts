import { connect, type Socket } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Answer, TestGateway } from '../gateway';

/**
 * What others may wait for an answer while an attack goes on, at least, and as a multiple of what they wait without one:
 * the attackers' own work runs in the same process, and the machine may have other work.
 */
const SERVED_WITHIN = { ms: 5_000, times: 50 };

export const times = (count: number, make: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => make(n)).join(' ');

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export async function eventually(check: () => boolean | Promise<boolean>, withinMs = 8_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error('it did not come true');
    await pause(20);
  }
}

/** Status and codes of an answer: what an attacker reads. */
export const told = ({ status, body }: Answer): [number, string[] | undefined] => [
  status,
  body.errors?.map((error) => error.extensions['code'] as string),
];

/** Does something while a person asks plain questions all the time, each of which must be answered in bounded time. */
export async function whileServed<T>(gateway: TestGateway, attack: () => Promise<T>): Promise<T> {
  const began = performance.now();
  for (let n = 0; n < 3; n++) await gateway.ask('{ me }');
  const usual = (performance.now() - began) / 3;
  let isOver = false;
  const slowest = { ms: 0 };
  const others = (async () => {
    do {
      const began = performance.now();
      const answer = await gateway.ask('{ me }');
      slowest.ms = Math.max(slowest.ms, performance.now() - began);
      expect(answer.body).toEqual({ data: { me: 'nobody' } });
    } while (!isOver);
  })();
  try {
    return await attack();
  } finally {
    isOver = true;
    await others;
    expect(slowest.ms).toBeLessThan(Math.max(SERVED_WITHIN.ms, SERVED_WITHIN.times * usual));
  }
}

/** Gives the longest time in which nothing else could run while `work` did. */
export async function longestBlock(work: () => Promise<void>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await work();
  delay.disable();
  return delay.max / 1e6;
}

export interface RawConnection {
  readonly socket: Socket;
  /** Everything that came so far. */
  text(): string;
  readonly closed: Promise<void>;
}

/** Opens a plain connection and sends bytes on it. */
export function open(gateway: TestGateway, bytes = ''): RawConnection {
  const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
  let received = '';
  socket.on('data', (data) => void (received += data.toString()));
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  if (bytes) socket.write(bytes);
  return { socket, text: () => received, closed };
}

/** A request by hand. */
export function requestText(body: string, headers: Record<string, string> = {}): string {
  const all = {
    host: 'x',
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return `POST /graphql HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}
