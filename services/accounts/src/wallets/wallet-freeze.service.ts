import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { Operator } from '../approvals/approval.handler';
import { reasonRefusals } from '../audit/audit.domain';
import { audit, auditTrail } from '../audit/audit.service';
import type { AuditEntryEntity } from '../audit/audit-entry.entity';
import { emit } from '../events/emission';
import { uuidOf } from '../ids.domain';
import { lockWallets } from '../ledger/ledger.service';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { whileSessionLives } from '../sessions/session.service';
import { decideFreeze, decideUnfreeze } from './wallet-freeze.domain';
import type { WalletFreezeEntity } from './wallet-freeze.entity';

/** A freeze as operators see it. */
export interface WalletFreeze extends Omit<WalletFreezeEntity, 'frozenVersion' | 'liftedVersion'> {
  readonly personId: string;
  readonly currency: string;
  /** The person's other wallets, frozen or not. */
  readonly otherWalletIds: readonly string[];
}

type FreezeOutcome = Outcome<{ freeze: WalletFreeze }>;

const READ = `SELECT f.id, f."walletId", f."frozenAt", f."frozenBy", f.reason, f."liftedAt", f."liftedBy", w."personId", w.currency,
    ARRAY(SELECT o.id FROM wallet o WHERE o."personId" = w."personId" AND o.id <> w.id ORDER BY o.id) AS "otherWalletIds"
  FROM wallet_freeze f JOIN wallet w ON w.id = f."walletId"`;
const NEWEST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/**
 * Freezes of wallets. The state stands in the wallet's account: whoever spends locks and reads that row anyway, and the freeze waits
 * for the same lock. So what was decided before it is committed before it, and what is decided after it sees it.
 */
export class WalletFreezeService {
  constructor(private readonly parts: { readonly dataSource: DataSource }) {}

  async find(id: string): Promise<WalletFreeze | undefined> {
    const freezeId = uuidOf(id);
    if (!freezeId) return undefined;
    const [freeze]: WalletFreeze[] = await this.parts.dataSource.query(`/* walletFreezes.find */ ${READ} WHERE f.id = $1`, [freezeId]);
    return freeze;
  }

  /** Gives the freezes of a wallet, lifted ones too; without a wallet those of all that stand. The newest first. */
  async list({ walletId, after, limit }: { walletId: string | undefined; after: string | undefined; limit: number }): Promise<WalletFreeze[]> {
    const { dataSource } = this.parts;
    const page = 'AND f.id < $1::uuid ORDER BY f.id DESC LIMIT $2';
    if (walletId === undefined) {
      return dataSource.query(`/* walletFreezes.standing */ ${READ} WHERE f."liftedAt" IS NULL ${page}`, [after ?? NEWEST, limit]);
    }
    const id = uuidOf(walletId);
    return id ? dataSource.query(`/* walletFreezes.of-wallet */ ${READ} WHERE f."walletId" = $3 ${page}`, [after ?? NEWEST, limit, id]) : [];
  }

  /** Gives since when wallets are frozen; those that are not are left out. */
  async frozenSince(walletIds: readonly string[]): Promise<Map<string, Date>> {
    const rows: { walletId: string; frozenAt: Date }[] = await this.parts.dataSource.query(
      `/* walletFreezes.since */ SELECT "walletId", "frozenAt" FROM wallet_freeze WHERE "walletId" = ANY ($1::uuid[]) AND "liftedAt" IS NULL`,
      [walletIds],
    );
    return new Map(rows.map(({ walletId, frozenAt }) => [walletId, frozenAt]));
  }

  /** Gives what was done about a wallet, the newest first. */
  trail(walletId: string, page: { limit: number; after: string | undefined }): Promise<AuditEntryEntity[]> {
    return auditTrail(this.parts.dataSource, { kind: 'WALLET', id: walletId }, page);
  }

  async freeze(by: Operator, command: { walletId: string; reason: string }): Promise<FreezeOutcome> {
    const invalid = reasonRefusals(command.reason);
    if (invalid.length > 0) return { ok: false, refusals: invalid };
    const walletId = uuidOf(command.walletId);
    if (!walletId) return refuse('NOT_FOUND', ['input', 'walletId']);
    const id = uuidv7();
    const done = await inTransaction(this.parts.dataSource, (tx) =>
      whileSessionLives(tx, by, () => freezeIn(tx, by, { id, walletId, reason: command.reason })));
    return done.ok ? { ok: true, freeze: (await this.find(id))! } : done;
  }

  async unfreeze(by: Operator, command: { freezeId: string; reason: string }): Promise<FreezeOutcome> {
    const invalid = reasonRefusals(command.reason);
    if (invalid.length > 0) return { ok: false, refusals: invalid };
    const freezeId = uuidOf(command.freezeId);
    if (!freezeId) return refuse('NOT_FOUND', ['input', 'freezeId']);
    const done = await inTransaction(this.parts.dataSource, (tx) =>
      whileSessionLives(tx, by, () => unfreezeIn(tx, by, { freezeId, reason: command.reason })));
    return done.ok ? { ok: true, freeze: (await this.find(freezeId))! } : done;
  }
}

async function freezeIn(tx: Tx, by: Operator, { id, walletId, reason }: { id: string; walletId: string; reason: string }): Promise<Outcome<object>> {
  const wallet = (await lockWallets(tx, [walletId])).get(walletId);
  const decided = decideFreeze(wallet, by.personId);
  if (!decided.ok) return decided;
  // The instant is taken under the lock: whatever was decided under it before is earlier, whatever comes is later.
  const [{ at }]: [{ at: Date }] = await tx.query(
    `/* walletFreezes.freeze */ WITH frozen AS (UPDATE account SET "frozenAt" = clock_timestamp() WHERE id = $2 RETURNING "frozenAt", version)
     INSERT INTO wallet_freeze (id, "walletId", "frozenAt", "frozenVersion", "frozenBy", reason)
       SELECT $1, $2, "frozenAt", version, $3, $4 FROM frozen RETURNING "frozenAt" AS at`,
    [id, walletId, by.personId, reason],
  );
  const { personId, currency } = wallet!;
  await audit(tx, { kind: 'WALLET', id: walletId }, {
    actorId: by.personId, action: 'FROZEN', before: { frozen: false }, after: { frozen: true, freezeId: id }, reason, at,
  });
  await emit(tx, by, [{ type: 'wallet.frozen', data: { personId, walletId, freezeId: id, currency, occurredAt: at } }]);
  return { ok: true };
}

async function unfreezeIn(tx: Tx, by: Operator, { freezeId, reason }: { freezeId: string; reason: string }): Promise<Outcome<object>> {
  const [named]: { walletId: string }[] = await tx.query('/* walletFreezes.named */ SELECT "walletId" FROM wallet_freeze WHERE id = $1', [freezeId]);
  if (!named) return refuse('NOT_FOUND', ['input', 'freezeId']);
  const { walletId } = named;
  const { personId, currency } = (await lockWallets(tx, [walletId])).get(walletId)!;
  const [{ lifted }]: [{ lifted: boolean }] = await tx.query(
    '/* walletFreezes.read */ SELECT "liftedAt" IS NOT NULL AS lifted FROM wallet_freeze WHERE id = $1', [freezeId],
  );
  const decided = decideUnfreeze({ personId, lifted }, by.personId);
  if (!decided.ok) return decided;
  const [[{ at }]]: [[{ at: Date }], number] = await tx.query(
    `/* walletFreezes.lift */ WITH thawed AS (UPDATE account SET "frozenAt" = NULL WHERE id = $3 RETURNING version)
     UPDATE wallet_freeze f SET "liftedAt" = clock_timestamp(), "liftedBy" = $2, "liftedVersion" = t.version FROM thawed t WHERE f.id = $1
     RETURNING f."liftedAt" AS at`,
    [freezeId, by.personId, walletId],
  );
  await audit(tx, { kind: 'WALLET', id: walletId }, {
    actorId: by.personId, action: 'UNFROZEN', before: { frozen: true, freezeId }, after: { frozen: false }, reason, at,
  });
  await emit(tx, by, [{ type: 'wallet.unfrozen', data: { personId, walletId, freezeId, currency, occurredAt: at } }]);
  return { ok: true };
}
