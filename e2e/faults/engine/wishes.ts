import { streamOf } from './random';

/** What a client wants next: people, shops and earlier wishes by their number, since their ids are made anew in each run. */
export type Wish = {
  readonly n: number;
  readonly person: number;
  /** Whether it is sent once more when it was answered, as by a client that lost the answer. */
  readonly again: boolean;
  /** How long the client rests after it. */
  readonly pauseMs: number;
  readonly minor: bigint;
} & (
  | { readonly kind: 'PAYMENT'; readonly shop: number }
  | { readonly kind: 'TRANSFER'; readonly to: number }
  | { readonly kind: 'TOP_UP'; readonly from: 'card' | 'bank' }
  | { readonly kind: 'WITHDRAWAL' }
  /** Of a payment that this client wanted before, by that wish's number. */
  | { readonly kind: 'REFUND'; readonly of: number }
);

/** Of a hundred wishes so many are of each sort; the rest is paid. */
const SHARES = [['send', 12], ['top up', 10], ['give back', 6], ['withdraw', 5], ['pull', 3]] as const;

function sortAt(percent: number): (typeof SHARES)[number][0] | 'pay' {
  let below = 0;
  for (const [sort, share] of SHARES) {
    below += share;
    if (percent < below) return sort;
  }
  return 'pay';
}

/** Of a hundred so many are sent once more. */
const REPLAYS = 5;
const REFUNDED_MINOR = 100n;

interface Client {
  readonly seed: number;
  readonly worker: number;
  readonly people: number;
  readonly shops: number;
}

/**
 * What one client of a run wants, one thing after another. It follows from the seed and the client's number alone: neither answers
 * nor time change it, so a run that is slower wants the same and comes less far.
 */
export class Wishes {
  private made = 0;
  private readonly payments: number[] = [];

  constructor(private readonly client: Client) {}

  next(): Wish {
    const { seed, worker, people, shops } = this.client;
    const n = this.made;
    this.made += 1;
    // Each number is drawn for every wish, wanted or not, so that none moves another.
    const random = streamOf(seed, 'wish', worker, n);
    const sort = sortAt(random.between(0, 99));
    const person = random.between(0, people - 1);
    const other = random.between(0, people - 2);
    const shop = random.between(0, shops - 1);
    const minor = BigInt(random.between(100, 1_500));
    const earlier = this.payments[Math.floor(random.next() * this.payments.length)];
    const common = { n, person, minor, again: random.between(0, 99) < REPLAYS, pauseMs: random.between(20, 100) };
    switch (sort) {
      case 'send': return { ...common, kind: 'TRANSFER', to: other < person ? other : other + 1 };
      case 'top up': return { ...common, kind: 'TOP_UP', from: 'card', minor: minor * 10n };
      case 'pull': return { ...common, kind: 'TOP_UP', from: 'bank' };
      case 'withdraw': return { ...common, kind: 'WITHDRAWAL' };
      case 'give back':
      case 'pay':
        // Where nothing was paid yet there is nothing to give back.
        if (sort === 'give back' && earlier !== undefined) return { ...common, kind: 'REFUND', minor: REFUNDED_MINOR, of: earlier };
        this.payments.push(n);
        return { ...common, kind: 'PAYMENT', shop };
    }
  }
}
