import { connectionTypes, DateTime } from '@tael/graphql';
import { Directive, Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import type { MessageClass } from '../messages/gate.domain';

enum NotificationClass {
  SECURITY = 'SECURITY',
  TRANSACTIONAL = 'TRANSACTIONAL',
  SERVICE = 'SERVICE',
  MARKETING = 'MARKETING',
}
registerEnumType(NotificationClass, { name: 'NotificationClass' });

@ObjectType('Transaction')
@Directive('@key(fields: "id", resolvable: false)')
export class TransactionStub {
  @Field(() => ID)
  id: string;
}

@ObjectType('Notification')
@Directive('@key(fields: "id")')
export class NotificationType {
  @Field(() => ID)
  id: string;

  @Field(() => NotificationClass)
  class: MessageClass;

  @Field(() => String, { description: 'What it is about, e.g. payment.settled, reward.paid.' })
  topic: string;

  @Field(() => String)
  title: string;

  @Field(() => String)
  body: string;

  @Field(() => TransactionStub, { nullable: true })
  transaction: TransactionStub | null;

  @Field(() => DateTime)
  createdAt: Date;

  @Field(() => DateTime, { nullable: true })
  readAt: Date | null;
}

export const { Connection: NotificationConnection } = connectionTypes('Notification', () => NotificationType);

/** What of a message the API shows. */
export interface NotificationView {
  readonly id: string;
  readonly class: MessageClass;
  readonly topic: string;
  readonly title: string;
  readonly body: string;
  readonly transactionId: string | null;
  readonly createdAt: Date;
  readonly readAt: Date | null;
}

export function toNotification(message: NotificationView): NotificationType {
  const { id, topic, title, body, createdAt, readAt } = message;
  const transaction = message.transactionId ? { id: message.transactionId } : null;
  return { id, class: message.class, topic, title, body, transaction, createdAt, readAt };
}
