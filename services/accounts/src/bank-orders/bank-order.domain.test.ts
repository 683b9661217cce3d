import fc from 'fast-check';
import type { BankAnswer, BankWord } from '../bank/bank-word.domain';
import {
  nextStep, openingOf, type OrderAccount, type OrderedMoney, type OrderPosting, type OrderProgress, type OrderStatus, postingsOf, restMs,
  SUBMIT_UNTIL_MS, transition,
} from './bank-order.domain';

describe('transition', () => {
  it.each<[OrderStatus, BankWord['status'], string]>([
    ['PENDING', 'ACCEPTED', 'PENDING'], ['PENDING', 'SETTLED', 'SETTLED SETTLE'], ['PENDING', 'FAILED', 'FAILED FAIL'],
    ['PENDING', 'RETURNED', 'RETURNED SETTLE RETURN'],
    ['SETTLED', 'ACCEPTED', 'SETTLED'], ['SETTLED', 'SETTLED', 'SETTLED'], ['SETTLED', 'RETURNED', 'RETURNED RETURN'],
    ['SETTLED', 'FAILED', 'SETTLED contradicts'],
    ['FAILED', 'ACCEPTED', 'FAILED'], ['FAILED', 'FAILED', 'FAILED'], ['FAILED', 'SETTLED', 'FAILED contradicts'],
    ['FAILED', 'RETURNED', 'FAILED contradicts'],
    ['RETURNED', 'ACCEPTED', 'RETURNED'], ['RETURNED', 'SETTLED', 'RETURNED'], ['RETURNED', 'RETURNED', 'RETURNED'],
    ['RETURNED', 'FAILED', 'RETURNED contradicts'],
  ])('%s, and the bank says %s: %s', (status, word, expected) => {
    const { steps, to, contradicts } = transition(status, word);
    expect([to, ...steps, ...(contradicts ? ['contradicts'] : [])].join(' ')).toBe(expected);
  });
});

type Books = Record<OrderAccount, bigint>;

/** The books of one order, from its opening through what the bank says; the wallet begins with `has`. */
function booksAfter(order: OrderedMoney, words: readonly BankWord['status'][], has: bigint): { books: Books; status: OrderStatus } {
  const books: Books = { WALLET: has, FEES: 0n, BANK_CLEARING: 0n, BANK_SETTLEMENT: 0n, BANK_RECEIVABLE: 0n };
  const book = ({ legs, amount }: OrderPosting): void => {
    expect(amount > 0n).toBe(true);
    for (const leg of legs) {
      books[leg.debit] -= leg.amount;
      books[leg.credit] += leg.amount;
    }
    expect(books.WALLET >= 0n).toBe(true);
  };
  if (order.direction === 'CREDIT') book(openingOf(order));
  let status: OrderStatus = 'PENDING';
  for (const word of words) {
    const { steps, to } = transition(status, word);
    for (const step of steps) postingsOf(step, order, books.WALLET).forEach(book);
    status = to;
  }
  return { books, status };
}

const amount = fc.bigInt({ min: 1n, max: 10n ** 15n });
const order = fc.oneof(
  fc.record({ direction: fc.constant('DEBIT' as const), amount, fee: fc.constant(0n) }),
  fc.record({ direction: fc.constant('CREDIT' as const), amount, fee: fc.bigInt({ min: 0n, max: 250n }) }),
);

describe('the books of an order', () => {
  const HISTORIES: readonly (readonly BankWord['status'][])[] = [
    ['ACCEPTED', 'SETTLED'], ['ACCEPTED', 'FAILED'], ['ACCEPTED', 'SETTLED', 'RETURNED'], ['FAILED'],
  ];

  it.each<[string, OrderedMoney, BankWord['status'][], Partial<Books>]>([
    ['a withdrawal under way', { direction: 'CREDIT', amount: 1_000n, fee: 25n }, ['ACCEPTED'], { WALLET: 975n, FEES: 25n, BANK_CLEARING: 1_000n }],
    ['a withdrawal that is paid', { direction: 'CREDIT', amount: 1_000n, fee: 25n }, ['SETTLED'], { WALLET: 975n, FEES: 25n, BANK_SETTLEMENT: 1_000n }],
    ['a withdrawal that fails', { direction: 'CREDIT', amount: 1_000n, fee: 25n }, ['FAILED'], { WALLET: 2_000n }],
    ['a withdrawal that comes back', { direction: 'CREDIT', amount: 1_000n, fee: 25n }, ['SETTLED', 'RETURNED'], { WALLET: 2_000n }],
    ['a top-up under way', { direction: 'DEBIT', amount: 1_000n, fee: 0n }, ['ACCEPTED'], { WALLET: 2_000n }],
    ['a top-up that is settled', { direction: 'DEBIT', amount: 1_000n, fee: 0n }, ['SETTLED'], { WALLET: 3_000n, BANK_SETTLEMENT: -1_000n }],
    ['a top-up that fails', { direction: 'DEBIT', amount: 1_000n, fee: 0n }, ['FAILED'], { WALLET: 2_000n }],
    ['a top-up that is returned', { direction: 'DEBIT', amount: 1_000n, fee: 0n }, ['SETTLED', 'RETURNED'], { WALLET: 2_000n }],
  ])('%s', (_what, of, words, expected) => {
    const none = { WALLET: 0n, FEES: 0n, BANK_CLEARING: 0n, BANK_SETTLEMENT: 0n, BANK_RECEIVABLE: 0n };
    expect(booksAfter(of, words, 2_000n).books).toEqual({ ...none, ...expected });
  });

  const CREDIT: OrderedMoney = { direction: 'CREDIT', amount: 1_000n, fee: 25n };
  const DEBIT: OrderedMoney = { direction: 'DEBIT', amount: 1_000n, fee: 0n };
  it.each<[string, readonly OrderPosting[], string[]]>([
    ['a withdrawal that is asked for', [openingOf(CREDIT)], ['WITHDRAWAL 1000 fee 25: WALLET BANK_CLEARING 1000, WALLET FEES 25']],
    ['one without a fee', [openingOf({ ...CREDIT, fee: 0n })], ['WITHDRAWAL 1000 fee 0: WALLET BANK_CLEARING 1000']],
    ['its settlement', postingsOf('SETTLE', CREDIT, 0n), ['BANK_SETTLEMENT 1000 fee 0: BANK_CLEARING BANK_SETTLEMENT 1000']],
    ['its failure', postingsOf('FAIL', CREDIT, 0n), ['WITHDRAWAL_REVERSAL 1025 fee 0: BANK_CLEARING WALLET 1000, FEES WALLET 25']],
    ['the failure of one without a fee', postingsOf('FAIL', { ...CREDIT, fee: 0n }, 0n), ['WITHDRAWAL_REVERSAL 1000 fee 0: BANK_CLEARING WALLET 1000']],
    ['its return', postingsOf('RETURN', CREDIT, 0n), ['WITHDRAWAL_REVERSAL 1025 fee 0: BANK_SETTLEMENT WALLET 1000, FEES WALLET 25']],
    ['the settlement of a top-up', postingsOf('SETTLE', DEBIT, 0n), ['TOP_UP 1000 fee 0: BANK_SETTLEMENT WALLET 1000']],
    ['its failure, of which nothing was booked', postingsOf('FAIL', DEBIT, 0n), []],
    ['its return, of which a part is gone', postingsOf('RETURN', DEBIT, 300n),
      ['TOP_UP_RETURN 300 fee 0: WALLET BANK_SETTLEMENT 300', 'BANK_RECEIVABLE 700 fee 0: BANK_RECEIVABLE BANK_SETTLEMENT 700']],
  ])('%s: what is debited, what is credited', (_what, postings, expected) => {
    expect(postings.map(({ kind, amount: moved, fee, legs }) =>
      `${kind} ${moved} fee ${fee}: ${legs.map(({ debit, credit, amount: leg }) => `${debit} ${credit} ${leg}`).join(', ')}`)).toEqual(expected);
  });

  it('a top-up that is returned takes what there is, and the rest is owed', () => {
    const of: OrderedMoney = { direction: 'DEBIT', amount: 1_000n, fee: 0n };
    const legs = (available: bigint) => postingsOf('RETURN', of, available).map(({ kind, amount: moved }) => `${kind} ${moved}`);
    expect(legs(5_000n)).toEqual(['TOP_UP_RETURN 1000']);
    expect(legs(1_000n)).toEqual(['TOP_UP_RETURN 1000']);
    expect(legs(300n)).toEqual(['TOP_UP_RETURN 300', 'BANK_RECEIVABLE 700']);
    expect(legs(0n)).toEqual(['BANK_RECEIVABLE 1000']);
  });

  it('are the same whatever the order in which its words come, and however often', () => {
    const heard = fc.constantFrom(...HISTORIES).chain((history) =>
      fc.tuple(fc.constant(history), fc.array(fc.constantFrom(...history), { maxLength: 12 }), fc.nat({ max: 1_000 })));
    fc.assert(fc.property(order, heard, fc.bigInt({ min: 0n, max: 10n ** 6n }), (of, [history, noise, seed], more) => {
      const has = of.amount + of.fee + more;
      // Everything that happened is heard of at least once, somewhere among the rest.
      const words = [...noise];
      history.forEach((word, index) => words.splice((seed * (index + 7)) % (words.length + 1), 0, word));
      expect(booksAfter(of, words, has)).toEqual(booksAfter(of, history, has));
    }));
  });

  it('sum to what was there, and nothing is on its way once the bank has said how it ended', () => {
    const words = fc.array(fc.constantFrom<BankWord['status']>('ACCEPTED', 'SETTLED', 'FAILED', 'RETURNED'), { maxLength: 8 });
    fc.assert(fc.property(order, words, fc.bigInt({ min: 0n, max: 10n ** 6n }), (of, said, more) => {
      const has = of.amount + of.fee + more;
      const { books, status } = booksAfter(of, said, has);
      expect(Object.values(books).reduce((sum, one) => sum + one)).toBe(has);
      expect(books.BANK_CLEARING).toBe(of.direction === 'CREDIT' && status === 'PENDING' ? of.amount : 0n);
      if (status === 'FAILED' || status === 'RETURNED') expect(books).toMatchObject({ WALLET: has, FEES: 0n, BANK_SETTLEMENT: 0n });
    }));
  });
});

type Calls = OrderProgress['calls'];
const submit = (answer: Calls[number]['answer']) => ({ call: 'SUBMIT' as const, answer });
const ask = (answer: Calls[number]['answer']) => ({ call: 'ASK' as const, answer });
const cancel = (answer: Calls[number]['answer']) => ({ call: 'CANCEL' as const, answer });
const settled: BankAnswer = { status: 'SETTLED', bankOrderId: 'b' };
const accepted: BankAnswer = { status: 'ACCEPTED', bankOrderId: 'b' };
const calledOff: BankAnswer = { status: 'FAILED', reason: 'CANCELLED', bankOrderId: null };
const refused = { do: 'BOOK', word: { status: 'FAILED', reason: 'BANK_REFUSED', bankOrderId: null } };

describe('bringing an order to its end', () => {
  it.each<[string, Calls, boolean, number, object]>([
    ['nobody has called yet', [], false, 0, { do: 'SUBMIT' }],
    ['somebody may have sent it', [], true, 0, { do: 'ASK' }],
    ['nobody has called for ten minutes', [], false, SUBMIT_UNTIL_MS, { do: 'ASK' }],
    ['under way', [submit(accepted)], false, 0, { do: 'WAIT' }],
    ['settled at once', [submit(settled)], false, 0, { do: 'BOOK', word: settled }],
    ['found settled', [ask(settled)], true, 0, { do: 'BOOK', word: settled }],
    ['found returned', [ask({ status: 'RETURNED', bankOrderId: 'b' })], true, 0, { do: 'BOOK', word: { status: 'RETURNED', bankOrderId: 'b' } }],
    ['a question that is refused', [ask({ status: 'refused' })], true, 0, { do: 'WAIT' }],
    ['not known to two questions, and sent once', [ask({ status: 'unknown' }), submit({ status: 'silent' }), ask({ status: 'unknown' })], true, 0, { do: 'SUBMIT' }],
    ['not taken', [submit({ status: 'refused' })], false, 0, refused],
    ['not taken, but an earlier worker called', [submit({ status: 'refused' })], true, 0, { do: 'ASK' }],
    ['not taken, after one without an answer', [submit({ status: 'silent' }), ask({ status: 'unknown' }), submit({ status: 'refused' })], false, 0, { do: 'ASK' }],
    ['no clear answer', [submit({ status: 'silent' })], false, 0, { do: 'ASK' }],
    ['no clear answer, and it is not known', [submit({ status: 'silent' }), ask({ status: 'unknown' })], false, 0, { do: 'SUBMIT' }],
    ['twice nothing', [submit({ status: 'silent' }), ask({ status: 'unknown' }), submit({ status: 'silent' }), ask({ status: 'unknown' })], false, 0, { do: 'WAIT' }],
    ['cannot even ask', [ask({ status: 'silent' })], true, SUBMIT_UNTIL_MS * 9, { do: 'WAIT' }],
    ['not known, soon', [ask({ status: 'unknown' })], true, SUBMIT_UNTIL_MS - 1, { do: 'SUBMIT' }],
    ['not known, later: it is called off', [ask({ status: 'unknown' })], true, SUBMIT_UNTIL_MS, { do: 'CANCEL' }],
    ['called off', [ask({ status: 'unknown' }), cancel(calledOff)], true, SUBMIT_UNTIL_MS, { do: 'BOOK', word: calledOff }],
    ['called off, and no answer', [ask({ status: 'unknown' }), cancel({ status: 'silent' })], true, SUBMIT_UNTIL_MS, { do: 'WAIT' }],
    ['called off too late: it was settled', [ask({ status: 'unknown' }), cancel(settled)], true, SUBMIT_UNTIL_MS, { do: 'BOOK', word: settled }],
  ])('%s', (_name, calls, calledBefore, ageMs, step) => expect(nextStep({ calls, calledBefore, ageMs })).toEqual(step));

  it('ends after few calls whatever the bank answers, and books only what it said', () => {
    const answer = fc.constantFrom<Calls[number]['answer']>(settled, accepted, calledOff, { status: 'refused' }, { status: 'unknown' }, { status: 'silent' });
    const age = fc.integer({ min: 0, max: SUBMIT_UNTIL_MS * 2 });
    fc.assert(fc.property(fc.array(answer, { minLength: 10, maxLength: 10 }), fc.boolean(), age, (script, calledBefore, ageMs) => {
      const calls: Calls[number][] = [];
      for (;;) {
        const step = nextStep({ calls, calledBefore, ageMs });
        expect(calls.length).toBeLessThanOrEqual(5);
        if (step.do === 'WAIT') return;
        if (step.do === 'BOOK') {
          const said = calls.at(-1)!.answer;
          if (said.status === 'refused') expect([calledBefore, calls.length]).toEqual([false, 1]);
          else expect(step.word).toBe(said);
          return;
        }
        if (step.do === 'SUBMIT') expect(ageMs).toBeLessThan(SUBMIT_UNTIL_MS);
        if (step.do === 'CANCEL') expect(ageMs).toBeGreaterThanOrEqual(SUBMIT_UNTIL_MS);
        // An order is never answered with "unknown", a question never with "refused", a cancellation with neither.
        const said = script[calls.length]!;
        const silent = (said.status === 'unknown' && step.do !== 'ASK') || (said.status === 'refused' && step.do !== 'SUBMIT');
        calls.push({ call: step.do, answer: silent ? { status: 'silent' } : said });
      }
    }));
  });

  it.each([[0, 1_000], [4_000, 1_000], [20_000, 5_000], [60_000, 15_000], [10 ** 9, 300_000]])(
    'an order of %i ms rests %i ms', (ageMs, rest) => expect(restMs(ageMs)).toBe(rest));
});
