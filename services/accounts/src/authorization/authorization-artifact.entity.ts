import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** What the authorization server must remember for a while: ids of assertions and proofs that were used. */
@Entity('authorization_artifact')
@Index('authorization_artifact_expires_at', ['expiresAt'])
export class AuthorizationArtifactEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'authorization_artifact_pkey' })
  kind: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'authorization_artifact_pkey' })
  id: string;

  @Column('timestamptz')
  expiresAt: Date;
}
