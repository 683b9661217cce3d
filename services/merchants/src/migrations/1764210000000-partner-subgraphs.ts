import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The subgraphs that banks have published: one row a publication, never two of a bank in the graph. */
export class PartnerSubgraphs1764210000000 implements MigrationInterface {
  name = 'PartnerSubgraphs1764210000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE partner_subgraph (
        id uuid CONSTRAINT partner_subgraph_pkey PRIMARY KEY,
        "partnerId" uuid NOT NULL,
        slug text NOT NULL,
        address text NOT NULL,
        sdl text NOT NULL,
        version integer NOT NULL,
        status text NOT NULL,
        problems json NOT NULL,
        "publishedAt" timestamptz NOT NULL,
        "checkedAt" timestamptz NOT NULL,
        "liveAt" timestamptz,
        "decidedAt" timestamptz,
        "decidedBy" uuid,
        reason text,
        CONSTRAINT partner_subgraph_status_known CHECK
          (status IN ('REFUSED', 'PUBLISHED', 'LIVE', 'REJECTED', 'REPLACED', 'SUSPENDED', 'WITHDRAWN')),
        CONSTRAINT partner_subgraph_slug_form CHECK (slug ~ '^[a-z][a-z0-9]{2,19}$'),
        CONSTRAINT partner_subgraph_sdl_length CHECK (octet_length(sdl) <= 65536),
        CONSTRAINT partner_subgraph_live_once CHECK (status <> 'LIVE' OR "liveAt" IS NOT NULL)
      );
      CREATE UNIQUE INDEX partner_subgraph_version ON partner_subgraph ("partnerId", version);
      CREATE UNIQUE INDEX partner_subgraph_live_partner ON partner_subgraph ("partnerId") WHERE status = 'LIVE';
      CREATE UNIQUE INDEX partner_subgraph_live_slug ON partner_subgraph (slug) WHERE status = 'LIVE';`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE partner_subgraph');
  }
}
