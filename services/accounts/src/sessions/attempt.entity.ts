import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** How often something was tried by a subject since the window began. The subject is a keyed one-way name, or a person's id. */
@Entity('attempt_window')
@Check('attempt_window_attempts', 'attempts >= 0')
@Index('attempt_window_started', ['startedAt'])
export class AttemptWindowEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'attempt_window_pkey' })
  kind: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'attempt_window_pkey' })
  subject: string;

  @Column('timestamptz')
  startedAt: Date;

  @Column('integer')
  attempts: number;
}
