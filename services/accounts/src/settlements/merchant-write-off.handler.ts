import { type CurrencyCode, formatAmount } from '@tael/money';
import type { Tx } from '@tael/platform/postgres';
import { v7 as uuidv7 } from 'uuid';
import { type ApprovalHandler, type Asked, externalRefOf } from '../approvals/approval.handler';
import { audit } from '../audit/audit.service';
import { emit } from '../events/emission';
import { merchantAccountId, systemAccountId } from '../ledger/account.ids';
import { postBetweenOwn } from '../ledger/ledger.service';
import type { Outcome } from '../outcomes/outcome.domain';
import { merchantPeople } from '../payouts/payout-owner.service';
import { MERCHANT_FUNDS, merchantAccountIds } from './merchant-funds.sql';
import { mayWriteOffOwed, type OwingSums } from './merchant-write-off.domain';
import { STANDING_WRITE_OFFS } from './merchant-write-off.sql';
import { type Cursor, lockCursor } from './settlement-cursor.service';

const NOTHING: OwingSums = { owed: 0n, writtenOff: 0n, funds: 0n };

async function owingOf(tx: Tx, { inflowId, merchantId, currency, owed }: Cursor): Promise<OwingSums> {
  const [sums]: [Omit<OwingSums, 'owed'>] = await tx.query(
    `/* merchantWriteOffs.sums */ SELECT ${STANDING_WRITE_OFFS} AS "writtenOff", ${MERCHANT_FUNDS} AS funds
     FROM settlement_cursor c WHERE c."inflowId" = $2`,
    [merchantAccountIds(merchantId, currency), inflowId],
  );
  return { owed, ...sums };
}

// The cursor comes first, as where the merchant is settled or paid, gives money back or changes its people: what is read after it holds until the end.
async function decide(
  tx: Tx, { subjectId: merchantId, currency, amount }: Asked, operatorId: string,
): Promise<{ cursor: Cursor | undefined; sums: OwingSums; owners: readonly string[]; decided: Outcome<object> }> {
  const cursor = await lockCursor(tx, merchantAccountId('MERCHANT_INFLOW', merchantId, currency));
  const people = await merchantPeople(tx, merchantId);
  const sums = cursor ? await owingOf(tx, cursor) : NOTHING;
  return { cursor, sums, owners: people?.owners ?? [], decided: mayWriteOffOwed(people && { people, ...sums }, { amount, currency }, operatorId) };
}

const told = ({ owed, writtenOff }: OwingSums, currency: CurrencyCode, settlement: number): Record<string, unknown> => ({
  currency, settlement, owed: formatAmount(owed, currency), writtenOff: formatAmount(writtenOff, currency),
});

/**
 * What a merchant owes, or a part of it, written off: the subject is the merchant, and Tael bears it. It is credited to the merchant's inflow, so the next
 * batch has it as an adjustment and pays what is owed with it, by the rule that is there for whatever comes in.
 */
export const merchantWriteOffHandler: ApprovalHandler = {
  kind: 'MERCHANT_WRITE_OFF',
  check: async (tx, asked, by) => (await decide(tx, asked, by.personId)).decided,
  async execute(tx, approval, by) {
    const { cursor, sums, owners, decided } = await decide(tx, approval, by.personId);
    if (!decided.ok) return decided;
    const { inflowId, merchantId, number } = cursor!;
    const { currency, amount } = approval;
    const id = uuidv7();
    await postBetweenOwn(tx, {
      // No person's, as a settlement: it stands under the merchant, and under what is payable to it.
      id, kind: 'MERCHANT_WRITE_OFF', currency, amount, merchantId, personId: merchantId, walletId: merchantAccountId('MERCHANT_PAYABLE', merchantId, currency),
      externalRef: externalRefOf(approval), legs: [{ debit: systemAccountId('WRITE_OFFS', currency), credit: inflowId, amount }],
    });
    await audit(tx, { kind: 'MERCHANT', id: merchantId }, {
      actorId: by.personId, action: 'WRITTEN_OFF', before: told(sums, currency, number), reason: by.reason, at: by.at,
      after: {
        ...told({ ...sums, writtenOff: sums.writtenOff + amount }, currency, number), requestedBy: approval.requestedBy, approvalId: approval.id, transactionId: id,
      },
    });
    await emit(tx, by, owners.map((personId) => ({
      type: 'merchant-debt.written-off',
      data: { personId, merchantId, transactionId: id, currency, amount, left: sums.owed - sums.writtenOff - amount, occurredAt: by.at },
    })));
    return { ok: true, resultId: id };
  },
};
