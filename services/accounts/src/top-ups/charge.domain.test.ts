import fc from 'fast-check';
import { type ChargeAnswer, type ChargeProgress, CHARGE_UNTIL_MS, FORGOTTEN_AFTER_MS, nextStep } from './charge.domain';

const succeeded: ChargeAnswer = { status: 'succeeded', chargeId: 'c-1' };
const declined: ChargeAnswer = { status: 'declined', chargeId: 'c-1' };
const settled = { do: 'BOOK', verdict: { end: 'SETTLED', chargeId: 'c-1' } };
const failed = { do: 'BOOK', verdict: { end: 'FAILED', reason: 'PROCESSOR_ERROR', chargeId: null } };

type Calls = ChargeProgress['calls'];
const charge = (answer: ChargeAnswer) => ({ call: 'CHARGE' as const, answer });
const ask = (answer: ChargeAnswer) => ({ call: 'ASK' as const, answer });

describe('bringing a top-up to its end', () => {
  test.each<[string, Calls, boolean, number, object]>([
    ['nobody has called yet', [], false, 0, { do: 'CHARGE' }],
    ['somebody may have charged', [], true, 0, { do: 'ASK' }],
    ['nobody has called, but the person has gone on', [], false, CHARGE_UNTIL_MS, { do: 'ASK' }],
    ['nobody has called for almost five minutes', [], false, 299_999, { do: 'CHARGE' }],
    ['nobody has called for five minutes', [], false, 300_000, { do: 'ASK' }],
    ['asked, but not told', [ask({ status: 'refused' })], true, 0, { do: 'WAIT' }],
    [
      'one order without an answer, asked before and after',
      [ask({ status: 'unknown' }), charge({ status: 'silent' }), ask({ status: 'unknown' })],
      true,
      0,
      { do: 'CHARGE' },
    ],
    ['charged', [charge(succeeded)], false, 0, settled],
    ['found charged', [ask(succeeded)], true, 0, settled],
    ['found charged after long', [ask(succeeded)], true, FORGOTTEN_AFTER_MS * 9, settled],
    [
      'declined',
      [charge(declined)],
      false,
      0,
      { do: 'BOOK', verdict: { end: 'FAILED', reason: 'CARD_DECLINED', chargeId: 'c-1' } },
    ],
    ['order not taken', [charge({ status: 'refused' })], false, 0, failed],
    ['order not taken, but an earlier worker called', [charge({ status: 'refused' })], true, 0, { do: 'ASK' }],
    [
      'order not taken, after one without an answer',
      [charge({ status: 'silent' }), ask({ status: 'unknown' }), charge({ status: 'refused' })],
      false,
      0,
      { do: 'ASK' },
    ],
    [
      'repeated order not taken, then found charged',
      [ask({ status: 'unknown' }), charge({ status: 'refused' }), ask(succeeded)],
      true,
      0,
      settled,
    ],
    ['no clear answer', [charge({ status: 'silent' })], false, 0, { do: 'ASK' }],
    [
      'no clear answer, no charge known',
      [charge({ status: 'silent' }), ask({ status: 'unknown' })],
      false,
      0,
      { do: 'CHARGE' },
    ],
    [
      'twice no clear answer',
      [charge({ status: 'silent' }), ask({ status: 'unknown' }), charge({ status: 'silent' })],
      false,
      0,
      { do: 'ASK' },
    ],
    [
      'twice nothing',
      [
        charge({ status: 'silent' }),
        ask({ status: 'unknown' }),
        charge({ status: 'silent' }),
        ask({ status: 'unknown' }),
      ],
      false,
      0,
      { do: 'WAIT' },
    ],
    ['cannot even ask', [ask({ status: 'silent' })], true, 0, { do: 'WAIT' }],
    ['cannot even ask after long', [ask({ status: 'silent' })], true, FORGOTTEN_AFTER_MS * 9, { do: 'WAIT' }],
    ['unknown, soon', [ask({ status: 'unknown' })], true, CHARGE_UNTIL_MS - 1, { do: 'CHARGE' }],
    ['unknown, later', [ask({ status: 'unknown' })], true, CHARGE_UNTIL_MS, { do: 'WAIT' }],
    ['unknown, for good', [ask({ status: 'unknown' })], true, FORGOTTEN_AFTER_MS, failed],
  ])('%s', (_name, calls, calledBefore, ageMs, step) => {
    expect(nextStep({ calls, calledBefore, ageMs })).toEqual(step);
  });

  it('ends after few calls whatever the processor answers, and books only what it said', () => {
    const answers = fc.array(
      fc.constantFrom<ChargeAnswer>(
        succeeded,
        declined,
        { status: 'refused' },
        { status: 'unknown' },
        { status: 'silent' },
      ),
      { minLength: 10, maxLength: 10 },
    );
    fc.assert(
      fc.property(
        answers,
        fc.boolean(),
        fc.integer({ min: 0, max: FORGOTTEN_AFTER_MS * 2 }),
        (script, calledBefore, ageMs) => {
          const calls: Calls[number][] = [];
          for (;;) {
            const step = nextStep({ calls, calledBefore, ageMs });
            expect(calls.length).toBeLessThanOrEqual(5);
            if (step.do === 'WAIT') return;
            if (step.do === 'BOOK') {
              const said = calls.at(-1)!.answer;
              expect(step.verdict.end === 'SETTLED').toBe(said.status === 'succeeded');
              expect(said.status).not.toBe('silent');
              if (said.status === 'refused') expect([calledBefore, calls.length]).toEqual([false, 1]);
              if (said.status === 'unknown') expect(ageMs).toBeGreaterThanOrEqual(FORGOTTEN_AFTER_MS);
              return;
            }
            if (step.do === 'CHARGE') expect(ageMs).toBeLessThan(CHARGE_UNTIL_MS);
            const answer = script[calls.length]!;
            // An order is never answered with "unknown": that is the answer to a question.
            calls.push(
              step.do === 'CHARGE' ? charge(answer.status === 'unknown' ? { status: 'silent' } : answer) : ask(answer),
            );
          }
        },
      ),
    );
  });
});
