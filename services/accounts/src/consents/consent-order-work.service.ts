import { failpoint } from '@tael/platform/failpoint';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { audit } from '../audit/audit.service';
import { endByOperator } from './consent.ending';
import type { ConsentOrderEntity } from './consent-order.entity';
import { lockBank } from './consent-order.bank';

/** Consents in one transaction: out in some ten milliseconds, and the relay waits for no longer. */
export const CONSENTS_AT_ONCE = 50;

/** What works orders off, a piece at a time: each leaves its order further, or as it was, wherever somebody is killed. */
export class ConsentOrderWorkService {
  constructor(private readonly parts: { dataSource: DataSource; now: () => Date }) {}

  /** Does a piece of one order that nobody else has in hand, of any: one that fails holds up no other. Gives how many consents it ended. */
  async work(): Promise<number> {
    const worked = await inTransaction(this.parts.dataSource, async (tx) => {
      const [order]: ConsentOrderEntity[] = await tx.query(
        '/* consentOrders.work */ SELECT * FROM consent_order WHERE "finishedAt" IS NULL ORDER BY random() LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED',
      );
      if (!order) return undefined;
      const ended = await this.piece(tx, order);
      failpoint('consent-order.before-commit');
      return ended;
    });
    if (worked !== undefined) failpoint('consent-order.after-commit');
    return worked ?? 0;
  }

  private async piece(tx: Tx, order: ConsentOrderEntity): Promise<number> {
    const consentIds = await this.standing(tx, order);
    if (consentIds.length === 0) {
      await this.finish(tx, order);
      return 0;
    }
    const { id: orderId, orderedBy: actorId, cause, reason } = order;
    const ended = await endByOperator(tx, consentIds, { cause, actorId, reason, at: this.parts.now(), traceparent: '', orderId });
    await tx.query('/* consentOrders.worked */ UPDATE consent_order SET ended = ended + $2 WHERE id = $1', [orderId, ended]);
    return ended;
  }

  private async standing(tx: Tx, { partnerId }: ConsentOrderEntity): Promise<string[]> {
    const rows: { id: string }[] = await tx.query(
      `/* consentOrders.standing */ SELECT id FROM consent WHERE "partnerId" = $1 AND "withdrawnAt" IS NULL AND "expiresAt" > $2 ORDER BY id LIMIT $3`,
      [partnerId, this.parts.now(), CONSENTS_AT_ONCE],
    );
    return rows.map(({ id }) => id);
  }

  /** Nothing is given while the bank is locked: where nothing stands then, all that there was has ended. */
  private async finish(tx: Tx, order: ConsentOrderEntity): Promise<void> {
    const { id, partnerId, ended, reason } = order;
    await lockBank(tx, partnerId, 'NO KEY UPDATE');
    if ((await this.standing(tx, order)).length > 0) return;
    const at = this.parts.now();
    await tx.query('/* consentOrders.finish */ UPDATE consent_order SET "finishedAt" = $2 WHERE id = $1', [id, at]);
    await audit(tx, { kind: 'CONSENT_ORDER', id }, { actorId: null, action: 'FINISHED', before: { status: 'RUNNING' }, after: { status: 'FINISHED', ended }, reason, at });
  }
}
