import { namesOf, PARTNER_POLICY, type SubgraphSource } from '@tael/partner-graph';
import { egressTarget, HTTPS_PORTS } from '@tael/platform/egress';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource, EntityManager } from 'typeorm';
import { v7 as uuidv7, validate as isUuid } from 'uuid';
import { audit } from '../audit/audit.service';
import { readReason } from '../partners/partner.domain';
import { type Asking, PARTNER_SUBJECT } from '../partners/partner-changes.service';
import { decideStep, maySlug, PUBLICATIONS_A_DAY, type SubgraphStatus, type SubgraphStep, type TakenSlug } from './partner-subgraph.domain';
import { PartnerSubgraphEntity, type SubgraphProblem } from './partner-subgraph.entity';
import { findSubgraph, type LiveSet, readLive } from './partner-subgraph.list';
import { verdictBeside } from './subgraph.verdict';

export type SubgraphRefusal = {
  readonly code: 'INVALID_INPUT' | 'NOT_FOUND' | 'NOT_ALLOWED' | 'LIMIT_EXCEEDED';
  readonly reason?: string;
  readonly field: readonly string[];
};

/** What came of a wish: the publication as it is now, what speaks against it, and why nothing was done. */
export interface SubgraphOutcome {
  readonly subgraph?: PartnerSubgraphEntity | undefined;
  readonly problems: readonly SubgraphProblem[];
  readonly refusals: readonly SubgraphRefusal[];
}

export interface SubgraphParts {
  readonly dataSource: DataSource;
  /** The schemas of the house's own subgraphs. */
  readonly own: readonly SubgraphSource[];
  /** Plain http on loopback: for the embedded stack and tests alone. */
  readonly allowHttp: boolean;
  readonly now: () => Date;
}

const DAY_MS = 86_400_000;
const PROBLEMS_MAX = 100;
/** So often an approval is checked anew because the graph has changed meanwhile. */
const ROUNDS = 5;
const POLICY: SubgraphRefusal = { code: 'INVALID_INPUT', reason: 'SUBGRAPH_POLICY', field: ['input', 'sdl'] };
const refused = (code: SubgraphRefusal['code'], field: string, reason?: string): SubgraphOutcome => ({
  problems: [], refusals: [{ code, ...(reason ? { reason } : {}), field: ['input', field] }],
});
const done = (subgraph: PartnerSubgraphEntity): SubgraphOutcome => ({ subgraph, problems: subgraph.problems, refusals: [] });

type Candidate = Pick<PartnerSubgraphEntity, 'partnerId' | 'slug' | 'sdl'>;

/** Takes what banks publish, and lets operators decide what of it is in the graph. */
export class PartnerSubgraphService {
  /** Banks of which something is being checked here: one at a time, since all stand in one line. */
  private readonly checking = new Set<string>();

  constructor(private readonly parts: SubgraphParts) {}

  /** Checks a subgraph and keeps it for an operator. Nothing that is live changes. Refusals: INVALID_INPUT, NOT_ALLOWED, LIMIT_EXCEEDED. */
  async publish(partnerId: string, given: { slug: string; address: string; sdl: string }, asking: Asking): Promise<SubgraphOutcome> {
    const target = egressTarget(given.address, { allowHttp: this.parts.allowHttp, ports: HTTPS_PORTS });
    if (!target) return refused('INVALID_INPUT', 'address', 'SUBGRAPH_ADDRESS');
    const candidate = { partnerId, slug: given.slug, sdl: given.sdl };
    // Before anything is composed, which is dear; it is asked again where it counts.
    if ((await countOf(this.parts.dataSource.manager, partnerId, this.parts.now())).today >= PUBLICATIONS_A_DAY)
      return refused('LIMIT_EXCEEDED', 'sdl', 'PUBLICATIONS');
    if (this.checking.has(partnerId)) return refused('NOT_ALLOWED', 'sdl', 'CHECK_UNDER_WAY');
    this.checking.add(partnerId);
    const problems = await this.problemsOf(candidate, await readLive(this.parts.dataSource.manager)).finally(() => this.checking.delete(partnerId));
    const isKeepable = namesOf(given.slug) && Buffer.byteLength(given.sdl) <= PARTNER_POLICY.sdlBytesMax && !given.sdl.includes('\0');
    if (!isKeepable) return { problems, refusals: [POLICY] };
    return inTransaction(this.parts.dataSource, async (tx) => {
      if (!(await lockActivePartner(tx, partnerId))) return refused('NOT_ALLOWED', 'slug', 'PARTNER_SUSPENDED');
      const now = this.parts.now();
      const { today, version } = await countOf(tx, partnerId, now);
      if (today >= PUBLICATIONS_A_DAY) return refused('LIMIT_EXCEEDED', 'sdl', 'PUBLICATIONS');
      const status: SubgraphStatus = problems.length > 0 ? 'REFUSED' : 'PUBLISHED';
      if (status === 'PUBLISHED') await replace(tx, partnerId, 'PUBLISHED');
      const id = uuidv7();
      await tx.insert(PartnerSubgraphEntity, {
        ...candidate, id, address: target.href, version, status, problems: problems as SubgraphProblem[], publishedAt: now, checkedAt: now,
        liveAt: null, decidedAt: null, decidedBy: null, reason: null, leftOutAt: null, leftOutReason: null, leftOutInstead: null,
      });
      await this.record(tx, partnerId, { ...asking, action: 'SUBGRAPH_PUBLISHED', before: null, after: { id, version, status }, reason: 'Published by the client.' });
      const subgraph = (await findSubgraph(tx, id))!;
      return { ...done(subgraph), refusals: problems.length > 0 ? [POLICY] : [] };
    });
  }

  /**
   * Lets a publication into the graph, checked against what is in it at that moment; the bank's one of before leaves. Refusals:
   * INVALID_INPUT (why it is in the problems), NOT_FOUND, NOT_ALLOWED.
   */
  async approve(command: { id: string; reason: string }, asking: Asking): Promise<SubgraphOutcome> {
    for (let round = 0; round < ROUNDS; round++) {
      const manager = this.parts.dataSource.manager;
      const found = isUuid(command.id) ? await findSubgraph(manager, command.id) : undefined;
      if (!found) return refused('NOT_FOUND', 'id');
      const live = await readLive(manager);
      const problems = await this.problemsOf(found, live);
      // Composing takes long, so it is done before: in the transaction it is only asked whether the graph is still the one it was checked against.
      const outcome = await this.step(command, 'APPROVE', asking, { problems, against: live.version });
      if (outcome !== 'CHANGED_MEANWHILE') return outcome;
    }
    throw new Error('the graph changed at each attempt to approve a subgraph');
  }

  /** Says no to what waits. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED. */
  reject = (command: { id: string; reason: string }, asking: Asking): Promise<SubgraphOutcome> => this.plainStep(command, 'REJECT', asking);

  /** Takes what is live out of the graph. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED. */
  suspend = (command: { id: string; reason: string }, asking: Asking): Promise<SubgraphOutcome> => this.plainStep(command, 'SUSPEND', asking);

  /** A bank takes its own back. Refusals: NOT_FOUND, NOT_ALLOWED. */
  withdraw = (id: string, partnerId: string, asking: Asking): Promise<SubgraphOutcome> =>
    this.plainStep({ id, reason: 'Withdrawn by the client.', partnerId }, 'WITHDRAW', asking);

  private async plainStep(command: { id: string; reason: string; partnerId?: string }, step: SubgraphStep, asking: Asking): Promise<SubgraphOutcome> {
    const outcome = await this.step(command, step, asking);
    if (outcome === 'CHANGED_MEANWHILE') throw new Error('only an approval is checked against the graph');
    return outcome;
  }

  private async step(
    command: { id: string; reason: string; partnerId?: string }, step: SubgraphStep, asking: Asking,
    checked?: { problems: readonly SubgraphProblem[]; against: string },
  ): Promise<SubgraphOutcome | 'CHANGED_MEANWHILE'> {
    const reason = readReason(command.reason);
    if (!reason.ok) return { problems: [], refusals: reason.refusals as readonly SubgraphRefusal[] };
    if (!isUuid(command.id)) return refused('NOT_FOUND', 'id');
    return inTransaction(this.parts.dataSource, async (tx) => {
      await tx.query(`/* partner-subgraphs.lock */ SELECT pg_advisory_xact_lock(hashtextextended('tael/partner-subgraphs', 0))`);
      const row = await findSubgraph(tx, command.id, command.partnerId);
      if (!row) return refused('NOT_FOUND', 'id');
      const isActive = await lockActivePartner(tx, row.partnerId);
      const status = decideStep(row.status, step);
      if (status === 'UNCHANGED') return done(row);
      if (status === 'NOT_ALLOWED') return { ...done(row), refusals: [{ code: 'NOT_ALLOWED', reason: 'SUBGRAPH_STATUS', field: ['input', 'id'] }] };
      const now = this.parts.now();
      if (checked) {
        if (!isActive) return refused('NOT_ALLOWED', 'id', 'PARTNER_SUSPENDED');
        const live = await readLive(tx);
        // Who has a slug lasts longer than who is live: somebody may have come and gone meanwhile.
        if (live.version !== checked.against || (checked.problems.length === 0 && !maySlug(row, live.taken))) return 'CHANGED_MEANWHILE';
        await tx.update(PartnerSubgraphEntity, { id: row.id }, { problems: checked.problems as SubgraphProblem[], checkedAt: now });
        if (checked.problems.length > 0) return { ...done((await findSubgraph(tx, row.id))!), refusals: [{ ...POLICY, field: ['input', 'id'] }] };
        await replace(tx, row.partnerId, 'LIVE');
      }
      await tx.update(PartnerSubgraphEntity, { id: row.id }, {
        status, decidedAt: now, decidedBy: asking.actor.id, reason: reason.plan, ...(status === 'LIVE' ? { liveAt: now } : {}),
      });
      const state = (is: SubgraphStatus) => ({ id: row.id, version: row.version, status: is });
      await this.record(tx, row.partnerId, { ...asking, action: `SUBGRAPH_${status}`, before: state(row.status), after: state(status), reason: reason.plan });
      return done((await findSubgraph(tx, row.id))!);
    });
  }

  /** All that speaks against a subgraph beside those that are live. */
  private async problemsOf(candidate: Candidate, { subgraphs, taken }: LiveSet): Promise<SubgraphProblem[]> {
    const { partnerId, slug, sdl } = candidate;
    const isOwn = (one: TakenSlug): boolean => one.partnerId === partnerId;
    // Said before anything is checked: whether the other slug is free is nothing to a bank that may not have it.
    if (taken.some((one) => isOwn(one) && one.slug !== slug)) return [{ code: 'SLUG', place: slug.slice(0, 40), message: 'The slug is not the one that your bank has.' }];
    // What is too large is not handed to the composer; it says so itself.
    const partners = subgraphs.map((live) => ({ slug: live.slug, sdl: live.sdl }));
    const theirs = taken.filter((one) => !isOwn(one)).map((one) => one.slug);
    const verdict = await verdictBeside({ own: this.parts.own, partners, candidate: { slug, sdl }, taken: theirs });
    return verdict.ok ? [] : verdict.violations.slice(0, PROBLEMS_MAX);
  }

  private async record(
    tx: Tx, partnerId: string, change: Asking & { action: string; before: Record<string, unknown> | null; after: Record<string, unknown>; reason: string },
  ): Promise<void> {
    const { actor, action, before, after, reason } = change;
    await audit(tx, { kind: PARTNER_SUBJECT, id: partnerId }, { actor, action, before, after, reason, at: this.parts.now() });
  }
}

/** How many a bank published within a day, and the number of its next. */
async function countOf(manager: EntityManager, partnerId: string, now: Date): Promise<{ today: number; version: number }> {
  const [row] = await manager.query(
    `/* partner-subgraphs.count */ SELECT count(*) FILTER (WHERE "publishedAt" > $2)::int AS today, coalesce(max(version), 0) + 1 AS version
     FROM partner_subgraph WHERE "partnerId" = $1`,
    [partnerId, new Date(now.getTime() - DAY_MS)],
  );
  return row;
}

async function lockActivePartner(tx: Tx, partnerId: string): Promise<boolean> {
  const [found]: { status: string }[] = await tx.query('/* partner-subgraphs.partner */ SELECT status FROM partner WHERE id = $1 FOR NO KEY UPDATE', [partnerId]);
  return found?.status === 'ACTIVE';
}

/** What the bank had in this place before makes room. */
async function replace(tx: EntityManager, partnerId: string, status: SubgraphStatus): Promise<void> {
  await tx.update(PartnerSubgraphEntity, { partnerId, status }, { status: 'REPLACED' });
}
