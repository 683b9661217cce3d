import { CurrencyCodeScalar, Decimal, PageArgs } from '@tael/graphql';
import { ArgsType, Field, ID, InputType, Int } from 'type-graphql';
import { BankFileFormatEnum, BankFileStatusEnum } from './bank-file.type';

@ArgsType()
export class BankFilesArgs extends PageArgs {
  @Field(() => BankFileStatusEnum, { nullable: true })
  status?: BankFileStatusEnum | null;
}

@InputType()
export class OpenBankFileInput {
  @Field(() => String, { description: 'Your own name for the file, 1 to 64 printable ASCII characters. The same again is the same file.' })
  reference: string;

  @Field(() => CurrencyCodeScalar)
  currency: string;

  @Field(() => BankFileFormatEnum, { defaultValue: BankFileFormatEnum.CSV })
  format: BankFileFormatEnum;

  @Field(() => String, { description: 'The first day of the file, such as 2026-11-01.' })
  from: string;

  @Field(() => String, { description: 'Its last day, today at the latest; a file has 31 days at most.' })
  to: string;

  @Field(() => Decimal, { description: 'The bank\'s balance before the first day; may be negative.' })
  openingBalance: string;

  @Field(() => Decimal, { description: 'The bank\'s balance after the last day. The bookings must lead to it.' })
  closingBalance: string;

  @Field(() => String, { description: 'Why, for the audit trail: 1 to 500 characters, no personal data.' })
  reason: string;
}

@InputType()
export class AddBankFileChunkInput {
  @Field(() => ID)
  fileId: string;

  @Field(() => Int, { description: '0 for the first; nextChunk says which is due. One that was taken is passed over.' })
  number: number;

  @Field(() => String, {
    description: 'The next 200,000 characters at most: of CSV whole lines, the first chunk with the header (see reconcileBankFile); of camt.053 up to the ' +
      'end of an entry. A wrong row is named by its line of the whole file, and nothing of its chunk is taken.',
  })
  text: string;
}

@InputType()
export class BankFileInput {
  @Field(() => ID)
  fileId: string;
}

@InputType()
export class RetryBankFileInput {
  @Field(() => ID)
  fileId: string;

  @Field(() => String, { description: 'Why, for the audit trail: 1 to 500 characters, no personal data.' })
  reason: string;
}
