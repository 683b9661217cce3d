import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { SubgraphStatus } from './partner-subgraph.domain';

/** Why a subgraph is not taken, as the policy's check says it. */
export interface SubgraphProblem {
  readonly code: string;
  readonly place: string;
  readonly message: string;
}

/** One publication of a bank's subgraph. What was published is never changed: another schema is another row. */
@Entity('partner_subgraph')
@Check('partner_subgraph_status_known', `status IN ('REFUSED', 'PUBLISHED', 'LIVE', 'REJECTED', 'REPLACED', 'SUSPENDED', 'WITHDRAWN')`)
@Check('partner_subgraph_slug_form', `slug ~ '^[a-z][a-z0-9]{2,19}$'`)
@Check('partner_subgraph_sdl_length', 'octet_length(sdl) <= 65536')
@Check('partner_subgraph_live_once', `status <> 'LIVE' OR "liveAt" IS NOT NULL`)
@Index('partner_subgraph_version', ['partnerId', 'version'], { unique: true })
@Index('partner_subgraph_live_partner', ['partnerId'], { unique: true, where: `status = 'LIVE'` })
@Index('partner_subgraph_live_slug', ['slug'], { unique: true, where: `status = 'LIVE'` })
export class PartnerSubgraphEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'partner_subgraph_pkey' })
  id: string;

  @Column('uuid')
  partnerId: string;

  @Column('text')
  slug: string;

  @Column('text')
  address: string;

  @Column('text')
  sdl: string;

  /** Counts the publications of the bank. */
  @Column('integer')
  version: number;

  @Column('text')
  status: SubgraphStatus;

  @Column('json')
  problems: readonly SubgraphProblem[];

  @Column('timestamptz')
  publishedAt: Date;

  @Column('timestamptz')
  checkedAt: Date;

  /** When it came into the graph, last; from then on the slug is the bank's. */
  @Column('timestamptz', { nullable: true })
  liveAt: Date | null;

  @Column('timestamptz', { nullable: true })
  decidedAt: Date | null;

  @Column('uuid', { nullable: true })
  decidedBy: string | null;

  /** What the operator said, for the bank to read. */
  @Column('text', { nullable: true })
  reason: string | null;

  /** When a gateway last said that it does not fit into its graph. Whoever has it says nothing, so what is not repeated is over. */
  @Column('timestamptz', { nullable: true })
  leftOutAt: Date | null;

  /** The composer's words. */
  @Column('text', { nullable: true })
  leftOutReason: string | null;

  /** Which publication of the bank is in the graph in its place. */
  @Column('uuid', { nullable: true })
  leftOutInstead: string | null;
}
