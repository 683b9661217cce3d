import type { CurrencyCode } from '@tael/money';
import type { Tx } from '@tael/platform/postgres';
import type { EntityManager } from 'typeorm';
import type { BankPostingKind, LockedAccount, SettlementPostingKind, TransactionKind } from './account.domain';
import { merchantAccountId, merchantInflowId, partnerClearingId } from './account.ids';

/** One leg: `amount` leaves `debit` and arrives in `credit`. */
export interface Leg {
  readonly debit: string;
  readonly credit: string;
  readonly amount: bigint;
}

/** A transaction that is about to be written. `personId` and `walletId` are whose wallet it moves: a transfer's sender. */
export interface NewTransaction {
  readonly id: string;
  readonly kind: TransactionKind | BankPostingKind | SettlementPostingKind;
  readonly currency: CurrencyCode;
  readonly amount: bigint;
  /** Charged on top of the amount, and what a waiver took off it. */
  readonly fee?: bigint;
  readonly feeWaived?: bigint;
  readonly personId: string;
  readonly walletId: string;
  readonly counterpartyId?: string;
  readonly counterWalletId?: string;
  readonly merchantId?: string;
  /** The payment of a refund or rebate, the payment that a reward is for. */
  readonly parentId?: string | undefined;
  readonly campaignId?: string;
  /** A name from outside, e.g. `grant:<id>`: the same name is never booked twice. */
  readonly externalRef?: string;
  /** Free text, sealed for the transaction's id. */
  readonly description?: string | undefined;
  /** The instant of the decision, as the database gave it; the posting's own instant where it is left out. */
  readonly recordedAt?: string;
  readonly legs: readonly Leg[];
}

export interface Balance {
  readonly posted: bigint;
  readonly available: bigint;
}

export interface Posted {
  readonly recordedAt: Date;
  /** The strict accounts (wallets) that it moved, right after. */
  readonly balances: ReadonlyMap<string, Balance>;
}

/** Writes a transaction to the books. A breach of a floor, a ceiling or a used-up external name throws and rolls back. */
export async function post(tx: Tx, transaction: NewTransaction): Promise<Posted> {
  const rows = await write(tx, transaction);
  const first = rows[0];
  if (!first) throw new Error(`transaction ${transaction.id} moved no wallet`);
  return { recordedAt: first.recordedAt, balances: new Map(rows.map((row) => [row.accountId, row])) };
}

/** Writes a transaction between accounts of Tael's own, which moves no wallet. */
export async function postBetweenOwn(tx: Tx, transaction: NewTransaction): Promise<void> {
  const moved = await write(tx, transaction);
  if (moved.length > 0) throw new Error(`transaction ${transaction.id} moved a wallet`);
}

interface MovedWallet extends Balance {
  readonly accountId: string;
  readonly recordedAt: Date;
}

function write(tx: Tx, transaction: NewTransaction): Promise<MovedWallet[]> {
  const { legs, amount, fee = 0n, feeWaived = 0n, ...row } = transaction;
  return tx.query(
    '/* ledger.post */ SELECT * FROM ledger_post($1::jsonb, $2::uuid[], $3::uuid[], $4::bigint[])',
    [
      JSON.stringify({ ...row, amount: String(amount), fee: String(fee), feeWaived: String(feeWaived) }),
      legs.map((leg) => leg.debit),
      legs.map((leg) => leg.credit),
      legs.map((leg) => leg.amount.toString()),
    ],
  );
}

/**
 * Gives the call that writes many transactions to the books, for a statement of the caller that does more besides (`FROM <call> p`);
 * {@link batchValues} are the values of its six parameters, {@link balancesOf} reads its rows. See {@link postBatch}.
 * @param first the number of the first of them
 */
export const batchCall = (first: number): string => `ledger_post_batch($${first}::jsonb, $${first + 1}::timestamptz, $${first + 2}::uuid[],
  $${first + 3}::uuid[], $${first + 4}::uuid[], $${first + 5}::bigint[])`;

/** Gives the values of {@link batchCall}'s parameters. */
export function batchValues(recordedAt: string, transactions: readonly NewTransaction[]): unknown[] {
  const legs = transactions.flatMap(({ id, legs }) => legs.map((leg) => ({ ...leg, tx: id })));
  return [
    JSON.stringify(transactions.map(({ legs: _legs, amount, fee = 0n, feeWaived = 0n, ...row }) => ({
      ...row, amount: String(amount), fee: String(fee), feeWaived: String(feeWaived), recordedAt,
    }))),
    recordedAt, legs.map((leg) => leg.tx), legs.map((leg) => leg.debit), legs.map((leg) => leg.credit),
    legs.map((leg) => leg.amount.toString()),
  ];
}

/** Gives what the strict accounts hold after a {@link batchCall}, by account. */
export const balancesOf = (rows: readonly { accountId: string; posted: bigint }[]): Map<string, bigint> =>
  new Map(rows.map((row) => [row.accountId, row.posted]));

/**
 * Gives the expression that fails a statement, and so its transaction, unless the accounts that a {@link batchCall} named `p` moved hold
 * what was expected; {@link expectValues} are the values of its two parameters.
 * @param first the number of the first of them
 */
export const expectCall = (first: number): string =>
  `ledger_expect($${first}::uuid[], $${first + 1}::bigint[], array_agg(p."accountId"), array_agg(p.posted))`;

/** Gives the values of {@link expectCall}'s parameters: what each account is to hold, in minor units. */
export const expectValues = (balances: readonly (readonly [accountId: string, posted: bigint])[]): unknown[] => [
  balances.map(([accountId]) => accountId), balances.map(([, posted]) => posted.toString()),
];

const POST_BATCH = batchCall(1);

/**
 * Writes many transactions to the books, at one instant, in the order given. Gives the posted balances of the strict accounts
 * after all of them. A breach of one throws and rolls back all.
 */
export async function postBatch(
  tx: Tx, recordedAt: string, transactions: readonly NewTransaction[],
): Promise<Map<string, bigint>> {
  return balancesOf(await tx.query(`/* ledger.post-batch */ SELECT * FROM ${POST_BATCH}`, batchValues(recordedAt, transactions)));
}

// So large that nobody meets it, so small that counters never leave the range of a bigint.
const WALLET_BALANCE_MAX = 1_000_000_000_000_000_000n;

/** Opens the account of a new wallet; its id is the wallet's. The person's first wallet brings the row that counts for them. */
export async function openWalletAccount(
  tx: Tx,
  wallet: { walletId: string; personId: string; currency: CurrencyCode },
): Promise<void> {
  await tx.query(
    `/* ledger.account.open */ INSERT INTO account (id, asset, purpose, "ownerId", "postingMode", "minAvailable",
       "maxBalance", "debitsPosted", "creditsPosted", "debitsPending", "creditsPending", version, "openedAt")
     VALUES ($1, $2, 'WALLET', $3, 'STRICT', 0, $4, 0, 0, 0, 0, 0, now())`,
    [wallet.walletId, wallet.currency, wallet.personId, WALLET_BALANCE_MAX.toString()],
  );
  await tx.query(
    `/* ledger.person.open */ INSERT INTO person_counter ("personId", payments) VALUES ($1, 0)
     ON CONFLICT ("personId") DO NOTHING`,
    [wallet.personId],
  );
}

/** Makes sure that a merchant can be paid in a currency, and gives the account. */
export async function openMerchantInflow(tx: Tx, merchantId: string, currency: CurrencyCode): Promise<string> {
  const id = merchantInflowId(merchantId, currency);
  await tx.query(
    `/* ledger.account.openInflow */ INSERT INTO account (id, asset, purpose, "ownerId", "postingMode", "debitsPosted",
       "creditsPosted", "debitsPending", "creditsPending", version, "openedAt")
     VALUES ($1, $2, 'MERCHANT_INFLOW', $3, 'DEFERRED', 0, 0, 0, 0, 0, now()) ON CONFLICT (id) DO NOTHING`,
    [id, currency, merchantId],
  );
  return id;
}

/** Makes sure that a merchant can be settled with: what is payable has a floor at nothing, so that nothing is paid twice. */
export async function openMerchantAccounts(tx: Tx, merchantId: string, currency: CurrencyCode): Promise<void> {
  const purposes = ['MERCHANT_PAYABLE', 'MERCHANT_RESERVE', 'MERCHANT_RECEIVABLE'] as const;
  await tx.query(
    `/* ledger.account.openMerchant */ INSERT INTO account (id, asset, purpose, "ownerId", "postingMode", "minAvailable", "maxBalance",
       "debitsPosted", "creditsPosted", "debitsPending", "creditsPending", version, "openedAt")
     SELECT a.id, $1, a.purpose, $2, CASE a.purpose WHEN 'MERCHANT_PAYABLE' THEN 'STRICT' ELSE 'DEFERRED' END,
       CASE a.purpose WHEN 'MERCHANT_PAYABLE' THEN 0 END, CASE a.purpose WHEN 'MERCHANT_PAYABLE' THEN $3::bigint END, 0, 0, 0, 0, 0, now()
     FROM unnest($4::uuid[], $5::text[]) AS a (id, purpose) ORDER BY a.id ON CONFLICT (id) DO NOTHING`,
    [currency, merchantId, WALLET_BALANCE_MAX.toString(), purposes.map((purpose) => merchantAccountId(purpose, merchantId, currency)), purposes],
  );
}

/** Locks what is payable to a merchant and gives how much that is. */
export async function lockPayable(tx: Tx, merchantId: string, currency: CurrencyCode): Promise<bigint> {
  const [row]: { posted: bigint }[] = await tx.query(
    '/* ledger.lockPayable */ SELECT "creditsPosted" - "debitsPosted" AS posted FROM account WHERE id = $1 FOR NO KEY UPDATE',
    [merchantAccountId('MERCHANT_PAYABLE', merchantId, currency)],
  );
  return row?.posted ?? 0n;
}

/**
 * Makes sure that accounts of a bank are in the books, with a floor no higher than told, and the account that they are brought
 * in against.
 */
export async function openPartnerAccounts(
  tx: Tx, { partnerId, currency, accounts }: { partnerId: string; currency: CurrencyCode; accounts: readonly { id: string; floor: bigint }[] },
): Promise<void> {
  await tx.query(
    `/* ledger.account.openPartner */ INSERT INTO account AS a (id, asset, purpose, "ownerId", "postingMode", "minAvailable", "maxBalance",
       "debitsPosted", "creditsPosted", "debitsPending", "creditsPending", version, "openedAt")
     SELECT p.id, $1, 'PARTNER_ACCOUNT', $2, 'STRICT', p.floor, $3::bigint, 0, 0, 0, 0, 0, now() FROM unnest($4::uuid[], $5::bigint[]) AS p (id, floor)
     ORDER BY p.id
     ON CONFLICT (id) DO UPDATE SET "minAvailable" = excluded."minAvailable" WHERE a."minAvailable" > excluded."minAvailable"`,
    [currency, partnerId, WALLET_BALANCE_MAX.toString(), accounts.map(({ id }) => id), accounts.map(({ floor }) => floor.toString())],
  );
  await tx.query(
    `/* ledger.account.openPartnerClearing */ INSERT INTO account (id, asset, purpose, "ownerId", "postingMode", "debitsPosted",
       "creditsPosted", "debitsPending", "creditsPending", version, "openedAt")
     VALUES ($1, $2, 'PARTNER_CLEARING', $3, 'DEFERRED', 0, 0, 0, 0, 0, now()) ON CONFLICT (id) DO NOTHING`,
    [partnerClearingId(partnerId, currency), currency, partnerId],
  );
}

/** Locks wallets in order of id and gives those that exist. */
export async function lockWallets(tx: Tx, walletIds: readonly string[]): Promise<Map<string, LockedAccount>> {
  const rows: LockedAccount[] = await tx.query(
    `/* ledger.lock */ SELECT id, "ownerId" AS "personId", asset AS currency, "creditsPosted" - "debitsPosted" AS posted,
       "debitsPending" AS pending, "frozenAt" IS NOT NULL AS frozen
     FROM account WHERE id = ANY ($1::uuid[]) AND purpose = 'WALLET' ORDER BY id FOR NO KEY UPDATE`,
    [walletIds],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** Reads balances by account; what is appended to a deferred account but not folded yet is counted in. */
export async function readBalances(manager: EntityManager, accountIds: readonly string[]): Promise<Map<string, Balance>> {
  const rows: { id: string; posted: bigint; available: bigint }[] = await manager.query(
    `/* ledger.balances */ SELECT a.id, b.posted, b.posted - a."debitsPending" AS available
     FROM account a, LATERAL (
       SELECT (a."creditsPosted" - a."debitsPosted" + coalesce(sum(d.credits - d.debits), 0))::bigint AS posted
       FROM pending_delta d WHERE d."accountId" = a.id AND a."postingMode" = 'DEFERRED') b
     WHERE a.id = ANY ($1::uuid[])`,
    [accountIds],
  );
  return new Map(rows.map((row) => [row.id, row]));
}
