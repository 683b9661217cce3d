import { CurrencyCodeScalar, Decimal, PageArgs } from '@tael/graphql';
import { ArgsType, Field, InputType } from 'type-graphql';
import { ReconciliationClassEnum } from './reconciliation.type';

@ArgsType()
export class ReconciliationLinesArgs extends PageArgs {
  @Field(() => ReconciliationClassEnum, { nullable: true })
  class?: ReconciliationClassEnum | null;
}

@InputType()
export class ReconcileBankFileInput {
  @Field(() => CurrencyCodeScalar)
  currency: string;

  @Field(() => String, { description: 'The first day of the file, such as 2026-11-01.' })
  from: string;

  @Field(() => String, { description: 'Its last day, today at the latest; a file has 31 days at most.' })
  to: string;

  @Field(() => Decimal, { description: 'The bank\'s balance before the first day; may be negative.' })
  openingBalance: string;

  @Field(() => Decimal, { description: 'The bank\'s balance after the last day. The bookings must lead to it.' })
  closingBalance: string;

  @Field(() => String, {
    description: 'CSV, 200,000 characters at most (a larger file comes in parts: openBankFile), with the columns booking_id, reference, kind (BOOKED or RETURNED), amount (what came in is positive) ' +
      'and booked_on. Other columns are passed over and kept nowhere.',
  })
  csv: string;

  @Field(() => String, { description: 'Why, for the audit trail: 1 to 500 characters, no personal data.' })
  reason: string;
}
