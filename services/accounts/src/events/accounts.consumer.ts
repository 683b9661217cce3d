import { dispatcher, type EventHandlers, TOPICS, withoutHandler } from '@tael/events';
import type { Bus } from '@tael/platform/bus';
import { type EventConsumer, startEventConsumer } from '@tael/platform/inbox';
import type { Logger } from '@tael/platform/log';
import type { Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { takeMerchant } from '../merchants/merchant-copy.service';
import { onBenefitGranted, onBenefitReversed, onFeeWaiverOffered } from '../reward-postings/reward-posting.service';

/** What accounts does on events of others, by type. */
export const accountsHandlers: EventHandlers<Tx> = {
  'merchant.changed': (tx, event) => takeMerchant(tx, event.data),
  'fee-waiver.offered': onFeeWaiverOffered,
  'benefit.granted': onBenefitGranted,
  'benefit.reversed': onBenefitReversed,
};

// An event is a transaction of its own: a batch would lock wallets in the order of its events, which is no order that
// payments and transfers keep too, so that they would wait for each other in a circle.
const BATCH_SIZE_MAX = 1;

/** Starts the consumer group `accounts`: merchants as they change, offers of rewards, grants and their reversals. */
export function startAccountsConsumer(
  parts: { bus: Bus; dataSource: DataSource; log: Logger; inboxDays?: number },
): Promise<EventConsumer> {
  return startEventConsumer({
    ...parts, group: 'accounts', topics: [TOPICS.merchants, TOPICS.rewards], handle: dispatcher(accountsHandlers),
    passOver: withoutHandler(accountsHandlers), batchSizeMax: BATCH_SIZE_MAX,
  });
}
