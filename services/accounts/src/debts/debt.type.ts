import { connectionTypes, DateTime, MoneyType } from '@tael/graphql';
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import type { DebtStatus } from './debt.domain';

export enum DebtStatusEnum {
  OPEN = 'OPEN',
  SETTLED = 'SETTLED',
  WRITTEN_OFF = 'WRITTEN_OFF',
}

registerEnumType(DebtStatusEnum, {
  name: 'DebtStatus', description: 'OPEN: some of it is still owed. SETTLED: all was collected. WRITTEN_OFF: what was not collected, two operators have written off.',
});

@ObjectType('Debt', { description: 'What a person owes for a top-up that their bank or card took back after it was spent. For operators.' })
export class DebtType {
  @Field(() => ID, { description: 'The top-up.' })
  id: string;

  @Field(() => ID, { description: 'Who owes it.' })
  personId: string;

  @Field(() => ID, { description: 'What comes into this wallet settles it.' })
  walletId: string;

  @Field(() => DebtStatusEnum)
  status: DebtStatus;

  @Field(() => MoneyType, { description: 'What was not in the wallet any more when the top-up was taken back.' })
  owed: MoneyType;

  @Field(() => MoneyType, { description: 'What of it was taken from the wallet since.' })
  collected: MoneyType;

  @Field(() => MoneyType, { description: 'What of it was written off.' })
  writtenOff: MoneyType;

  @Field(() => MoneyType, { description: 'What is left: owed, less what was collected and written off.' })
  open: MoneyType;

  @Field(() => DateTime, { description: 'When the top-up was taken back.' })
  since: Date;
}

export const { Connection: DebtConnection } = connectionTypes<DebtType>('Debt', () => DebtType);
