import { randomUUID } from 'node:crypto';
import type { AuditSubject } from '../../src/audit/audit-entry.entity';
import { noteFault } from '../../src/bank-files/bank-file.faults';
import type { NewPerson } from '../people-world';
import { allow, type ConsentBank, openConsentBank, redeem } from './consent-flow';
import { type ConsentWorld, startConsentWorld } from './consent-world';
import { callerOf, merchantsOf, type Shop, USD } from './merchant-world';
import { day, reconciliationsOf } from './reconciliation-world';

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Payload = any;

/** One good call of an operator's mutation, and the entry of the trail that it must leave. */
export interface OperatorCall {
  readonly input: Record<string, unknown>;
  /** What of the payload is read, to know what the entry is about. */
  readonly payload: string;
  readonly about: { readonly kind: AuditSubject; readonly id: (payload: Payload) => string };
  readonly action: string;
  /** What the entry says was before and is after: null where there is nothing. */
  readonly before: Payload;
  readonly after: Payload;
  /** Where the input has no words for the trail: what stands there. */
  readonly reason?: string;
}

/** What calls are made of: operators, people, shops and a bank, all real. */
export interface Stage {
  readonly consents: ConsentWorld;
  readonly recon: Awaited<ReturnType<typeof reconciliationsOf>>;
  readonly shops: ReturnType<typeof merchantsOf>;
}

export async function openStage(): Promise<Stage> {
  const consents = await startConsentWorld('accounts_operator_trail');
  return { consents, recon: await reconciliationsOf(consents.world), shops: merchantsOf(consents.world) };
}

const usd = (amount = '1.00') => ({ amount, currency: 'USD' });
const asked = (kind: string) => ({ payload: 'approval { id }', about: { kind: 'APPROVAL' as const, id: ({ approval }: Payload) => approval.id }, action: 'REQUESTED', before: null, after: expect.objectContaining({ kind }) });
const why = () => ({ reason: 'It was agreed by phone', idempotencyKey: randomUUID() });
const of = (kind: AuditSubject, id: string) => ({ kind, id: () => id });

async function adjustment({ recon, consents }: Stage, by: NewPerson): Promise<{ id: string; digest: string }> {
  const { walletId } = await consents.world.signUp();
  return (await recon.staff.adjust(by, walletId)).approval;
}
/** A booking that nobody knows, and the one by which the bank took it back. */
async function explainable({ recon }: Stage): Promise<{ breakId: string; explainedBy: string }> {
  const [{ id: breakId }, later] = [await recon.opened(), recon.stranger(-700n)];
  await recon.reconcile([later]);
  return { breakId, explainedBy: later.id };
}
async function bankFile({ recon, consents: { world } }: Stage, steps: readonly ('chunk' | 'compare')[]): Promise<string> {
  const ask = async (name: string, type: string, input: object): Promise<string> => {
    const { data, errors } = await world.ask(`mutation ($input: ${type}!) { ${name}(input: $input) { bankFile { id } userErrors { code } } }`, { input }, recon.ada.as);
    if (errors || data[name].userErrors.length > 0) throw new Error(JSON.stringify(errors ?? data[name].userErrors));
    return data[name].bankFile.id;
  };
  const fileId = await ask('openBankFile', 'OpenBankFileInput', fileInput());
  if (steps.includes('chunk')) await ask('addBankFileChunk', 'AddBankFileChunkInput', { fileId, number: 0, text: fileText() });
  if (steps.includes('compare')) await ask('compareBankFile', 'BankFileInput', { fileId });
  return fileId;
}
const fileText = () => `booking_id,reference,kind,amount,booked_on\n${randomUUID()},fee,BOOKED,1.00,${day()}\n`;
const fileInput = () => ({ reference: randomUUID(), currency: 'EUR', from: day(), to: day(), openingBalance: '0.00', closingBalance: '1.00', reason: 'The daily file' });

async function earned({ shops }: Stage): Promise<Shop> {
  const shop = await shops.shop(0);
  await shops.setAccount(shop);
  await shops.earn(shop, 5_000n);
  return shop;
}
async function consented({ consents: { world, claims } }: Stage): Promise<{ bank: ConsentBank; consentId: string }> {
  const [bank, person] = [await openConsentBank(world, `Bank${randomUUID().slice(0, 6)}`), await world.signUp()];
  const { body } = await redeem(world, bank, await allow(world, bank, person));
  return { bank, consentId: (await claims(body.access_token))['consent_id'] as string };
}

const APPROVALS: Record<string, (stage: Stage) => Promise<OperatorCall>> = {
  requestManualAdjustment: async ({ consents }) => ({
    input: { walletId: (await consents.world.signUp()).walletId, direction: 'CREDIT', amount: usd(), ...why() }, ...asked('MANUAL_ADJUSTMENT'),
  }),
  requestLimitRaise: async () => ({ input: { limitId: 'transaction-amount-CHF', expectedVersion: 1, amount: { amount: '20000.00', currency: 'CHF' }, ...why() }, ...asked('LIMIT_RAISE') }),
  requestDebtWriteOff: async ({ recon: { bank } }) => {
    const debtor = await bank.debtor('25.00');
    return { input: { debtId: (await bank.orders(debtor)).find(({ owed }) => owed > 0n)!.id, amount: usd(), ...why() }, ...asked('DEBT_WRITE_OFF') };
  },
  requestMerchantWriteOff: async ({ shops }) => {
    const { merchantId } = await shops.owing(await shops.payer(), 1_000n);
    shops.today();
    return { input: { merchantId, amount: usd(), ...why() }, ...asked('MERCHANT_WRITE_OFF') };
  },
  requestPayoutByHand: async (stage) => ({ input: { merchantId: (await earned(stage)).merchantId, amount: usd(), ...why() }, ...asked('PAYOUT_BY_HAND') }),
  requestBreakWriteOff: async ({ recon }) => ({ input: { breakId: (await recon.opened()).id, ...why() }, ...asked('BREAK_WRITE_OFF') }),
  approveRequest: async (stage) => {
    const { id, digest } = await adjustment(stage, stage.recon.bob);
    return {
      input: { approvalId: id, digest, reason: 'I have seen the receipt' }, payload: 'approval { id }', about: of('APPROVAL', id), action: 'EXECUTED',
      before: { status: 'REQUESTED' }, after: { status: 'EXECUTED', resultId: expect.any(String) },
    };
  },
  rejectRequest: async (stage) => {
    const { id } = await adjustment(stage, stage.recon.bob);
    return { input: { approvalId: id, reason: 'No receipt' }, payload: 'approval { id }', about: of('APPROVAL', id), action: 'REJECTED', before: { status: 'REQUESTED' }, after: { status: 'REJECTED' } };
  },
  cancelRequest: async (stage) => {
    const { id } = await adjustment(stage, stage.recon.ada);
    return { input: { approvalId: id, reason: 'My mistake' }, payload: 'approval { id }', about: of('APPROVAL', id), action: 'CANCELLED', before: { status: 'REQUESTED' }, after: { status: 'CANCELLED' } };
  },
};

const RULES: Record<string, (stage: Stage) => Promise<OperatorCall>> = {
  setFeeSchedule: async () => ({
    input: { kind: 'PAYMENT', currency: 'SEK', expectedVersion: 1, rateBasisPoints: 50, minimum: { amount: '0.05', currency: 'SEK' }, maximum: { amount: '4.00', currency: 'SEK' }, reason: 'Spring offer' },
    payload: 'schedule { id }', about: { kind: 'FEE_SCHEDULE', id: ({ schedule }) => schedule.id }, action: 'FEE_SCHEDULE_SET',
    before: expect.objectContaining({ rateBasisPoints: 100, maximum: '5.00' }), after: expect.objectContaining({ rateBasisPoints: 50, maximum: '4.00' }),
  }),
  setLimit: async () => ({
    input: { limitId: 'day-amount-SEK', expectedVersion: 1, amount: { amount: '500.00', currency: 'SEK' }, reason: 'Fraud at the weekend' }, payload: 'limit { id }', about: of('LIMIT', 'day-amount-SEK'),
    action: 'LIMIT_SET', before: expect.objectContaining({ version: 1 }), after: expect.objectContaining({ version: 2, cap: '500.00' }),
  }),
  setMerchantTerms: async ({ shops, recon }) => {
    const [{ merchantId }, before] = [await shops.shop(), { feeBasisPoints: 150, feeFixed: { minor: 0n, currency: USD }, reserveBasisPoints: 0, reserveDays: 0 }];
    await shops.terms.set(callerOf(recon.bob, true), { merchantId, ...before, reason: 'The first' });
    return {
      input: { merchantId, feeBasisPoints: 100, feePerPayment: usd('0.05'), reserveBasisPoints: 0, reserveDays: 0, reason: 'By contract' }, payload: 'terms { feeBasisPoints }',
      about: of('MERCHANT', merchantId), action: 'TERMS_SET', before: expect.objectContaining({ feeBasisPoints: 150 }), after: expect.objectContaining({ feeBasisPoints: 100 }),
    };
  },
  closeSettlement: async ({ shops }) => {
    const shop = await shops.shop(0);
    await shops.pay(await shops.payer(), shop, 1_000n);
    await shops.fold();
    return {
      input: { merchantId: shop.merchantId, currency: 'USD', reason: 'The shop closes' }, payload: 'settlement { id }', about: of('MERCHANT', shop.merchantId), action: 'SETTLEMENT_CLOSED',
      before: null, after: expect.objectContaining({ number: 1, settlementId: expect.any(String) }),
    };
  },
};

const RECONCILIATION: Record<string, (stage: Stage) => Promise<OperatorCall>> = {
  assignBreak: async ({ recon }) => {
    const { id } = await recon.opened();
    return {
      input: { breakId: id, reason: 'I look at it' }, payload: 'break { id }', about: of('BREAK', id), action: 'ASSIGNED',
      before: { status: 'OPEN', assigneeId: null }, after: { status: 'INVESTIGATING', assigneeId: recon.ada.id },
    };
  },
  // Nothing is changed but that the note is there: it is the reason.
  noteBreak: async ({ recon }) => {
    const { id } = await recon.opened();
    return { input: { breakId: id, note: 'The bank was asked' }, payload: 'break { id }', about: of('BREAK', id), action: 'NOTED', before: null, after: null };
  },
  resolveBreak: async (stage) => {
    const { breakId, explainedBy } = await explainable(stage);
    return {
      input: { breakId, explainedBy, reason: 'Taken back the day after' }, payload: 'break { id }', about: of('BREAK', breakId), action: 'RESOLVED',
      before: { status: 'OPEN' }, after: { status: 'RESOLVED', explainedBy },
    };
  },
  openBankFile: async () => ({
    input: fileInput(), payload: 'bankFile { id }', about: { kind: 'BANK_FILE', id: ({ bankFile: file }) => file.id }, action: 'FILE_OPENED', before: null,
    after: expect.objectContaining({ status: 'UPLOADING', currency: 'EUR', opening: '0.00', closing: '1.00' }),
  }),
  addBankFileChunk: async (stage) => {
    const fileId = await bankFile(stage, []);
    return {
      input: { fileId, number: 0, text: fileText() }, payload: 'bankFile { id }', about: of('BANK_FILE', fileId), action: 'FILE_CHUNK_ADDED', before: { lineCount: 0 },
      after: { number: 0, lineCount: 1, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }, reason: 'Handed in',
    };
  },
  compareBankFile: async (stage) => {
    const fileId = await bankFile(stage, ['chunk']);
    return {
      input: { fileId }, payload: 'bankFile { id }', about: of('BANK_FILE', fileId), action: 'FILE_SUBMITTED', before: { status: 'UPLOADING' }, after: { status: 'COMPARING' }, reason: 'Submitted for comparison',
    };
  },
  retryBankFile: async (stage) => {
    const { world } = stage.consents;
    // The one that waits to be compared is what holds its currency up: it fails until it is given up.
    const [waiting] = await world.rows(`SELECT id FROM bank_file WHERE status = 'COMPARING'`) as { id: string }[];
    const fileId = waiting?.id ?? (await bankFile(stage, ['chunk', 'compare']));
    for (let tries = 0; tries < 6; tries += 1) await noteFault(world.dataSource, fileId, new Date(), { inTime: true });
    return {
      input: { fileId, reason: 'The cause is mended' }, payload: 'bankFile { id }', about: of('BANK_FILE', fileId), action: 'FILE_RETRIED', before: { status: 'FAILED' }, after: { status: 'COMPARING' },
    };
  },
  discardBankFile: async (stage) => {
    const fileId = await bankFile(stage, []);
    return {
      input: { fileId }, payload: 'bankFile { id }', about: of('BANK_FILE', fileId), action: 'FILE_DISCARDED', before: { status: 'UPLOADING' }, after: { status: 'DISCARDED' }, reason: 'Given up before its comparison',
    };
  },
  reconcileBankFile: async () => ({
    input: { ...fileInput(), reference: undefined, currency: 'GBP', csv: fileText() }, payload: 'reconciliation { id }',
    about: { kind: 'RECONCILIATION', id: ({ reconciliation }) => reconciliation.id }, action: 'RECONCILED', before: null, after: expect.objectContaining({ currency: 'GBP', lines: 1, breaks: 1 }),
  }),
};

const PEOPLE: Record<string, (stage: Stage) => Promise<OperatorCall>> = {
  endConsents: async (stage) => {
    const { bank: { partnerId } } = await consented(stage);
    return {
      input: { partnerId, cause: 'BANK_LEFT', ...why() }, payload: 'order { id }', about: { kind: 'CONSENT_ORDER', id: ({ order }) => order.id }, action: 'ORDERED', before: null,
      after: { partnerId, cause: 'BANK_LEFT', total: 1 },
    };
  },
  endConsent: async (stage) => {
    const { consentId } = await consented(stage);
    return {
      input: { consentId, cause: 'BANK_COMPROMISED', reason: 'It lost a key' }, payload: 'consent { id }', about: of('CONSENT', consentId), action: 'ENDED', before: { status: 'ACTIVE' },
      after: expect.objectContaining({ status: 'WITHDRAWN' }),
    };
  },
  decideDispute: async ({ shops, consents: { world } }) => {
    const [shop, payer] = [await shops.shop(), await shops.payer()];
    const { disputes } = world.app.services;
    const transactionId = await shops.pay(payer, shop, 5_000n);
    const opened = await disputes.open(callerOf(payer), { transactionId, reason: 'OTHER', description: 'It never came', amount: undefined });
    if (!opened.ok) throw new Error(JSON.stringify(opened.refusals));
    const disputeId = opened.dispute.id;
    await disputes.contest(callerOf(shop.owner), { disputeId, evidence: 'It was handed over' });
    return {
      input: { disputeId, decision: 'PERSON', reason: 'The receipt says so' }, payload: 'dispute { id }', about: of('DISPUTE', disputeId), action: 'DECIDED', before: { status: 'CONTESTED' },
      after: expect.objectContaining({ status: 'DECIDED', decision: 'PERSON', refunded: '50.00' }),
      // What is written of a dispute may be personal, and an entry cannot be erased.
      reason: 'As decisionReason of the dispute says',
    };
  },
  freezeWallet: async ({ consents: { world } }) => {
    const { walletId } = await world.signUp();
    return {
      input: { walletId, reason: 'Order 7 of the court' }, payload: 'freeze { id }', about: of('WALLET', walletId), action: 'FROZEN', before: expect.objectContaining({ frozen: false }), after: expect.objectContaining({ frozen: true }),
    };
  },
  signCustomerOut: async ({ consents: { world } }) => {
    const { walletId } = await world.signUp();
    return {
      input: { walletId, reason: 'Somebody else is in it' }, payload: 'endedCount', about: of('WALLET', walletId), action: 'OWNER_SIGNED_OUT', before: { sessions: 1 }, after: { sessions: 0 },
    };
  },
  unfreezeWallet: async ({ consents: { world }, recon }) => {
    const { walletId } = await world.signUp();
    const { data } = await world.ask('mutation ($input: FreezeWalletInput!) { freezeWallet(input: $input) { freeze { id } } }', { input: { walletId, reason: 'Order 8' } }, recon.bob.as);
    return {
      input: { freezeId: data.freezeWallet.freeze.id, reason: 'The order was lifted' }, payload: 'freeze { id }', about: of('WALLET', walletId), action: 'UNFROZEN',
      before: expect.objectContaining({ frozen: true }), after: expect.objectContaining({ frozen: false }),
    };
  },
};

/** A good call of each mutation of operators, by its name. */
export const OPERATOR_CALLS: Record<string, (stage: Stage) => Promise<OperatorCall>> = { ...APPROVALS, ...RULES, ...RECONCILIATION, ...PEOPLE };
