import {
  afterAttempt,
  type Attempt,
  ATTEMPTS_MAX,
  choiceRefusals,
  choiceTimes,
  excerptOf,
  FAILING_MAX_MS,
  hadChosen,
  nextAttemptAt,
  PAUSES_MS,
  retryAfterMs,
} from './webhook.domain';

const NOW = new Date('2026-11-28T08:00:00.000Z');
const inMs = (ms: number) => new Date(NOW.getTime() + ms);
const answered = (status: number, retryAfter: number | null = null): Attempt => ({
  kind: 'ANSWERED', status, retryAfterMs: retryAfter, excerpt: '',
});

describe('the schedule', () => {
  it.each([
    [1, 5],
    [2, 300],
    [3, 1_800],
    [4, 7_200],
    [5, 18_000],
    [6, 36_000],
    [7, 50_400],
    [8, 72_000],
    [9, 86_400],
  ])('after attempt %i waits %i seconds, and up to a tenth more', (attempts, seconds) => {
    expect(nextAttemptAt(attempts, NOW, 0)).toEqual(inMs(seconds * 1_000));
    expect(nextAttemptAt(attempts, NOW, 1)).toEqual(inMs(seconds * 1_100));
  });
  it('ends after ten attempts, more than three days after the first', () => {
    expect(ATTEMPTS_MAX).toBe(10);
    expect(nextAttemptAt(ATTEMPTS_MAX, NOW, 0)).toBeNull();
    expect(PAUSES_MS.reduce((sum, pause) => sum + pause, 0)).toBeGreaterThan(3 * 86_400_000);
  });
});

describe('an attempt', () => {
  it.each<[string, Attempt, object]>([
    ['200', answered(200), { status: 'DELIVERED', dueAt: null, reason: null }],
    ['299', answered(299), { status: 'DELIVERED' }],
    ['301', answered(301), { status: 'PENDING', dueAt: inMs(5_000), reason: 'HTTP 301' }],
    ['400', answered(400), { status: 'PENDING', reason: 'HTTP 400' }],
    ['404', answered(404), { status: 'PENDING', disables: null }],
    ['410', answered(410), { status: 'SKIPPED', dueAt: null, reason: 'HTTP 410', disables: 'GONE' }],
    ['429 with Retry-After', answered(429, 60_000), { status: 'PENDING', dueAt: inMs(60_000) }],
    ['503 with Retry-After', answered(503, 60_000), { dueAt: inMs(60_000) }],
    ['503 with a shorter Retry-After', answered(503, 1_000), { dueAt: inMs(5_000) }],
    ['503 with a Retry-After of a year', answered(503, 31_536_000_000), { dueAt: inMs(86_400_000) }],
    ['500, whose Retry-After counts for nothing', answered(500, 60_000), { dueAt: inMs(5_000) }],
    ['a fault', { kind: 'FAILED', reason: 'TIMEOUT' }, { status: 'PENDING', reason: 'TIMEOUT' }],
  ])('%s', (_what, attempt, outcome) => {
    expect(afterAttempt(attempt, { attempts: 1, failingSince: null }, NOW, 0)).toMatchObject(outcome);
  });
  it.each([
    [ATTEMPTS_MAX - 1, 'PENDING'],
    [ATTEMPTS_MAX, 'DEAD'],
  ])('number %i that fails leaves the message %s', (attempts, status) => {
    expect(afterAttempt(answered(500), { attempts, failingSince: null }, NOW, 0).status).toBe(status);
  });
  it.each([
    [FAILING_MAX_MS - 1, 'PENDING', null],
    [FAILING_MAX_MS, 'DEAD', 'FAILING'],
  ])('that fails %i ms after the first of a row leaves it %s', (since, status, disables) => {
    const state = { attempts: 1, failingSince: inMs(-since) };
    expect(afterAttempt(answered(500), state, NOW, 0)).toMatchObject({ status, disables });
    expect(afterAttempt(answered(204), state, NOW, 0)).toMatchObject({ status: 'DELIVERED', disables: null });
  });
});

it.each([
  [undefined, null],
  ['120', 120_000],
  ['Sat, 28 Nov 2026 08:01:00 GMT', 60_000],
  ['Sat, 28 Nov 2026 07:00:00 GMT', 0],
  [' 5 ', 5_000],
  ['999999999', 999_999_999_000],
  ['1234567890', null],
  ['', null],
  ['soon', null],
])('Retry-After: %s', (header, ms) => {
  expect(retryAfterMs(header, NOW)).toBe(ms);
});

it.each([
  ['no such order', 'no such order'],
  ['line\n<b>two</b>\u0000', 'line <b>two</b>'],
  ['card 4242 4242 4242 4242 of ann@shop.example', 'card *** of ***'],
  ['token eyJhbGciOiJFUzI1NiIsInR5cCI6', 'token ***'],
  ['word '.repeat(100), 'word '.repeat(40).trim()],
  [`a${'😀'.repeat(250)}`, `a${'😀'.repeat(199)}`],
  ['12 34', '12 34'],
  ['1234567', '***'],
  ['key+of/24-signs=in_base64', '***'],
])('an answer %j is kept as %j', (text, kept) => {
  expect(excerptOf(text)).toBe(kept);
});

it.each([
  [{ eventTypes: ['payment.settled'], description: 'till' }, 'MERCHANT', true, []],
  [{ eventTypes: [], description: '' }, 'PARTNER', true, []],
  [{ eventTypes: ['history-import.ended', 'partner.changed'], description: '' }, 'PARTNER', true, []],
  [{ eventTypes: ['payment.settled'], description: '' }, 'PARTNER', true, ['EVENT_TYPE']],
  [{ eventTypes: ['history-import.ended'], description: '' }, 'MERCHANT', true, ['EVENT_TYPE']],
  [{ eventTypes: ['person.registered'], description: 'x'.repeat(201) }, 'MERCHANT', false, ['WEBHOOK_URL', 'EVENT_TYPE', 'TOO_LONG']],
  [{ eventTypes: ['payment.settled', 'person.registered'], description: '😀'.repeat(200) }, 'MERCHANT', true, ['EVENT_TYPE']],
  [{ eventTypes: [], description: 'a\ud800' }, 'MERCHANT', true, ['CHARACTERS']],
  [{ eventTypes: [], description: 'a\u0000b' }, 'MERCHANT', true, ['CHARACTERS']],
] as const)('%j of a %s is refused for what is wrong with it', (choice, kind, urlFits, reasons) => {
  const at = { WEBHOOK_URL: 'url', EVENT_TYPE: 'eventTypes', TOO_LONG: 'description', CHARACTERS: 'description' };
  expect(choiceRefusals(choice, kind, urlFits)).toEqual(reasons.map((reason) => ({ code: 'INVALID_INPUT', reason, field: ['input', at[reason]] })));
});

describe('since when a type is chosen', () => {
  const before = { eventTypes: ['payment.settled', 'payout.settled'], chosenAt: { 'payout.settled': '2026-11-01T00:00:00.000Z' } };

  it.each([
    ['stays as it was where nothing changes', before.eventTypes, { 'payout.settled': '2026-11-01T00:00:00.000Z' }],
    ['is now for what is added', [...before.eventTypes, 'payment.refunded'], { 'payout.settled': '2026-11-01T00:00:00.000Z', 'payment.refunded': NOW.toISOString() }],
    ['is forgotten with what is taken away', ['payment.settled'], {}],
  ])('%s', (_what, types, expected) => {
    expect(choiceTimes(before, types, NOW)).toEqual(expected);
  });

  it.each([
    ['payment.settled', '2026-10-01T00:00:00.000Z', true],
    // Two databases' clocks are up to a minute apart.
    ['payment.settled', '2026-09-30T23:59:00.000Z', true],
    ['payment.settled', '2026-09-30T23:58:59.999Z', false],
    ['payout.settled', '2026-10-31T23:59:00.000Z', true],
    ['payout.settled', '2026-10-31T23:58:59.999Z', false],
    ['payment.refunded', '2026-11-20T00:00:00.000Z', false],
  ])('of %s at %s: %s', (type, occurredAt, expected) => {
    expect(hadChosen({ ...before, createdAt: new Date('2026-10-01T00:00:00.000Z') }, { type, occurredAt: new Date(occurredAt) })).toBe(expected);
  });
});
