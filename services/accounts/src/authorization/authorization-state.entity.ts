import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

export const STATE_KINDS = ['PushedAuthorizationRequest', 'Interaction', 'AuthorizationCode', 'RefreshToken'] as const;
export type StateKind = (typeof STATE_KINDS)[number];

/** What the authorization server keeps between two requests. Its id is a secret of who has it, so that here is its hash alone. */
@Entity('authorization_state')
@Check('authorization_state_kind', `kind IN ('PushedAuthorizationRequest', 'Interaction', 'AuthorizationCode', 'RefreshToken')`)
@Index('authorization_state_kept_until', ['keptUntil'])
@Index('authorization_state_consent', ['consentId'], { where: '"consentId" IS NOT NULL' })
export class AuthorizationStateEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'authorization_state_pkey' })
  kind: StateKind;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'authorization_state_pkey' })
  idHash: string;

  /** Of a code or refresh token: the consent that it is for. */
  @Column('uuid', { nullable: true })
  consentId: string | null;

  /** As the provider writes it, without its id. */
  @Column('jsonb')
  payload: Record<string, unknown>;

  @Column('timestamptz', { nullable: true })
  consumedAt: Date | null;

  @Column('timestamptz')
  keptUntil: Date;
}

/** A person in front of the consent page: who signed in there, and what they said. */
@Entity('consent_dialog')
@Check('consent_dialog_signed_in', `("personId" IS NULL) = ("sessionId" IS NULL) AND ("personId" IS NULL) = ("secretHash" IS NULL)`)
@Check('consent_dialog_answer', `answer IN ('ALLOWED', 'REFUSED')`)
@Index('consent_dialog_expires_at', ['expiresAt'])
export class ConsentDialogEntity {
  /** That of the interaction, hashed. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'consent_dialog_pkey' })
  idHash: string;

  /** Of what the browser was given at the sign-in: who knows the address of the page alone cannot answer for the person. */
  @Column('text', { nullable: true })
  secretHash: string | null;

  @Column('uuid', { nullable: true })
  personId: string | null;

  @Column('uuid', { nullable: true })
  sessionId: string | null;

  @Column('text', { nullable: true })
  answer: 'ALLOWED' | 'REFUSED' | null;

  @Column('timestamptz')
  expiresAt: Date;
}
