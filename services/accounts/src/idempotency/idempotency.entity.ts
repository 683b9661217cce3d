import { Check, Column, Entity, PrimaryColumn } from 'typeorm';
import type { Refusal } from '../outcomes/outcome.domain';

/** One key of one person: what was asked under it, and what was answered. Kept for good. */
@Entity('idempotency')
@Check('idempotency_key_length', `length(key) BETWEEN 1 AND 255`)
@Check('idempotency_outcome', `("transactionId" IS NULL) <> (refusals IS NULL)`)
export class IdempotencyEntity {
  /** The person, or later a partner's client: keys of two never meet. */
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'idempotency_pkey' })
  scope: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'idempotency_pkey' })
  key: string;

  @Column('text')
  mutation: string;

  /** SHA-256 over the mutation and its normalised input. */
  @Column('bytea')
  requestHash: Buffer;

  @Column('uuid', { nullable: true })
  transactionId: string | null;

  @Column('jsonb', { nullable: true })
  refusals: readonly Refusal[] | null;

  @Column('timestamptz')
  createdAt: Date;
}
