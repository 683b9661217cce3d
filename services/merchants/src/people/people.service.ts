import { inTransaction, type Tx } from '@tael/platform/postgres';
import { createHash, randomBytes } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7, validate as isUuid } from 'uuid';
import { auditMerchant } from '../audit/audit.service';
import type { Merchant, Viewer } from '../merchants/merchant.domain';
import { MerchantPersonEntity } from '../merchants/merchant.entity';
import type { MerchantService } from '../merchants/merchant.service';
import { InvitationEntity } from './invitation.entity';
import {
  CODE_BYTES, decideJoining, decideRemoval, decideRoleChange, denialOf, INVITATION_DAYS, INVITATIONS_MAX, joinCode, type MerchantPerson,
  type MerchantRole, type Permission, readJoinCode, type RoleRefusal,
} from './role.domain';

export interface PeopleRefusal {
  readonly code: RoleRefusal['code'] | 'WRONG_CODE';
  readonly reason?: string;
  readonly field: readonly string[];
}

export type PeopleOutcome<Done extends object> = ({ readonly ok: true } & Done) | { readonly ok: false; readonly refusals: readonly PeopleRefusal[] };

export interface Invitation {
  /** Shown this once; only its hash is kept. */
  readonly code: string;
  readonly role: MerchantRole;
  readonly expiresAt: Date;
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

  /** Makes a code that one person can join with, in seven days at most. Refusals: NOT_FOUND, NOT_ALLOWED, LIMIT_EXCEEDED. */
  async invite(
    { merchantId, role }: { merchantId: string; role: MerchantRole }, viewer: Viewer,
  ): Promise<PeopleOutcome<{ invitation: Invitation }>> {
    if (!isUuid(merchantId)) return refuse({ code: 'NOT_FOUND' }, 'merchantId');
    return inTransaction(this.parts.dataSource, async (tx) => {
      const people = await this.lock(tx, merchantId);
      const denied = people ? this.deny(people, viewer, 'PEOPLE') : refuse({ code: 'NOT_FOUND' }, 'merchantId');
      if (denied) return denied;
      const now = this.parts.now();
      const [{ open }] = await tx.query(
        '/* invitations.count */ SELECT count(*)::int AS open FROM merchant_invitation WHERE "merchantId" = $1 AND "usedAt" IS NULL AND "expiresAt" > $2',
        [merchantId, now],
      );
      if (open >= INVITATIONS_MAX) return refuse({ code: 'LIMIT_EXCEEDED' }, 'merchantId');
      const code = joinCode(randomBytes(CODE_BYTES));
      const expiresAt = new Date(now.getTime() + INVITATION_DAYS * DAY_MS);
      const id = uuidv7();
      await auditMerchant(tx, merchantId, { viewer, action: 'PERSON_INVITED', before: null, after: { invitationId: id, role, expiresAt }, at: now });
      await tx.insert(InvitationEntity, {
        id, merchantId, role, codeHash: hashOf(code), createdBy: viewer.personId, createdAt: now, expiresAt, usedAt: null, usedBy: null,
      });
      return { ok: true, invitation: { code, role, expiresAt } };
    });
  }

  /**
   * Makes whoever brings a good code one of the merchant's people; again by the same person it answers the same.
   * Refusals: WRONG_CODE, ALREADY_EXISTS, LIMIT_EXCEEDED.
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
      const done = await this.parts.merchants.changePeople(tx, found.merchantId, traceparent, (people) => this.take(tx, { people, found, viewer }));
      return done?.ok ? this.merchantOf(tx, found.merchantId, viewer) : (done ?? wrong);
    });
  }

  private async take(
    tx: Tx, { people, found, viewer }: { people: readonly MerchantPerson[]; found: InvitationEntity; viewer: Viewer },
  ): Promise<PeopleOutcome<object>> {
    const { personId } = viewer;
    const refused = decideJoining(people, personId);
    const [, used] = await tx.query(
      `/* invitations.use */ UPDATE merchant_invitation SET "usedAt" = $2, "usedBy" = $3
       WHERE id = $1 AND "usedAt" IS NULL AND "expiresAt" > $2 AND $4`,
      [found.id, this.parts.now(), personId, !refused],
    );
    if (refused) return refuse(refused, 'code');
    if (used === 0) return refuse({ code: 'WRONG_CODE' }, 'code');
    const { id: invitationId, merchantId, role } = found;
    await tx.insert(MerchantPersonEntity, { merchantId, personId, role });
    await auditMerchant(tx, merchantId, { viewer, action: 'PERSON_JOINED', before: null, after: { personId, role, invitationId }, at: this.parts.now() });
    return { ok: true };
  }

  /** Takes somebody out, with the codes that they made. Refusals: NOT_FOUND, NOT_ALLOWED. */
  async remove(
    { merchantId, personId }: { merchantId: string; personId: string }, viewer: Viewer, traceparent: string,
  ): Promise<PeopleOutcome<{ merchant: Merchant }>> {
    return this.change({ merchantId, personId }, { viewer, traceparent }, async (tx, people) => {
      const refused = decideRemoval(people, personId.toLowerCase());
      if (refused) return refuse(refused, 'personId');
      await tx.delete(MerchantPersonEntity, { merchantId, personId });
      await this.auditPerson(tx, { merchantId, personId }, { viewer, people, role: null });
      return { ok: true };
    });
  }

  /** Gives somebody another role; the codes that they made as an owner are good no longer. Refusals: NOT_FOUND, NOT_ALLOWED. */
  async changeRole(
    { merchantId, personId, role }: { merchantId: string; personId: string; role: MerchantRole }, viewer: Viewer, traceparent: string,
  ): Promise<PeopleOutcome<{ merchant: Merchant }>> {
    return this.change({ merchantId, personId }, { viewer, traceparent }, async (tx, people) => {
      const decision = decideRoleChange(people, { personId: personId.toLowerCase(), role });
      if (typeof decision === 'object') return refuse(decision, 'personId');
      if (decision === 'UNCHANGED') return { ok: false, refusals: [] };
      await tx.update(MerchantPersonEntity, { merchantId, personId }, { role });
      await this.auditPerson(tx, { merchantId, personId }, { viewer, people, role });
      return { ok: true };
    });
  }

  /** Writes into the trail what somebody was, and what they are from now on: null is nobody. */
  private async auditPerson(
    tx: Tx, { merchantId, personId: given }: { merchantId: string; personId: string },
    { viewer, people, role }: { viewer: Viewer; people: readonly MerchantPerson[]; role: MerchantRole | null },
  ): Promise<void> {
    const personId = given.toLowerCase();
    const before = people.find((person) => person.personId === personId);
    await auditMerchant(tx, merchantId, {
      viewer, action: role ? 'ROLE_CHANGED' : 'PERSON_REMOVED', before: { personId, role: before?.role }, after: role ? { personId, role } : null, at: this.parts.now(),
    });
  }

  private async change(
    { merchantId, personId }: { merchantId: string; personId: string },
    { viewer, traceparent }: { viewer: Viewer; traceparent: string },
    work: (tx: Tx, people: readonly MerchantPerson[]) => Promise<PeopleOutcome<object>>,
  ): Promise<PeopleOutcome<{ merchant: Merchant }>> {
    const missing = refuse({ code: 'NOT_FOUND' }, 'merchantId');
    if (!isUuid(merchantId)) return missing;
    return inTransaction(this.parts.dataSource, async (tx) => {
      const done = await this.parts.merchants.changePeople(tx, merchantId, traceparent, async (people) => {
        const denied = this.deny(people, viewer, 'PEOPLE');
        if (denied) return denied;
        if (!isUuid(personId)) return refuse({ code: 'NOT_FOUND' }, 'personId');
        const changed = await work(tx, people);
        if (changed.ok) await tx.delete(InvitationEntity, { merchantId, createdBy: personId });
        return changed;
      });
      if (!done) return missing;
      // What nothing was refused of and nothing changed is answered as it stands, and not told.
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

  private deny(people: readonly MerchantPerson[], viewer: Viewer, permission: Permission) {
    const role = people.find(({ personId }) => personId === viewer.personId)?.role;
    const code = denialOf({ role, isOperator: viewer.isOperator }, permission);
    return code && refuse({ code }, 'merchantId');
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
