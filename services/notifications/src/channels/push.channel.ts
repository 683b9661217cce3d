import * as http from 'node:http';
import * as https from 'node:https';
import { egressTarget, PrivateAddress, publicLookup } from '@tael/platform/egress';
import webpush from 'web-push';
import type { HandOff } from '../deliveries/delivery.domain';
import type { ChannelPort, OutgoingNotification } from './channel.port';
import type { PushSubscription, PushSubscriptionService } from './push-subscription.service';

export interface PushSettings {
  readonly subject: string;
  readonly publicKey: string;
  readonly privateKey: string;
  readonly allowHttp: boolean;
}

export interface PushChannelParts {
  readonly settings: PushSettings;
  readonly subscriptions: PushSubscriptionService;
  readonly now: () => Date;
}

type Answer =
  | { readonly status: number; readonly retryAfter: string | undefined }
  | { readonly fault: Error; readonly sent: boolean };

const TIMEOUT_MS = 10_000;
const TTL_SECONDS = 24 * 3_600;
const VAPID_MS = 10 * 3_600_000;
const ORIGINS_MAX = 1_000;

/** Says what an answer of a push service means; `GONE` is a subscription that has ended. */
export function pushAnswer(answer: Answer): HandOff | 'GONE' {
  if ('fault' in answer) {
    if (answer.fault instanceof PrivateAddress) return 'GONE';
    const reason = `PUSH ${(answer.fault as NodeJS.ErrnoException).code ?? 'FAULT'}`;
    return answer.sent ? { kind: 'UNKNOWN', reason } : { kind: 'BUSY', reason };
  }
  const { status, retryAfter } = answer;
  if (status >= 200 && status < 300) return { kind: 'HANDED_OFF', providerId: null };
  if (status === 404 || status === 410) return 'GONE';
  const seconds = Number(retryAfter);
  const retryAfterMs = retryAfter && Number.isFinite(seconds) ? seconds * 1_000 : undefined;
  if (status === 429 || status >= 500) return { kind: 'BUSY', reason: `PUSH ${status}`, retryAfterMs };
  return { kind: 'REJECTED', reason: `PUSH ${status}` };
}

// One person's devices make one delivery: one that got it is enough; else what may still work decides.
const RANK: readonly HandOff['kind'][] = ['HANDED_OFF', 'UNKNOWN', 'BUSY', 'REJECTED'];

/** Sums up the devices of a person. */
export function pushOutcome(handOffs: readonly HandOff[]): HandOff {
  const best = [...handOffs].sort((a, b) => RANK.indexOf(a.kind) - RANK.indexOf(b.kind))[0];
  return best ?? { kind: 'SKIPPED', reason: 'NO_ADDRESS' };
}

/**
 * Web push to all browsers of a person, end-to-end encrypted (RFC 8291), signed once an origin for hours (RFC
 * 8292).
 */
export class PushChannel implements ChannelPort {
  private readonly signed = new Map<string, { authorization: string; until: number }>();

  constructor(private readonly parts: PushChannelParts) {}

  async send(notification: OutgoingNotification): Promise<HandOff> {
    const subscriptions = await this.parts.subscriptions.of(notification.person.id);
    const handOffs = await Promise.all(subscriptions.map((subscription) => this.sendTo(subscription, notification)));
    return pushOutcome(handOffs.filter((handOff) => handOff !== 'GONE'));
  }

  private async sendTo(subscription: PushSubscription, notification: OutgoingNotification): Promise<HandOff | 'GONE'> {
    const url = egressTarget(subscription.endpoint, this.parts.settings);
    const answer = url ? pushAnswer(await this.post(url, subscription, notification)) : 'GONE';
    if (answer === 'GONE') await this.parts.subscriptions.remove(subscription.id);
    return answer;
  }

  private async post(url: URL, subscription: PushSubscription, notification: OutgoingNotification): Promise<Answer> {
    const { id, topic, title, body } = notification;
    let request: webpush.RequestDetails;
    try {
      request = webpush.generateRequestDetails(
        { endpoint: subscription.endpoint, keys: { p256dh: subscription.p256dh, auth: subscription.auth } },
        JSON.stringify({ id, topic, title, body }),
        {
          TTL: TTL_SECONDS,
          // The message's own id: where a push service still holds the first, a repeat takes its place.
          topic: id.replaceAll('-', ''),
          urgency: notification.class === 'SECURITY' ? 'high' : 'normal',
          headers: { Authorization: this.authorization(url.origin) },
        },
      );
    } catch {
      // Keys that do not encrypt: what is behind them can never read a message.
      return { status: 410, retryAfter: undefined };
    }
    return exchange(url, request);
  }

  private authorization(origin: string): string {
    const { settings, now } = this.parts;
    const known = this.signed.get(origin);
    if (known && known.until > now().getTime()) return known.authorization;
    const { Authorization: authorization } = webpush.getVapidHeaders(
      origin,
      settings.subject,
      settings.publicKey,
      settings.privateKey,
      'aes128gcm',
    );
    if (this.signed.size >= ORIGINS_MAX) this.signed.clear();
    this.signed.set(origin, { authorization, until: now().getTime() + VAPID_MS });
    return authorization;
  }
}

/**
 * Sends a push. Own request rather than web-push's: it can check the address that it connects to, follows no redirect, and
 * ends after `deadlineMs` whatever trickles in: whoever names the push service may be the one who runs it.
 */
export function exchange(
  url: URL, details: Pick<webpush.RequestDetails, 'headers' | 'body'>, deadlineMs: number = TIMEOUT_MS,
): Promise<Answer> {
  return new Promise((resolve) => {
    let sent = false;
    const plain = url.protocol === 'http:';
    const options: https.RequestOptions = {
      method: 'POST',
      headers: details.headers as http.OutgoingHttpHeaders,
      ...(plain ? {} : { lookup: publicLookup as never }),
    };
    const request = (plain ? http : https).request(url, options, (response) => {
      // The first line says all; the rest is read so that the connection can be used again.
      resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] });
      response.on('error', () => undefined);
      response.resume();
    });
    const deadline = setTimeout(
      () => request.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })), deadlineMs,
    );
    request.once('close', () => clearTimeout(deadline));
    request.once('finish', () => (sent = true));
    request.on('error', (fault) => resolve({ fault, sent }));
    request.end(details.body);
  });
}
