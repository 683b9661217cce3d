import { CONSENT_SCOPES, PARTNER_SCOPES } from '@tael/platform/identity';
import { decideScopes, readScopesCommand, type ScopesCommand } from './client-scopes.domain';
import { PartnerClientEntity } from './partner.entity';
import type { Asking, PartnerChanges, PartnerOutcome } from './partner-changes.service';

/** Sets what clients that are registered may ask tokens for. */
export class ClientScopesService {
  constructor(private readonly changes: PartnerChanges) {}

  /**
   * Sets the scopes of a client, all of them. What is taken away ends its tokens of before: no key is gone, so accounts takes the instant for the
   * whole client. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED.
   */
  async set(command: ScopesCommand & { partnerId: string; clientId: string }, asking: Asking): Promise<PartnerOutcome> {
    const read = readScopesCommand(command, [...PARTNER_SCOPES, ...CONSENT_SCOPES]);
    if (!read.ok) return read;
    const { scopes, reason } = read.plan;
    return this.changes.change(command.partnerId, asking, async (tx, partner, now) => {
      const client = partner.clients.find(({ id }) => id === command.clientId.toLowerCase());
      const decision = decideScopes(client, scopes);
      if (!decision.ok || !client) return { refusals: decision.ok ? [] : decision.refusals };
      if (decision.plan === 'UNCHANGED') return { unchanged: true, extra: {} };
      const ends = decision.plan === 'NARROW' ? { tokensRefusedUntil: now } : {};
      await tx.update(PartnerClientEntity, { partnerId: partner.id, id: client.id }, { scopes: [...scopes], ...ends });
      const state = (of: readonly string[]) => ({ clientId: client.id, scopes: of });
      return { change: { action: 'SCOPES_SET', before: state(client.scopes), after: state(scopes), reason }, extra: {} };
    });
  }
}
