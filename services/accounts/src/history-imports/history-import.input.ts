import { CurrencyCodeScalar, ForPartners } from '@tael/graphql';
import { Field, ID, InputType, Int } from 'type-graphql';

@InputType()
@ForPartners()
export class OpenHistoryImportInput {
  @Field(() => String, { description: 'Your own name for it, 1 to 64 printable ASCII characters. The same again is the same import.' })
  reference: string;

  @Field(() => CurrencyCodeScalar)
  currency: string;
}

@InputType()
@ForPartners()
export class AddHistoryChunkInput {
  @Field(() => ID)
  importId: string;

  @Field(() => Int, { description: '0 for the first; nextChunk says which is due. One that was taken is passed over.' })
  number: number;

  @Field(() => String, {
    description: 'Whole lines, 200,000 characters at most. The first chunk begins with the header: date, account, kind (credit or debit), amount, ' +
      'balance_after, and where you have them operation, purpose, counterparty_bank, counterparty_account, bank_ref.',
  })
  csv: string;
}

@InputType()
@ForPartners()
export class HistoryImportInput {
  @Field(() => ID)
  importId: string;
}

@InputType()
@ForPartners()
export class ApplyHistoryImportInput {
  @Field(() => ID)
  importId: string;

  @Field(() => Boolean, { defaultValue: false, description: 'Lets accounts go below zero as far as their history does.' })
  allowOverdraft: boolean;
}
