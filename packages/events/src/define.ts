import type { z } from 'zod';

export const TOPICS = {
  accounts: 'tael.accounts.v1',
  payments: 'tael.payments.v1',
  merchants: 'tael.merchants.v1',
  rewards: 'tael.rewards.v1',
  notifications: 'tael.notifications.v1',
} as const;

export type Topic = (typeof TOPICS)[keyof typeof TOPICS];

/** One kind of event: where it goes, what its data is, and why it exists. */
export interface EventDefinition<Type extends string = string, Data extends z.ZodType = z.ZodType> {
  readonly type: Type;
  readonly version: 1;
  readonly topic: Topic;
  /** The field of the data whose value is the key: what must keep its order. */
  readonly key: string;
  readonly describe: string;
  readonly data: Data;
}

export function defineEvent<Type extends string, Data extends z.ZodType>(
  definition: EventDefinition<Type, Data> & { key: keyof z.output<Data> & string },
): EventDefinition<Type, Data> {
  return definition;
}
