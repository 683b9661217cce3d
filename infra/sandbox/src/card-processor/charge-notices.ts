import type { Logger } from '@tael/platform/log';
import { startWorkLoop, type WorkLoop } from '@tael/platform/work-loop';
import type pg from 'pg';
import { signWebhook } from '../webhooks/webhook.signature';
import { type NoticeType, returnedBy } from './card-behaviour.domain';

export interface ChargeNoticeSettings {
  /** Where notices go. */
  readonly url: string;
  /** The Ed25519 key that signs them, PKCS #8 in base64. */
  readonly privateKey: string;
}

interface DueNotice {
  readonly position: string;
  readonly id: string;
  readonly key: string;
  readonly type: NoticeType;
  readonly deliveries: number;
  readonly attempts: number;
  readonly chargeId: string;
  readonly status: string;
  readonly amount: string;
  readonly currency: string;
}

const EVERY_MS = 200;
const AT_ONCE = 100;
const TIMEOUT_MS = 5_000;
const REST_MAX_SECONDS = 60;

/**
 * Starts what happens to charges later, and what tells of it: each notice is sent until it is taken, those of one charge in their
 * order. Without settings nobody is told.
 */
export function startChargeNotices(pool: pg.Pool, { settings, log }: { settings: ChargeNoticeSettings | undefined; log: Logger }): WorkLoop {
  return startWorkLoop({
    name: 'notices of charges',
    idleMs: EVERY_MS,
    log,
    work: async () => {
      const due = await dueNotices(pool);
      const keys = [...new Set(due.map(({ key }) => key))];
      await Promise.all(keys.map(async (key) => {
        for (const notice of due.filter((one) => one.key === key)) {
          if (!(await sendOne(pool, notice, settings))) break;
        }
      }));
      return 0;
    },
  });
}

async function dueNotices(pool: pg.Pool): Promise<DueNotice[]> {
  const due = await pool.query<DueNotice>(
    `/* charge-notice.due */ SELECT n.position::text AS position, n.notice_id AS id, n.idempotency_key AS key, n.type, n.deliveries, n.attempts,
       c.charge_id AS "chargeId", c.status, c.amount::text AS amount, c.currency
     FROM charge_notice n JOIN charge c ON c.idempotency_key = n.idempotency_key
     WHERE n.due_at <= clock_timestamp() ORDER BY n.due_at, n.position LIMIT $1`,
    [AT_ONCE],
  );
  return due.rows;
}

/** Lets happen what a notice tells, and sends it. Gives whether it was taken. */
async function sendOne(pool: pg.Pool, notice: DueNotice, settings: ChargeNoticeSettings | undefined): Promise<boolean> {
  const { position, key, type, deliveries } = notice;
  const returned = returnedBy(type);
  if (returned) await pool.query('/* charge.return */ UPDATE charge SET returned = $2 WHERE idempotency_key = $1', [key, returned]);
  // It counts as told from now on: who takes it may ask at once.
  await pool.query('/* charge-notice.try */ UPDATE charge_notice SET attempts = attempts + 1 WHERE position = $1', [position]);
  const taken = !settings || (await Promise.all(Array.from({ length: deliveries }, () => deliver(notice, settings)))).every(Boolean);
  if (taken) await pool.query('/* charge-notice.done */ DELETE FROM charge_notice WHERE position = $1', [position]);
  else {
    await pool.query(
      '/* charge-notice.rest */ UPDATE charge_notice SET due_at = clock_timestamp() + make_interval(secs => $2) WHERE position = $1',
      [position, Math.min(REST_MAX_SECONDS, 2 ** Math.min(notice.attempts, 10) / 2)],
    );
  }
  return taken;
}

async function deliver(notice: DueNotice, { url, privateKey }: ChargeNoticeSettings): Promise<boolean> {
  const { id, type, key, chargeId, status, amount, currency } = notice;
  const at = new Date();
  const timestamp = Math.floor(at.getTime() / 1_000);
  const data = { key, chargeId, status, amount, currency, returned: returnedBy(type) };
  const body = JSON.stringify({ type, timestamp: at.toISOString(), data });
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json', 'webhook-id': id, 'webhook-timestamp': String(timestamp),
        'webhook-signature': signWebhook({ id, timestamp, body }, privateKey),
      },
      body, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}
