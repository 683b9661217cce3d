import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { Operator } from '../approvals/approval.handler';
import { reasonRefusals } from '../audit/audit.domain';
import { audit } from '../audit/audit.service';
import { emit } from '../events/emission';
import { stopRemoval } from '../factor-removals/factor-removal.store';
import { uuidOf } from '../ids.domain';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { forgetDevices } from '../sessions/device.service';
import { endSessions, whileSessionLives } from '../sessions/session.service';

type SignOut = Outcome<{ endedCount: number }>;

/** Signs customers out, where somebody else seems to be in their account: all sessions end, and each device is a new one at its next sign-in. */
export class CustomerSessionService {
  constructor(private readonly parts: { readonly dataSource: DataSource; readonly now: () => Date }) {}

  /** Ends every session of a wallet's person; where there is none, that is said in the trail too. */
  async signOut(by: Operator, command: { walletId: string; reason: string }): Promise<SignOut> {
    const invalid = reasonRefusals(command.reason);
    if (invalid.length > 0) return { ok: false, refusals: invalid };
    const walletId = uuidOf(command.walletId);
    if (!walletId) return refuse('NOT_FOUND', ['input', 'walletId']);
    return inTransaction(this.parts.dataSource, (tx) => whileSessionLives(tx, by, () => this.signOutIn(tx, by, { walletId, reason: command.reason })));
  }

  private async signOutIn(tx: Tx, by: Operator, { walletId, reason }: { walletId: string; reason: string }): Promise<SignOut> {
    const now = this.parts.now();
    // The credential is held as a sign-in holds it: whose password was looked at before has a session by now, and it ends.
    const [owner]: { personId: string }[] = await tx.query(
      `/* customerSessions.hold */ SELECT c."personId" FROM wallet w JOIN credential c ON c."personId" = w."personId" WHERE w.id = $1 FOR NO KEY UPDATE OF c`,
      [walletId],
    );
    if (!owner) return refuse('NOT_FOUND', ['input', 'walletId']);
    const { personId } = owner;
    if (personId === by.personId) return refuse('NOT_ALLOWED', ['input', 'walletId']);
    const ended = await endSessions(tx, { personId, reason: 'ENDED_BY_OPERATOR', now });
    await tx.query('/* customerSessions.endChallenges */ DELETE FROM sign_in_challenge WHERE "personId" = $1', [personId]);
    await stopRemoval(tx, { personId, now, traceparent: by.traceparent });
    if (ended.length > 0) {
      await forgetDevices(tx, personId, { ended, asking: null });
      await emit(tx, by, [{ type: 'sessions.ended-by-operator', data: { personId, changeId: uuidv7(), count: ended.length, occurredAt: now } }]);
    }
    await audit(tx, { kind: 'WALLET', id: walletId }, {
      actorId: by.personId, action: 'OWNER_SIGNED_OUT', before: { sessions: ended.length }, after: { sessions: 0 }, reason, at: now,
    });
    return { ok: true, endedCount: ended.length };
  }
}
