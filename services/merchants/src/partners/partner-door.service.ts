import { type Partner, decideAddition, decideRedirectUris, decideRetirement, readReason } from './partner.domain';
import { PartnerClientEntity } from './partner.entity';
import {
  type Asking,
  findPartners,
  holdKeys,
  insertKeys,
  type PartnerChanges,
  type PartnerOutcome,
  revokeKey,
} from './partner-changes.service';
import { ADDITION, arePossessed, type GivenKeys, readKeys, SINGLE_KEY } from './partner-key.service';

const DAY_MS = 86_400_000;

/** The bank and the client that ask, as the gateway read them from a bound token. */
export interface Caller {
  readonly partnerId: string;
  readonly clientId: string;
}

/** What a bank itself does and sees at the partners' door: its own, by its id, and never another's. */
export class PartnerDoorService {
  constructor(private readonly changes: PartnerChanges) {}

  /** Gives the bank that asks; nothing where it is not there. */
  async own({ partnerId }: Caller): Promise<Partner | undefined> {
    const [partner] = await findPartners(this.changes.parts.dataSource, [partnerId]);
    return partner;
  }

  /**
   * Gives the client that asks one more key, so that it can turn to it before it retires the old one.
   * Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED, ALREADY_EXISTS, LIMIT_EXCEEDED.
   */
  async addKey(caller: Caller, given: GivenKeys & { proof: string }, traceparent: string): Promise<PartnerOutcome> {
    const clock = this.changes.parts.real;
    const read = await readKeys(given, SINGLE_KEY, clock());
    if (!read.ok) return read;
    const terms = { ...ADDITION, claims: { client_id: caller.clientId } };
    if (!(await arePossessed(read.keys, [given.proof], terms, clock())))
      return { ok: false, refusals: [{ code: 'INVALID_INPUT', reason: 'PROOF', field: ['input', 'proof'] }] };
    const { keys, authentication } = read;
    return this.changes.change(caller.partnerId, asking(caller, traceparent), async (tx, partner, now) => {
      const client = partner.clients.find(({ id }) => id === caller.clientId);
      const kid = keys[0]?.kid ?? '';
      const decision = decideAddition(partner.status, client, {
        kid,
        authentication,
        isHeld: await holdKeys(tx, keys),
        addedOfLate: client?.keys.filter(({ addedAt }) => addedAt.getTime() > now.getTime() - DAY_MS).length ?? 0,
      });
      if (!decision.ok) return { refusals: decision.refusals };
      await insertKeys(tx, { id: caller.clientId, partnerId: partner.id }, keys, now);
      const after = { clientId: caller.clientId, kid, key: 'ACTIVE' };
      return { change: { action: 'KEY_ADDED', before: null, after, reason: 'Added by the client.' }, extra: {} };
    });
  }

  /** Retires a key of the client that asks, and all its tokens of before. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED. */
  async retireKey(
    caller: Caller,
    command: { kid: string; reason: string },
    traceparent: string,
  ): Promise<PartnerOutcome> {
    const reason = readReason(command.reason);
    if (!reason.ok) return reason;
    const { kid } = command;
    const { clientId } = caller;
    return this.changes.change(caller.partnerId, asking(caller, traceparent), async (tx, partner, now) => {
      const decision = decideRetirement(
        partner.status,
        partner.clients.find(({ id }) => id === clientId),
        kid,
        now,
      );
      if (!decision.ok) return { refusals: decision.refusals };
      if (decision.plan === 'UNCHANGED') return { unchanged: true, extra: {} };
      await revokeKey(tx, { partnerId: partner.id, clientId, kid }, { actorId: clientId, now, andClient: false });
      const state = (key: string) => ({ clientId, kid, key });
      return {
        change: { action: 'KEY_RETIRED', before: state('ACTIVE'), after: state('REVOKED'), reason: reason.plan },
        extra: {},
      };
    });
  }

  /** Sets where people may be sent back to by the client that asks. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED. */
  async setRedirectUris(
    caller: Caller,
    command: { uris: readonly string[]; reason: string },
    traceparent: string,
  ): Promise<PartnerOutcome> {
    const reason = readReason(command.reason);
    if (!reason.ok) return reason;
    const { clientId } = caller;
    return this.changes.change(caller.partnerId, asking(caller, traceparent), async (tx, partner) => {
      const client = partner.clients.find(({ id }) => id === clientId);
      const decision = decideRedirectUris(partner, client, command.uris);
      if (!decision.ok || !client) return { refusals: decision.ok ? [] : decision.refusals };
      const [before, after] = [client.redirectUris, [...decision.plan]];
      if (before.join('\n') === after.join('\n')) return { unchanged: true, extra: {} };
      await tx.update(PartnerClientEntity, { partnerId: partner.id, id: clientId }, { redirectUris: after });
      const state = (redirectUris: readonly string[]) => ({ clientId, redirectUris });
      return {
        change: { action: 'REDIRECT_URIS_SET', before: state(before), after: state(after), reason: reason.plan },
        extra: {},
      };
    });
  }
}

const asking = ({ clientId }: Caller, traceparent: string): Asking => ({
  actor: { kind: 'PARTNER_CLIENT', id: clientId },
  traceparent,
});
