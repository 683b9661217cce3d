import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@tael/testkit';
import { GraphClient } from './client';
import { Load } from './load';
import type { Person, World } from './people';
import { streamOf } from './random';
import { type Wish, Wishes } from './wishes';

const CLIENT = { seed: 7, worker: 0, people: 6, shops: 3 };

function wishesOf(change: Partial<typeof CLIENT> = {}, count = 2_000): Wish[] {
  const wishes = new Wishes({ ...CLIENT, ...change });
  return Array.from({ length: count }, () => wishes.next());
}

describe('what a client of a run wants', () => {
  it('is the same for the same seed and client, and differs from another seed and another client', () => {
    expect(wishesOf()).toEqual(wishesOf());
    expect(wishesOf({ seed: 8 })).not.toEqual(wishesOf());
    expect(wishesOf({ worker: 1 })).not.toEqual(wishesOf());
  });

  it('is of each kind as often as it should be', () => {
    const wishes = wishesOf();
    const share = (is: (wish: Wish) => boolean) => (100 * wishes.filter(is).length) / wishes.length;
    const shares: [string, number, number][] = [
      ['PAYMENT', share(({ kind }) => kind === 'PAYMENT'), 64], ['TRANSFER', share(({ kind }) => kind === 'TRANSFER'), 12],
      ['from a card', share((wish) => wish.kind === 'TOP_UP' && wish.from === 'card'), 10],
      ['from a bank', share((wish) => wish.kind === 'TOP_UP' && wish.from === 'bank'), 3],
      ['REFUND', share(({ kind }) => kind === 'REFUND'), 6], ['WITHDRAWAL', share(({ kind }) => kind === 'WITHDRAWAL'), 5],
      ['once more', share(({ again }) => again), 5],
    ];
    for (const [what, is, about] of shares) expect({ what, isAbout: Math.abs(is - about) < 3 }).toEqual({ what, isAbout: true });
  });

  it('names whom there is: nobody sends to oneself, and what is given back was paid before, by the same client', () => {
    const paid = new Set<number>();
    const people = new Set<number>();
    for (const wish of wishesOf()) {
      people.add(wish.person);
      if (wish.kind === 'PAYMENT') paid.add(wish.n);
      if (wish.kind === 'TRANSFER') expect(wish.to === wish.person || wish.to < 0 || wish.to >= CLIENT.people).toBe(false);
      if (wish.kind === 'REFUND') expect(paid.has(wish.of)).toBe(true);
      expect(wish.minor).toBeGreaterThanOrEqual(100n);
    }
    expect(people.size).toBe(CLIENT.people);
  });
});

describe('a load', () => {
  let server: Server;
  let delays = streamOf('quick');
  let mostMs = 0;
  const asked: { key: string; input: any }[] = [];

  beforeAll(async () => {
    // A gateway that takes its time as it likes, and refuses for the moment now and then: what a load must not be changed by.
    server = createServer(async (request, response) => {
      let text = '';
      for await (const part of request) text += part;
      const { variables: { input } } = JSON.parse(text);
      await sleep(delays.between(0, mostMs));
      if (mostMs > 0 && delays.between(0, 9) === 0) {
        response.writeHead(503, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }] }));
        return;
      }
      const key: string = input.idempotencyKey;
      asked.push({ key, input });
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ data: { done: { transaction: { id: `tx of ${key}` }, userErrors: [] } } }));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const person = (n: number): Person => ({
    id: `p${n}`, email: `p${n}@faults.example`, password: '', walletId: `w${n}`, cardId: `c${n}`, bankAccountId: `b${n}`, token: 't', operations: 0,
  });

  function loadOf(port: number, seed: number): Load {
    const people = Array.from({ length: 5 }, (_, n) => person(n));
    const shops = [{ id: 's0', owner: person(10) }, { id: 's1', owner: person(11) }];
    const world: World = { people, everybody: [...people], shops, campaignId: 'c' };
    return new Load({ client: new GraphClient([`http://127.0.0.1:${port}/`]), world, workers: 3, seed });
  }

  /** What each client of a load has sent, in its order. */
  async function sent(seed: number): Promise<string[][]> {
    asked.length = 0;
    const { port } = server.address() as { port: number };
    const load = loadOf(port, seed);
    // It stops and goes on, as before and after each verdict of a run.
    for (let round = 0; round < 3; round += 1) {
      load.start();
      await load.more(30, 20_000);
      await load.settle();
    }
    expect(load.journal.unknown()).toEqual([]);
    return [0, 1, 2].map((worker) => asked.filter(({ key }) => key.split('-')[2] === String(worker)).map(({ input }) => JSON.stringify(input)));
  }

  it('comes to an end where nobody answers any more, and says what is open', async () => {
    const gone = createServer().listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const { port } = gone.address() as { port: number };
    await new Promise((resolve) => gone.close(resolve));
    const load = loadOf(port, 5);
    load.start();
    await eventually(() => expect(load.journal.refusals.size).toBeGreaterThan(0));
    await expect(load.settle(100)).rejects.toThrow(/3 operations were never answered, first \S+-5-0-0 \(NETWORK ECONNREFUSED \d+ times\)/);
  });

  it('sends for each of its clients the same in the same order, however long answers take and whatever is refused for a moment', async () => {
    [delays, mostMs] = [streamOf('quick'), 0];
    const quick = await sent(5);
    [delays, mostMs] = [streamOf('slow'), 60];
    const slow = await sent(5);
    const other = await sent(6);
    quick.forEach((all, worker) => {
      const length = Math.min(all.length, slow[worker]!.length);
      expect(length).toBeGreaterThan(15);
      expect(slow[worker]!.slice(0, length)).toEqual(all.slice(0, length));
      // The key has the seed in it: what is asked for must differ without it.
      const wanted = (list: readonly string[]) => list.slice(0, length).map((text) => JSON.stringify({ ...JSON.parse(text), idempotencyKey: undefined }));
      expect(wanted(other[worker]!)).not.toEqual(wanted(all));
    });
  });
});
