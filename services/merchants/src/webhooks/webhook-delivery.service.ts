import { failpoint } from '@tael/platform/failpoint';
import type { Logger } from '@tael/platform/log';
import { counter, gauge } from '@tael/platform/metrics';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { afterAttempt, type Attempt, type AttemptOutcome } from './webhook.domain';
import { post, type SenderSettings } from './webhook.sender';
import { signatureOf } from './webhook.signature';
import type { Claim, WebhookQueue } from './webhook-queue.service';

export interface WebhookDeliveryParts {
  readonly dataSource: DataSource;
  readonly log: Logger;
  readonly queue: WebhookQueue;
  readonly sealer: Sealer;
  readonly sender: SenderSettings;
  readonly now: () => Date;
  /** The time by which a receiver judges a signature, and says when to come back. */
  readonly real: () => Date;
  /** Draws from 0 to 1. */
  readonly chance?: () => number;
}

const KEPT_MS = 30 * 86_400_000;

const attempts = counter({
  name: 'tael_webhook_attempts_total',
  help: 'Attempts to deliver a webhook, by what became of the message.',
  labels: ['outcome'],
});

/** Sends what waits: claims, signs, posts, and keeps what came of it. */
export class WebhookDeliveryService {
  constructor(private readonly parts: WebhookDeliveryParts) {
    const { queue, now } = parts;
    gauge({ name: 'tael_webhooks_waiting', help: 'Webhook messages that wait to be delivered.', collect: async (level) => level.set((await queue.waiting()).count) });
    gauge({
      name: 'tael_webhooks_oldest_seconds',
      help: 'How long the oldest webhook message has waited.',
      collect: async (level) => {
        const { oldest } = await queue.waiting();
        level.set(oldest ? Math.max(0, now().getTime() - oldest.getTime()) / 1_000 : 0);
      },
    });
  }

  /** Sends the first message of up to `limit` lanes that are due, all at the same time. Gives how many. */
  async deliverDue(limit: number): Promise<number> {
    const claims = await this.parts.queue.claim(limit);
    if (claims.length === 0) return 0;
    const keys = await this.keysOf(claims);
    await Promise.all(claims.map((claim) => this.deliver(claim, keys.get(claim.endpointId) ?? [])));
    return claims.length;
  }

  /** Forgets what ended a month ago, and gives up what waited as long for a bank that nobody lets in. */
  async forget(limit: number): Promise<number> {
    const before = new Date(this.parts.now().getTime() - KEPT_MS);
    const expired = await this.parts.queue.expire(before, limit);
    return expired + (await this.parts.queue.forget(before, limit));
  }

  private async deliver(claim: Claim, keys: readonly string[]): Promise<void> {
    const { queue, log, now, chance = Math.random } = this.parts;
    try {
      if (!claim.deliveryId || claim.status === 'DISABLED') {
        await queue.keep(claim, null, SKIPPED);
        return;
      }
      failpoint('webhook.claimed');
      const attempt = await this.send(claim, keys);
      failpoint('webhook.sent');
      const outcome = afterAttempt(attempt, claim, now(), chance());
      attempts.inc({ outcome: outcome.status });
      const kept = await queue.keep(claim, attempt, outcome);
      if (!kept) log.warn({ deliveryId: claim.deliveryId }, 'a webhook was sent by a worker whose lease was over');
      if (outcome.disables) log.warn({ endpointId: claim.endpointId, why: outcome.disables }, 'a webhook endpoint was disabled');
    } catch (error) {
      // The lease stays: when it is over, the message is sent again under the same id.
      log.error({ error, deliveryId: claim.deliveryId }, 'a webhook could not be worked off');
    }
  }

  private send(claim: Claim, keys: readonly string[]): Promise<Attempt> {
    const { sender, real } = this.parts;
    const id = claim.deliveryId!;
    const timestamp = Math.floor(real().getTime() / 1_000);
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signatureOf({ id, timestamp, body: claim.body }, keys),
    };
    return post(claim.url, { headers, body: claim.body }, sender, real);
  }

  private async keysOf(claims: readonly Claim[]): Promise<Map<string, string[]>> {
    const rows: { endpointId: string; privateKey: string }[] = await this.parts.dataSource.query(
      `/* webhooks.keys */ SELECT "endpointId", "privateKey" FROM webhook_key
       WHERE "endpointId" = ANY($1::uuid[]) AND ("expiresAt" IS NULL OR "expiresAt" > $2) ORDER BY "createdAt" DESC`,
      [[...new Set(claims.map(({ endpointId }) => endpointId))], this.parts.now()],
    );
    const keys = new Map<string, string[]>();
    for (const { endpointId, privateKey } of rows) {
      const opened = this.parts.sealer.open(privateKey, endpointId);
      keys.set(endpointId, [...(keys.get(endpointId) ?? []), opened]);
    }
    return keys;
  }
}

const SKIPPED: AttemptOutcome = { status: 'SKIPPED', dueAt: null, reason: 'ENDPOINT_DISABLED', disables: null };
