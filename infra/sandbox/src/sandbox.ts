import { makeClockMovable } from '@tael/platform/clock';
import { createHttpServer } from '@tael/platform/http';
import type { Logger } from '@tael/platform/log';
import { openWhereAway } from '@tael/platform/postgres';
import { startWorkLoop, type WorkLoop } from '@tael/platform/work-loop';
import type { KeyObject } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type pg from 'pg';
import { bankRoutes } from './bank/bank.routes';
import { createBankStore } from './bank/bank.store';
import { clockRoutes } from './clock/clock.routes';
import { createSandboxClock } from './clock/sandbox-clock';
import { cardProcessorRoutes } from './card-processor/card-processor.routes';
import { type ChargeNoticeSettings, startChargeNotices } from './card-processor/charge-notices';
import { createCardProcessorStore } from './card-processor/card-processor.store';
import { openDatabase } from './database';
import { createFaults, faultRoutes } from './faults';
import { startMailServer } from './mail/mail.server';
import { messageRoutes } from './messages/message.routes';
import { createMessageStore, type MessageStore } from './messages/message.store';
import { pushRoutes } from './push/push.routes';
import { webhookRoutes } from './webhooks/webhook.routes';

export interface SandboxOptions {
  readonly databaseUrl: string;
  readonly cardProcessorSecret: string;
  /** Where the card processor sends its notices; without them it sends none. */
  readonly chargeNotices?: ChargeNoticeSettings;
  /** Whose orders the bank takes, and its address as they were told it, the sandbox's own unless said, and its time in milliseconds; without it there is no bank. */
  readonly bank?: { readonly clientKeys: Readonly<Record<string, KeyObject>>; readonly address?: string; readonly now?: () => number };
  readonly log: Logger;
  /** 127.0.0.1 unless told. */
  readonly host?: string;
  /** Any free port where left out or 0. */
  readonly port?: number;
  readonly smtpPort?: number;
  /** Makes the clock of this database movable, and moves that of others with it: those of the services of one stack. */
  readonly clock?: { readonly databaseUrls: readonly string[]; readonly seenByAllMs?: number };
  /** How many days mails and pushes are kept, 7 unless told. */
  readonly messageDays?: number;
}

export interface Sandbox {
  readonly url: string;
  readonly smtpUrl: string;
  stop(): Promise<void>;
}

/** Starts the stand-in for the outside world: card processor, bank, mail server, push service, and the page that shows both. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { log, host = '127.0.0.1', port = 0, smtpPort = 0 } = options;
  const pool = await openWhereAway(async () => {
    if (options.clock) await makeClockMovable(options.databaseUrl);
    return openDatabase(options.databaseUrl);
  }, log);
  const faults = createFaults();
  const store = createMessageStore(pool);
  let origin = '';
  const server = createHttpServer({ log, checks: { database: () => databaseHealth(pool) } });
  cardProcessorRoutes(server, { store: createCardProcessorStore(pool), secret: options.cardProcessorSecret, faults });
  if (options.bank) {
    const { clientKeys: keys, address, now = Date.now } = options.bank;
    bankRoutes(server, { store: createBankStore(pool), client: { keys, address: () => address ?? origin, now }, faults });
  }
  pushRoutes(server, { pool, store, faults, origin: () => origin });
  webhookRoutes(server, { pool, origin: () => origin });
  const clock = createSandboxClock(pool, options.clock?.databaseUrls ?? []);
  clockRoutes(server, clock, options.clock?.seenByAllMs);
  messageRoutes(server, { store, clock });
  faultRoutes(server, faults);
  try {
    const mail = await startMailServer({ host, port: smtpPort, store, faults, log });
    server.addHook('onClose', () => mail.stop());
    const forgetting = startForgetting(store, { days: options.messageDays ?? MESSAGE_DAYS, log });
    server.addHook('onClose', () => forgetting.stop());
    const notices = startChargeNotices(pool, { settings: options.chargeNotices, log });
    server.addHook('onClose', () => notices.stop());
    await server.listen({ host, port });
    origin = `http://${host}:${(server.server.address() as AddressInfo).port}`;
    return { url: origin, smtpUrl: `smtp://${host}:${mail.port}`, stop: () => stop(server, pool) };
  } catch (error) {
    await stop(server, pool);
    throw error;
  }
}

const MESSAGE_DAYS = 7;
const DAY_MS = 86_400_000;
const FORGOTTEN_AT_ONCE = 1_000;

function startForgetting(store: MessageStore, { days, log }: { days: number; log: Logger }): WorkLoop {
  return startWorkLoop({
    name: 'forgetting of messages',
    idleMs: 300_000,
    log,
    work: () => store.forget(new Date(Date.now() - days * DAY_MS), FORGOTTEN_AT_ONCE),
  });
}

async function stop(server: ReturnType<typeof createHttpServer>, pool: pg.Pool): Promise<void> {
  // A call that the processor leaves without an answer would hold the server open.
  server.server.closeAllConnections();
  await server.close();
  await pool.end();
}

async function databaseHealth(pool: pg.Pool): Promise<{ ready: boolean }> {
  await pool.query('/* sandbox.health */ SELECT 1');
  return { ready: true };
}
