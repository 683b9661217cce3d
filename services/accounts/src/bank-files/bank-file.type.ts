import { connectionTypes, CurrencyCodeScalar, DateTime, MoneyType, UserErrorType } from '@tael/graphql';
import type { CurrencyCode } from '@tael/money';
import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { BankFileStatus } from './bank-file-status.domain';

export enum BankFileFormatEnum {
  CSV = 'CSV',
  CAMT053 = 'CAMT053',
}

export enum BankFileStatusEnum {
  UPLOADING = 'UPLOADING',
  COMPARING = 'COMPARING',
  FAILED = 'FAILED',
  DONE = 'DONE',
  DISCARDED = 'DISCARDED',
}

registerEnumType(BankFileFormatEnum, { name: 'BankFileFormat', description: 'CAMT053 is ISO 20022 camt.053.001.02 or .08.' });
registerEnumType(BankFileStatusEnum, {
  name: 'BankFileStatus',
  description: 'UPLOADING takes chunks; COMPARING goes on by itself; FAILED could not be compared and may be retried; DONE has its comparison; DISCARDED was given up.',
});

@ObjectType('BankFile', { description: 'A bank\'s file of Tael\'s own account that comes in parts. For operators.' })
export class BankFileType {
  /** The comparison, once there is one. */
  reconciliationId: string | null;

  @Field(() => ID)
  id: string;

  @Field(() => String)
  reference: string;

  @Field(() => CurrencyCodeScalar)
  currency: CurrencyCode;

  @Field(() => BankFileFormatEnum)
  format: `${BankFileFormatEnum}`;

  @Field(() => String)
  from: string;

  @Field(() => String)
  to: string;

  @Field(() => MoneyType)
  openingBalance: MoneyType;

  @Field(() => MoneyType)
  closingBalance: MoneyType;

  @Field(() => BankFileStatusEnum)
  status: BankFileStatus;

  @Field(() => Int, { description: 'The number of the chunk that is due.' })
  nextChunk: number;

  @Field(() => Int, { description: 'Bookings that were taken.' })
  lineCount: number;

  @Field(() => Int, { description: 'Lines of the comparison so far, those of the books that the bank does not have among them.' })
  comparedLines: number;

  @Field(() => Int, { description: 'Tries of its comparison that have failed since it last went on: it rests after each, and has FAILED after some.' })
  faults: number;

  @Field(() => DateTime)
  createdAt: Date;

  @Field(() => DateTime, { nullable: true })
  endedAt: Date | null;
}

export const { Connection: BankFileConnection } = connectionTypes<BankFileType>('BankFile', () => BankFileType);

@ObjectType('BankFilePayload')
export class BankFilePayload {
  @Field(() => BankFileType, { nullable: true })
  bankFile?: BankFileType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
