import { createHash } from 'node:crypto';
import { type EntityManager, In } from 'typeorm';
import type { SubgraphStatus, TakenSlug } from './partner-subgraph.domain';
import { PartnerSubgraphEntity } from './partner-subgraph.entity';

/** What of a publication a gateway has to know. */
export interface LiveSubgraph {
  readonly id: string;
  readonly partnerId: string;
  readonly slug: string;
  readonly address: string;
  readonly sdl: string;
}

/** The subgraphs of banks that are in the graph, and every slug that ever was. */
export interface LiveSet {
  /** Another where the set is another: a publication never changes. */
  readonly version: string;
  readonly subgraphs: readonly LiveSubgraph[];
  readonly taken: readonly TakenSlug[];
}

/** Reads what is live: approved, of a bank that is not suspended. */
export async function readLive(manager: EntityManager): Promise<LiveSet> {
  const subgraphs: LiveSubgraph[] = await manager.query(
    `/* partner-subgraphs.live */ SELECT s.id, s."partnerId", s.slug, s.address, s.sdl FROM partner_subgraph s
     JOIN partner p ON p.id = s."partnerId" AND p.status = 'ACTIVE' WHERE s.status = 'LIVE' ORDER BY s.slug`,
  );
  const taken: TakenSlug[] = await manager.query(
    '/* partner-subgraphs.taken */ SELECT DISTINCT "partnerId", slug FROM partner_subgraph WHERE "liveAt" IS NOT NULL',
  );
  return { version: createHash('sha256').update(subgraphs.map(({ id }) => id).join()).digest('base64url'), subgraphs, taken };
}

/**
 * What each of these banks had in the graph last: it stays there where what is live now does not fit. One that its bank or an operator took
 * out does not come back so, and nor does what it had replaced.
 */
export async function readFormer(manager: EntityManager, live: readonly LiveSubgraph[]): Promise<Map<string, LiveSubgraph>> {
  const rows: (LiveSubgraph & { readonly of: string })[] = await manager.query(
    `/* partner-subgraphs.former */ SELECT l.id AS "of", f.id, f."partnerId", f.slug, f.address, f.sdl
     FROM unnest($1::uuid[]) AS l (id) JOIN partner_subgraph s ON s.id = l.id CROSS JOIN LATERAL (
       SELECT * FROM partner_subgraph p WHERE p."partnerId" = s."partnerId" AND p.slug = s.slug AND p.id <> s.id AND p."liveAt" IS NOT NULL
         ORDER BY p."liveAt" DESC, p.version DESC LIMIT 1) f WHERE f.status = 'REPLACED'`,
    [live.map(({ id }) => id)],
  );
  return new Map(rows.map(({ of, ...former }) => [of, former]));
}

/** What a gateway says of a subgraph that it leaves out. */
export interface LeftOutNote {
  readonly id: string;
  readonly instead: string | null;
  readonly reason: string;
}

/** Notes what does not fit. What is not live any more is nobody's concern. */
export async function noteLeftOut(manager: EntityManager, notes: readonly LeftOutNote[], now: Date): Promise<void> {
  await manager.query(
    `/* partner-subgraphs.leftOut */ UPDATE partner_subgraph s SET "leftOutAt" = $4, "leftOutReason" = n.reason, "leftOutInstead" = n.instead
     FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS n (id, instead, reason) WHERE s.id = n.id AND s.status = 'LIVE'`,
    [notes.map(({ id }) => id), notes.map(({ instead }) => instead), notes.map(({ reason }) => reason), now],
  );
}

export async function findSubgraph(manager: EntityManager, id: string, partnerId?: string): Promise<PartnerSubgraphEntity | undefined> {
  return (await manager.findOneBy(PartnerSubgraphEntity, { id, ...(partnerId === undefined ? {} : { partnerId }) })) ?? undefined;
}

const NEWEST_MAX = 20;

/** Gives the newest publications of each bank. */
export async function subgraphsOf(manager: EntityManager, partnerIds: readonly string[]): Promise<Map<string, PartnerSubgraphEntity[]>> {
  const ids: { id: string }[] = await manager.query(
    `/* partner-subgraphs.newest */ SELECT f.id FROM unnest($1::uuid[]) AS p (id) CROSS JOIN LATERAL (
       SELECT s.id FROM partner_subgraph s WHERE s."partnerId" = p.id ORDER BY s.version DESC LIMIT $2) f`,
    [partnerIds, NEWEST_MAX],
  );
  const rows = await manager.find(PartnerSubgraphEntity, { where: { id: In(ids.map(({ id }) => id)) }, order: { version: 'DESC' } });
  return new Map(partnerIds.map((id) => [id, rows.filter((row) => row.partnerId === id)]));
}

/** Gives up to `page.limit` publications, the newest first. */
export async function listSubgraphs(
  manager: EntityManager, page: { limit: number; after: string | undefined; status: SubgraphStatus | undefined },
): Promise<PartnerSubgraphEntity[]> {
  return manager.query(
    `/* partner-subgraphs.list */ SELECT * FROM partner_subgraph WHERE ($1::text IS NULL OR status = $1)
       AND id < coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff') ORDER BY id DESC LIMIT $3`,
    [page.status ?? null, page.after ?? null, page.limit],
  );
}
