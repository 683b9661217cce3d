import { inTransaction, type Tx } from '@tael/platform/postgres';
import { v7 as uuidv7 } from 'uuid';
import { mayRegister, type PartnerRefusal } from './partner.domain';
import { PartnerClientEntity, PartnerEntity, PartnerInvitationEntity } from './partner.entity';
import { holdKeys, insertKeys, type PartnerChanges, type PartnerOutcome, shown } from './partner-changes.service';
import {
  arePossessed,
  type Candidates,
  type GivenKeys,
  KEY_SET,
  readKeys,
  REGISTRATION,
  sha256,
} from './partner-key.service';
import { forgive } from '../webhooks/webhook.pause';

export interface RegistrationCommand extends GivenKeys {
  readonly invitation: string;
  readonly proofs: readonly string[];
}

type Registered = { readonly clientId: string };
type Keys = Extract<Candidates, { ok: true }>;

const UNKNOWN: PartnerRefusal = { code: 'NOT_FOUND', reason: 'INVITATION', field: ['input', 'invitation'] };

/** Registers the clients of invited banks: whoever has the code, and the private half of each key. */
export class PartnerRegistrationService {
  constructor(private readonly changes: PartnerChanges) {}

  /**
   * Registers a client with an invitation, which is used up with it. What is wrong with keys and proofs is said before the
   * invitation is looked up, so that an unknown, a used and an expired one look alike. Refusals: INVALID_INPUT, NOT_FOUND, ALREADY_EXISTS.
   */
  async register(command: RegistrationCommand, traceparent: string): Promise<PartnerOutcome<Registered>> {
    const { now: clock, real, dataSource, sandboxPartners } = this.changes.parts;
    const given = await readKeys(command, KEY_SET, real());
    if (!given.ok) return given;
    const codeHash = sha256(command.invitation);
    const isProven = await arePossessed(
      given.keys,
      command.proofs,
      { ...REGISTRATION, claims: { invitation: codeHash } },
      real(),
    );
    if (!isProven)
      return { ok: false, refusals: [{ code: 'INVALID_INPUT', reason: 'PROOF', field: ['input', 'proof'] }] };
    return inTransaction(dataSource, async (tx) => {
      // The partner's row first, as for each of its changes; of two with one code, the second then reads that it is used.
      const [locked]: ({ id: string } | undefined)[] = await tx.query(
        `/* partner-invitations.lock */ SELECT p.id FROM partner p
         WHERE p.id = (SELECT "partnerId" FROM partner_invitation WHERE "codeHash" = $1) FOR UPDATE`,
        [codeHash],
      );
      const now = clock();
      const partner = locked && (await tx.findOneByOrFail(PartnerEntity, { id: locked.id }));
      const invitation = await tx.findOneBy(PartnerInvitationEntity, { codeHash });
      if (!partner || !invitation || !mayRegister(invitation, partner, { now, sandboxPartners }))
        return { ok: false, refusals: [UNKNOWN] };
      if (await holdKeys(tx, given.keys))
        return { ok: false, refusals: [{ code: 'ALREADY_EXISTS', reason: 'KEY', field: ['input'] }] };
      return this.insert(tx, { partner, invitation, given, now, traceparent });
    });
  }

  private async insert(
    tx: Tx,
    at: { partner: PartnerEntity; invitation: PartnerInvitationEntity; given: Keys; now: Date; traceparent: string },
  ): Promise<PartnerOutcome<Registered>> {
    const { partner, invitation, given, now, traceparent } = at;
    const [id, partnerId] = [uuidv7(), partner.id];
    const { scopes } = invitation;
    await tx.update(PartnerInvitationEntity, { id: invitation.id }, { usedAt: now });
    await tx.insert(PartnerClientEntity, {
      id,
      partnerId,
      authentication: given.authentication,
      scopes,
      status: 'ACTIVE',
      tokensRefusedUntil: null,
      createdAt: now,
    });
    await insertKeys(tx, { id, partnerId }, given.keys, now);
    await tx.update(
      PartnerEntity,
      { id: partnerId },
      { version: partner.version + 1, toldUnder: this.changes.parts.sealer.keyId },
    );
    const kids = given.keys.map(({ kid }) => kid);
    const change = {
      action: 'CLIENT_REGISTERED',
      before: null,
      after: { clientId: id, authentication: given.authentication, scopes, kids },
      reason: 'Registered with an invitation.',
    };
    const actor = { kind: 'INVITATION', id: invitation.id } as const;
    const changed = await this.changes.record(tx, partnerId, { actor, traceparent, change, now });
    // The first, or the first after all were revoked: until now nothing was sent to the bank.
    if (changed.clients.filter((client) => client.status === 'ACTIVE').length === 1) await forgive(tx, partnerId);
    return { ok: true, partner: shown(changed), clientId: id };
  }
}
