import { connect, type Socket } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Answer, TestGateway } from '../gateway';

/**
 * What others may wait for an answer while an attack goes on: half of them, and nineteen of twenty. Each as a multiple of what
 * they wait without one, and a grain: the attackers' own work runs in the same process, in bursts, and the machine may have
 * other work.
 */
const SERVED_WITHIN = { half: { times: 4, grainMs: 100 }, most: { times: 10, grainMs: 500 } };
/** So many are asked before, to know what is usual, and at least while it goes on and right after: a flood is sent in one breath. */
const ASKED_MIN = 20;

const percentile = (times: readonly number[], percent: number): number =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor((times.length * percent) / 100))]!;

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

/** Does something while a person asks plain questions all the time, and sees that they wait not much longer than before. */
export async function whileServed<T>(gateway: TestGateway, attack: () => Promise<T>): Promise<T> {
  async function askOnce(): Promise<number> {
    const began = performance.now();
    expect((await gateway.ask('{ me }')).body).toEqual({ data: { me: 'nobody' } });
    return performance.now() - began;
  }
  // The first ones build what later ones use.
  for (let n = 0; n < 3; n++) await askOnce();
  const usual: number[] = [];
  for (let n = 0; n < ASKED_MIN; n++) usual.push(await askOnce());
  let isOver = false;
  const during: number[] = [];
  const others = (async () => {
    do during.push(await askOnce()); while (!isOver || during.length < ASKED_MIN);
  })();
  try {
    return await attack();
  } finally {
    isOver = true;
    await others;
    const { half, most } = SERVED_WITHIN;
    const [usualHalf, usualMost] = [percentile(usual, 50), percentile(usual, 95)];
    expect(percentile(during, 50)).toBeLessThan(half.times * usualHalf + half.grainMs);
    expect(percentile(during, 95)).toBeLessThan(most.times * usualMost + most.grainMs);
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
