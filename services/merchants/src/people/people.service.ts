import { inTransaction, type Tx } from '@tael/platform/postgres';
import { createHash, randomBytes } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7, validate as isUuid } from 'uuid';
import { auditMerchant } from '../audit/audit.service';
import { reasonOf } from '../audit/reason.domain';
import type { Merchant, Viewer } from '../merchants/merchant.domain';
import { MerchantPersonEntity } from '../merchants/merchant.entity';
import type { MerchantService } from '../merchants/merchant.service';
import type { PartnerRefusal } from '../partners/partner.domain';
import { InvitationEntity } from './invitation.entity';
import {
  CODE_BYTES, decideJoining, decideRemoval, decideRoleChange, denialOf, INVITATION_DAYS, INVITATIONS_MAX, joinCode, type MerchantPerson,
  type MerchantRole, type Permission, readJoinCode, type RoleRefusal,
} from './role.domain';
import { recordPersonChange } from './person-change.service';

export interface PeopleRefusal {
  readonly code: RoleRefusal['code'] | 'WRONG_CODE';
  readonly reason?: string;
  readonly field: readonly string[];
}

export type PeopleOutcome<Done extends object> = ({ readonly ok: true } & Done) | { readonly ok: false; readonly refusals: readonly (PeopleRefusal | PartnerRefusal)[] };

export interface Invitation {
  /** Shown this once; only its hash is kept. */
  readonly code: string;
  readonly role: MerchantRole;
  readonly expiresAt: Date;
}

/** A merchant, and why an operator changes who acts for it. */
interface PeopleCommand {
  readonly merchantId: string;
  readonly reason?: string | null | undefined;
}

interface PeopleParts {
  readonly dataSource: DataSource;
  readonly merchants: MerchantService;
  readonly now: () => Date;
}

const DAY_MS = 86_400_000;
const hashOf = (code: string): Buffer => createHash('sha256').update(code).digest();

function refuse(refusal: RoleRefusal | { code: 'WRONG_CODE' }, field: string): { ok: false; refusals: readonly PeopleRefusal[] } {
  return { ok: false, refusals: [{ ...refusal, field: ['input', field] }] };
}

/** Answers for who acts for a merchant: every change is one transaction with the `merchant.changed` that tells of it. */
export class PeopleService {
  constructor(private readonly parts: PeopleParts) {}

  /** Makes a code that one person can join with, in seven days at most. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED, LIMIT_EXCEEDED. */
  async invite(
    { merchantId, role, reason: given }: PeopleCommand & { role: MerchantRole }, viewer: Viewer,
  ): Promise<PeopleOutcome<{ invitation: Invitation }>> {
    const reason = reasonOf(given, viewer);
    if (!reason.ok) return reason;
    if (!isUuid(merchantId)) return refuse({ code: 'NOT_FOUND' }, 'merchantId');
    return inTransaction(this.parts.dataSource, async (tx) => {
      const people = await this.lock(tx, merchantId);
      const denied = people && this.deny(people, viewer);
      if (!people || denied) return denied ?? refuse({ code: 'NOT_FOUND' }, 'merchantId');
      const now = this.parts.now();
      const [{ open }] = await tx.query(
        '/* invitations.count */ SELECT count(*)::int AS open FROM merchant_invitation WHERE "merchantId" = $1 AND "usedAt" IS NULL AND "expiresAt" > $2',
        [merchantId, now],
      );
      if (open >= INVITATIONS_MAX) return refuse({ code: 'LIMIT_EXCEEDED' }, 'merchantId');
      const code = joinCode(randomBytes(CODE_BYTES));
      const expiresAt = new Date(now.getTime() + INVITATION_DAYS * DAY_MS);
      const id = uuidv7();
      await auditMerchant(tx, merchantId, {
        viewer, action: 'PERSON_INVITED', before: null, after: { invitationId: id, role, expiresAt }, reason: reason.plan, at: now,
      });
      await tx.insert(InvitationEntity, {
        id, merchantId, role, codeHash: hashOf(code), createdBy: viewer.personId, byOperator: !people.some(({ personId }) => personId === viewer.personId),
        createdAt: now, expiresAt, usedAt: null, usedBy: null,
      });
      return { ok: true, invitation: { code, role, expiresAt } };
    });
  }

  /**
   * Makes whoever brings a good code one of the merchant's people; again by the same person it answers the same.
   * Refusals: WRONG_CODE, ALREADY_EXISTS, NOT_ALLOWED, LIMIT_EXCEEDED.
   */
  async join(text: string, viewer: Viewer, traceparent: string): Promise<PeopleOutcome<{ merchant: Merchant }>> {
    const code = readJoinCode(text);
    const wrong = refuse({ code: 'WRONG_CODE' }, 'code');
    if (!code) return wrong;
    return inTransaction(this.parts.dataSource, async (tx) => {
      const found = await tx.findOneBy(InvitationEntity, { codeHash: hashOf(code) });
      if (!found) return wrong;
      if (found.usedBy === viewer.personId) return this.merchantOf(tx, found.merchantId, viewer);
      // The merchant's row is locked before the invitation's, as by whoever removes people and their invitations.
      const done = await this.parts.merchants.changePeople(tx, found.merchantId, traceparent, (people) => this.take(tx, { people, found, viewer, traceparent }));
      return done?.ok ? this.merchantOf(tx, found.merchantId, viewer) : (done ?? wrong);
    });
  }

  private async take(
    tx: Tx, { people, found, viewer, traceparent }: { people: readonly MerchantPerson[]; found: InvitationEntity; viewer: Viewer; traceparent: string },
  ): Promise<PeopleOutcome<object>> {
    const { personId } = viewer;
    const at = this.parts.now();
    const refused = decideJoining(people, { ...viewer, invitation: found });
    const [, used] = await tx.query(
      `/* invitations.use */ UPDATE merchant_invitation SET "usedAt" = $2, "usedBy" = $3
       WHERE id = $1 AND "usedAt" IS NULL AND "expiresAt" > $2 AND $4`,
      [found.id, at, personId, !refused],
    );
    if (refused) return refuse(refused, 'code');
    if (used === 0) return refuse({ code: 'WRONG_CODE' }, 'code');
    const { id: invitationId, merchantId, role } = found;
    await tx.insert(MerchantPersonEntity, { merchantId, personId, role });
    await recordPersonChange(tx, { merchantId, personId, people, role, invitationId }, { viewer, reason: undefined, traceparent, at });
    return { ok: true };
  }

  /** Takes somebody out, with the codes that they made. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED. */
  async remove(
    command: PeopleCommand & { personId: string }, viewer: Viewer, traceparent: string,
  ): Promise<PeopleOutcome<{ merchant: Merchant }>> {
    return this.change(command, { viewer, traceparent }, async (tx, people, personId) => {
      const refused = decideRemoval(people, personId);
      if (refused) return refused;
      await tx.delete(MerchantPersonEntity, { merchantId: command.merchantId, personId });
      return { role: null };
    });
  }

  /** Gives somebody another role; the codes that they made as an owner are good no longer. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED. */
  async changeRole(
    command: PeopleCommand & { personId: string; role: MerchantRole }, viewer: Viewer, traceparent: string,
  ): Promise<PeopleOutcome<{ merchant: Merchant }>> {
    const { merchantId, role } = command;
    return this.change(command, { viewer, traceparent }, async (tx, people, personId) => {
      const decision = decideRoleChange(people, { personId, role });
      if (decision !== 'CHANGE') return decision;
      await tx.update(MerchantPersonEntity, { merchantId, personId }, { role });
      return { role };
    });
  }

  /** Changes one of the people as `work` does, which gives the role they have from then on; what it refuses, or leaves as it is, is not told. */
  private async change(
    { merchantId, personId: given, reason: why }: PeopleCommand & { personId: string },
    { viewer, traceparent }: { viewer: Viewer; traceparent: string },
    work: (tx: Tx, people: readonly MerchantPerson[], personId: string) => Promise<RoleRefusal | 'UNCHANGED' | { role: MerchantRole | null }>,
  ): Promise<PeopleOutcome<{ merchant: Merchant }>> {
    const missing = refuse({ code: 'NOT_FOUND' }, 'merchantId');
    const reason = reasonOf(why, viewer);
    if (!reason.ok) return reason;
    if (!isUuid(merchantId)) return missing;
    return inTransaction(this.parts.dataSource, async (tx) => {
      const done = await this.parts.merchants.changePeople(tx, merchantId, traceparent, async (people): Promise<PeopleOutcome<object>> => {
        const denied = this.deny(people, viewer);
        if (denied) return denied;
        if (!isUuid(given)) return refuse({ code: 'NOT_FOUND' }, 'personId');
        const personId = given.toLowerCase();
        const changed = await work(tx, people, personId);
        if (changed === 'UNCHANGED') return { ok: false, refusals: [] };
        if ('code' in changed) return refuse(changed, 'personId');
        await tx.delete(InvitationEntity, { merchantId, createdBy: personId });
        await recordPersonChange(tx, { merchantId: merchantId.toLowerCase(), personId, people, role: changed.role }, {
          viewer, reason: reason.plan, traceparent, at: this.parts.now(),
        });
        return { ok: true };
      });
      if (!done) return missing;
      return done.ok || done.refusals.length === 0 ? this.merchantOf(tx, merchantId, viewer) : done;
    });
  }

  /** Gives the people of merchants, by merchant, with their roles. */
  async peopleOf(merchantIds: readonly string[]): Promise<Map<string, MerchantPerson[]>> {
    const rows: (MerchantPerson & { merchantId: string })[] = await this.parts.dataSource.query(
      '/* people.find */ SELECT "merchantId", "personId", role FROM merchant_person WHERE "merchantId" = ANY($1::uuid[]) ORDER BY "personId"',
      [merchantIds.filter((id) => isUuid(id))],
    );
    const people = new Map<string, MerchantPerson[]>();
    for (const { merchantId, personId, role } of rows) people.set(merchantId, [...(people.get(merchantId) ?? []), { personId, role }]);
    return people;
  }

  /** Says why somebody may not do something for a merchant; undefined where they may. Reads in the given transaction. */
  async denial(tx: Tx, merchantId: string, viewer: Viewer, permission: Permission): Promise<'NOT_FOUND' | 'NOT_ALLOWED' | undefined> {
    const [row] = await tx.query(
      `/* people.role */ SELECT p.role FROM merchant m LEFT JOIN merchant_person p ON p."merchantId" = m.id AND p."personId" = $2
       WHERE m.id = $1`,
      [merchantId, viewer.personId],
    );
    return row ? denialOf({ role: row.role ?? undefined, isOperator: viewer.isOperator }, permission) : 'NOT_FOUND';
  }

  private deny(people: readonly MerchantPerson[], viewer: Viewer) {
    const role = people.find(({ personId }) => personId === viewer.personId)?.role;
    const code = denialOf({ role, isOperator: viewer.isOperator }, 'PEOPLE');
    return code && refuse(viewer.isOperator && code === 'NOT_ALLOWED' ? { code, reason: 'OWN_MERCHANT' } : { code }, 'merchantId');
  }

  private async lock(tx: Tx, merchantId: string): Promise<readonly MerchantPerson[] | undefined> {
    const [locked] = await tx.query('/* people.lock */ SELECT id FROM merchant WHERE id = $1 FOR UPDATE', [merchantId]);
    return locked && tx.findBy(MerchantPersonEntity, { merchantId });
  }

  private async merchantOf(tx: Tx, merchantId: string, viewer: Viewer): Promise<PeopleOutcome<{ merchant: Merchant }>> {
    // Whoever has just left may see it no longer, but did what they asked for.
    const merchants = await this.parts.merchants.findVisible([merchantId], { ...viewer, isOperator: true }, tx);
    return { ok: true, merchant: merchants.get(merchantId.toLowerCase())! };
  }
}
