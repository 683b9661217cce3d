import type { Tx } from '@tael/platform/postgres';
import type { Outcome } from '../outcomes/outcome.domain';
import type { Approval, ApprovalKind } from './approval.domain';

/** What is asked for, before it is a request. */
export type Asked = Pick<Approval, 'subjectId' | 'currency' | 'amount' | 'payload'>;

/** Who asks or decides, and the trace that events continue. */
export interface Operator {
  readonly personId: string;
  readonly sessionId: string;
  readonly traceparent: string;
}

/**
 * What a kind of request needs: a look at it when it is asked for, and the doing once another person has approved it. Both run in the
 * transaction that keeps the request or the decision. A refusal writes nothing.
 */
export interface ApprovalHandler {
  readonly kind: ApprovalKind;
  /** Looks at what is asked for, by the same rules as `execute`; nothing is promised by it. */
  check(tx: Tx, asked: Asked, by: Operator): Promise<Outcome<object>>;
  /** Looks at the rules again, does it once and gives the transaction that it booked, under the name {@link externalRefOf}. */
  execute(tx: Tx, approval: Approval, by: Operator & { readonly at: Date; readonly reason: string }): Promise<Outcome<{ resultId: string }>>;
}

/** Gives the name under which the transaction of a request is booked: the books take a name once. */
export const externalRefOf = ({ id }: Pick<Approval, 'id'>): string => `approval:${id}`;
