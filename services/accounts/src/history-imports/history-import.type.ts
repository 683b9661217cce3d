import { connectionTypes, CurrencyCodeScalar, DateTime, ForPartners, showToPartners, UserErrorType } from '@tael/graphql';
import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { HistoryImport } from './history-import.domain';
import { PROBLEM_CODES } from './history-row.domain';

enum HistoryImportStatusEnum {
  UPLOADING = 'UPLOADING',
  CHECKING = 'CHECKING',
  CHECKED = 'CHECKED',
  REFUSED = 'REFUSED',
  APPLYING = 'APPLYING',
  DONE = 'DONE',
  DISCARDED = 'DISCARDED',
}

export const HistoryProblemCode = Object.fromEntries(PROBLEM_CODES.map((code) => [code, code]));

registerEnumType(HistoryImportStatusEnum, {
  name: 'HistoryImportStatus',
  description: 'UPLOADING takes chunks; CHECKING is the dry run; CHECKED waits for applyHistoryImport, REFUSED has problems and brought nothing; APPLYING books; DONE has opened the accounts.',
});
registerEnumType(HistoryProblemCode, {
  name: 'HistoryProblemCode',
  description: 'BALANCE_DIFFERS: the balance does not follow from the line before of the same account. DATE_GOES_BACK: it is of an earlier day than that line. TURNOVER: with it an account would move more than 10^18 minor units in all; at line 1, the file as a whole. NOT_BOOKED: it could not be booked, and nothing of the file was kept. The others name the cell.',
});
showToPartners('HistoryImportStatus', 'HistoryProblemCode');

@ObjectType('HistoryProblem')
@ForPartners()
export class HistoryProblemType {
  @Field(() => Int, { description: 'The line of the file; the header\'s is 1.' })
  line: number;

  @Field(() => HistoryProblemCode)
  code: string;
}

const problems = connectionTypes<HistoryProblemType>('HistoryProblem', () => HistoryProblemType);
export const HistoryProblemConnection = problems.Connection;
for (const type of [problems.Connection, problems.Edge]) ForPartners()(type);

@ObjectType('HistoryImport', { description: 'A history of accounts on its way into the books.' })
@ForPartners()
export class HistoryImportType {
  @Field(() => ID)
  id: string;

  @Field(() => String)
  reference: string;

  @Field(() => CurrencyCodeScalar)
  currency: string;

  @Field(() => HistoryImportStatusEnum)
  status: string;

  @Field(() => Int, { description: 'The number of the chunk that is due. An upload that was cut off goes on with it.' })
  nextChunk: number;

  @Field(() => Int, { description: 'Bookings that were read.' })
  lineCount: number;

  @Field(() => Int)
  accountCount: number;

  @Field(() => Int, { description: 'How far the dry run is, of accountCount.' })
  checkedAccounts: number;

  @Field(() => Int, { description: 'Accounts whose history goes below zero; known once it is CHECKED.' })
  overdrawnAccounts: number;

  @Field(() => Int, { description: 'All of them; the first thousand are listed.' })
  problemCount: number;

  @Field(() => Int, { description: 'How far the booking is, of lineCount.' })
  appliedLines: number;

  @Field(() => DateTime)
  createdAt: Date;

  @Field(() => DateTime, { nullable: true })
  endedAt: Date | null;

  /** What the problems are read of. */
  found: HistoryImport;
}

@ObjectType('HistoryImportPayload')
@ForPartners()
export class HistoryImportPayload {
  @Field(() => HistoryImportType, { nullable: true })
  historyImport?: HistoryImportType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
