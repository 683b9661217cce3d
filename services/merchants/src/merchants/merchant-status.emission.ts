import { toMessage } from '@tael/events';
import { appendToOutbox } from '@tael/platform/outbox';
import type { Tx } from '@tael/platform/postgres';
import type { MerchantEntity } from './merchant.entity';

/** Tells owners and managers that their merchant was suspended or let back in, in the transaction that does it. Why stands in the trail, for operators. */
export async function tellStatus(
  tx: Tx, { id: merchantId, version, people }: Pick<MerchantEntity, 'id' | 'version' | 'people'>, action: 'RESUMED' | 'SUSPENDED', { now, traceparent }: { now: Date; traceparent: string },
): Promise<void> {
  const answering = people.filter(({ role }) => role !== 'CASHIER').map(({ personId }) => personId);
  const data = { merchantId, version, status: action === 'RESUMED' ? 'ACTIVE' as const : action, people: answering, occurredAt: now };
  await appendToOutbox(tx, [toMessage('merchant.status-changed', data, { source: 'merchants', time: now, traceparent })]);
}
