import { v7 as uuidv7 } from 'uuid';
import { emailIndex } from '../src/people/person.service';
import { type Bank, type Customer, FAILED_RECIPIENTS_PER_HOUR, openBank, usd } from './support/bank';

// Whom a transfer may be sent to, and what asking for somebody may tell.
describe('recipients of transfers', () => {
  let bank: Bank;

  beforeAll(async () => {
    bank = await openBank('transfers');
  });
  afterAll(async () => {
    await bank.close();
  });

  const send = (sender: Customer, recipientEmail: string, idempotencyKey = uuidv7()) =>
    bank.services.transfers.send(sender, {
      walletId: sender.walletId,
      recipientEmail,
      amount: usd(100n),
      description: undefined,
      idempotencyKey,
    });
  const nobody = () => `${uuidv7()}@example.com`;
  const notFound = { ok: false, refusals: [{ code: 'NOT_FOUND', field: ['input', 'recipientEmail'] }] };
  const tryLater = {
    ok: false,
    refusals: [{ code: 'LIMIT_EXCEEDED', reason: 'TRY_LATER', field: ['input', 'recipientEmail'] }],
  };

  it('A17: cannot be looked for without end: then known and unknown are answered alike, until the hour is over', async () => {
    const [ada, bob, eve] = await Promise.all([1, 2, 3].map(() => bank.customer({ minor: 10_000n })));
    const before = uuidv7();
    const settled = await send(eve!, bob!.email, before);
    expect(settled.ok).toBe(true);
    for (let n = 0; n < FAILED_RECIPIENTS_PER_HOUR; n++) expect(await send(eve!, nobody())).toEqual(notFound);
    const key = uuidv7();
    expect(await send(eve!, nobody())).toEqual(tryLater);
    expect(await send(eve!, bob!.email, key)).toEqual(tryLater);
    expect(await bank.balance(eve!.walletId)).toBe(9_900n);

    // What was answered under a key stays its answer, and nobody else is bounded by it.
    expect(await send(eve!, bob!.email, before)).toEqual(settled);
    expect((await send(ada!, bob!.email)).ok).toBe(true);

    await bank.dataSource.query(
      `UPDATE attempt_window SET "startedAt" = now() - interval '61 minutes' WHERE subject = $1`,
      [eve!.personId],
    );
    expect((await send(eve!, bob!.email, key)).ok).toBe(true);
    expect(await bank.balance(eve!.walletId)).toBe(9_800n);
    expect(await send(eve!, nobody())).toEqual(notFound);
  });

  it('A17: pass the bound no more often when all are looked for at once', async () => {
    const eve = await bank.customer({ minor: 10_000n });
    const answers = await Promise.all(Array.from({ length: 30 }, () => send(eve, nobody())));
    const told = answers.filter((answer) => !answer.ok && answer.refusals[0]!.code === 'NOT_FOUND');
    expect(told).toHaveLength(FAILED_RECIPIENTS_PER_HOUR);
  });

  it('are the same however their address is composed: one key, one wish', async () => {
    const [ada, bob] = [await bank.customer({ minor: 10_000n }), await bank.customer()];
    const composed = `b\u00f6b-${uuidv7()}@example.com`;
    await bank.dataSource.query('UPDATE person SET "emailIndex" = $2 WHERE id = $1', [
      bob.personId,
      emailIndex(bank.sealer, composed),
    ]);
    const key = uuidv7();
    const first = await send(ada, composed, key);
    expect(first.ok).toBe(true);
    expect(await send(ada, ` ${composed.normalize('NFD').toUpperCase()}`, key)).toEqual(first);
    expect(await bank.balance(bob.walletId)).toBe(100n);
  });
});
