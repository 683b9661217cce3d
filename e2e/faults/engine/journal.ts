export type OperationKind = 'PAYMENT' | 'TRANSFER' | 'TOP_UP' | 'REFUND' | 'WITHDRAWAL';

/** Something that a client wanted once, under one key, and what it knows of it. */
export interface Operation {
  readonly kind: OperationKind;
  readonly key: string;
  /** Whose key it is. */
  readonly scope: string;
  readonly minor: bigint;
  readonly query: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** The transaction that was answered: from then on it must stand, once. */
  transactionId?: string;
  /** The refusal that was answered. */
  refusal?: string;
  attempts: number;
}

/** Everything that the clients of a run did: what the books are compared with. */
export class Journal {
  readonly operations: Operation[] = [];
  /** The payment codes that tills were given. */
  readonly codes: string[] = [];
  /** How often a retryable refusal was given, by code. */
  readonly refusals = new Map<string, number>();
  /** Answers that no client should see. */
  readonly faults: string[] = [];
  /** Keys that were answered twice, and not alike. */
  readonly contradictions: string[] = [];
  slowestRefusalMs = 0;

  refused(code: string, tookMs: number): void {
    this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
    this.slowestRefusalMs = Math.max(this.slowestRefusalMs, tookMs);
  }

  answered(operation: Operation, answer: { transactionId?: string; refusal?: string }): void {
    const before = operation.transactionId ?? operation.refusal;
    const now = answer.transactionId ?? answer.refusal;
    if (before !== undefined && before !== now) this.contradictions.push(`${operation.key}: ${before}, then ${now}`);
    if (before === undefined) Object.assign(operation, answer);
  }

  /** What has gone wrong before the eyes of a client since this was last asked: each flaw is told once. */
  news(): { faults: string[]; contradictions: string[] } {
    return { faults: this.faults.splice(0), contradictions: this.contradictions.splice(0) };
  }

  acknowledged(kind?: OperationKind): Operation[] {
    return this.operations.filter((one) => one.transactionId !== undefined && (kind === undefined || one.kind === kind));
  }

  /** How often a retryable refusal was given, whatever its code. */
  timesRefused(): number {
    return [...this.refusals.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Those without any answer: the client does not know whether they happened. */
  unknown(): Operation[] {
    return this.operations.filter((one) => one.transactionId === undefined && one.refusal === undefined);
  }
}
