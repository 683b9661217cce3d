import { dispatcher, type EventHandlers, fromMessage, TOPICS, withoutHandler } from '@tael/events';
import type { Bus, BusMessage } from '@tael/platform/bus';
import { type BatchHandler, type EventConsumer, startEventConsumer } from '@tael/platform/inbox';
import type { Logger } from '@tael/platform/log';
import type { Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { takeMerchant } from '../merchants/merchant-copy.service';
import { takePartner } from '../partners/partner-copy.service';
import { takePaymentCode } from '../payments/payment-code.service';
import { bookGrants, isPlain, onBenefitGranted } from '../reward-postings/grant-batch.service';
import { onBenefitReversed, onFeeWaiverOffered } from '../reward-postings/reward-posting.service';

/** What accounts does on events of others, by type. */
export const accountsHandlers: EventHandlers<Tx> = {
  'merchant.changed': (tx, event) => takeMerchant(tx, event.data),
  'partner.changed': (tx, event) => takePartner(tx, event.data),
  'payment-code.created': (tx, event) => takePaymentCode(tx, event.data),
  'fee-waiver.offered': onFeeWaiverOffered,
  'benefit.granted': onBenefitGranted,
  'benefit.reversed': onBenefitReversed,
};

const GRANTS = 'grants';
// Every wallet of a transaction is held until it commits.
const BATCH_SIZE_MAX = 64;

/**
 * Grants that only put money into a wallet are booked together, since they lock in one order. Everything else is a
 * transaction of its own: together it would lock in the order of the events, which payments and transfers do not keep.
 */
function together({ headers, value }: BusMessage): string | undefined {
  if (headers['ce_type'] !== 'benefit.granted') return undefined;
  try {
    return isPlain(JSON.parse(value) as object) ? GRANTS : undefined;
  } catch {
    // No JSON: alone it goes to the dead letters, and takes nobody with it.
    return undefined;
  }
}

const one = dispatcher(accountsHandlers);

const handleBatch: BatchHandler = async (tx, messages) => {
  if (messages.every((message) => together(message) === GRANTS)) {
    return bookGrants(tx, messages.map(fromMessage) as Parameters<typeof bookGrants>[1]);
  }
  for (const message of messages) await one(tx, message);
};

/** Starts the consumer group `accounts`: merchants as they change, offers of rewards, grants and their reversals. */
export function startAccountsConsumer(
  parts: { bus: Bus; dataSource: DataSource; log: Logger; inboxDays?: number },
): Promise<EventConsumer> {
  return startEventConsumer({
    ...parts, group: 'accounts', topics: [TOPICS.merchants, TOPICS.rewards], handleBatch, together,
    passOver: withoutHandler(accountsHandlers), batchSizeMax: BATCH_SIZE_MAX,
  });
}
