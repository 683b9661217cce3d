import { type Admission, type AdmissionLimits, createAdmission } from './admission';

const limits: AdmissionLimits = { inWorkMax: 2, waitingMax: 2, waitMs: 100, loopDelayMaxMs: 50 };
let lateMs = 0;
const loopDelay = { lateMs: () => lateMs, close: () => undefined };
const create = (pressure: () => string | undefined = () => undefined): Admission => createAdmission(limits, { loopDelay, pressure });

beforeEach(() => {
  lateMs = 0;
  jest.useFakeTimers();
});
afterEach(() => jest.useRealTimers());

describe('admission', () => {
  it('lets in at once what fits, then keeps waiting, then refuses at once', () => {
    const admission = create();
    expect([admission.enter(), admission.enter()]).toEqual([undefined, undefined]);
    expect([admission.enter(), admission.enter()].every((answer) => answer instanceof Promise)).toBe(true);
    expect(admission.enter()).toBe('full');
    expect([admission.inWork, admission.waiting]).toEqual([2, 2]);
  });

  it('lets those who wait in by order of arrival, one for each that leaves', async () => {
    const admission = create();
    const order: string[] = [];
    void admission.enter();
    void admission.enter();
    const first = Promise.resolve(admission.enter()).then((answer) => order.push(`first ${answer}`));
    const second = Promise.resolve(admission.enter()).then((answer) => order.push(`second ${answer}`));
    admission.leave(1);
    await first;
    expect(order).toEqual(['first undefined']);
    admission.leave(1);
    await second;
    expect(order).toEqual(['first undefined', 'second undefined']);
    expect([admission.inWork, admission.waiting]).toEqual([2, 0]);
  });

  it('refuses who has waited for as long as is allowed, and gives the place to nobody twice', async () => {
    const admission = create();
    void admission.enter();
    void admission.enter();
    const late = admission.enter();
    jest.advanceTimersByTime(limits.waitMs);
    expect(await late).toBe('waited too long');
    admission.leave(1);
    admission.leave(1);
    expect([admission.inWork, admission.waiting]).toEqual([0, 0]);
    expect(admission.enter()).toBeUndefined();
  });

  it.each([
    ['the event loop is late', 51, undefined, 'event loop'],
    ['the database is behind', 0, 'full', 'pressure'],
  ] as const)('begins nothing more while %s, but never nothing at all', (_name, late, sign, refusal) => {
    const admission = create(() => sign);
    lateMs = late;
    expect(admission.enter()).toBeUndefined();
    expect(admission.enter()).toBe(refusal);
    admission.leave(1);
    expect(admission.enter()).toBeUndefined();
  });

  it('works at the limit of the delay', () => {
    const admission = create();
    void admission.enter();
    lateMs = limits.loopDelayMaxMs;
    expect(admission.enter()).toBeUndefined();
  });
});
