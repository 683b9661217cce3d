import { readVerifyingKeys } from '@tael/http-signature';
import { createLogger } from '@tael/platform/log';
import { createShutdown } from '@tael/platform/shutdown';
import { readSandboxEnv } from './env';
import { startSandbox } from './sandbox';

async function main(): Promise<void> {
  const env = readSandboxEnv();
  const log = createLogger({ service: 'sandbox', level: env.LOG_LEVEL });
  const shutdown = createShutdown({ log });
  const sandbox = await startSandbox({
    host: env.HOST,
    port: env.PORT,
    smtpPort: env.SMTP_PORT,
    databaseUrl: env.DATABASE_URL,
    cardProcessorSecret: env.CARD_PROCESSOR_SECRET,
    bank: { clientKeys: readVerifyingKeys(env.BANK_CLIENT_KEYS), address: env.BANK_ADDRESS },
    ...(env.CARD_NOTICES_URL && env.CARD_PROCESSOR_NOTICE_KEY
      ? { chargeNotices: { url: env.CARD_NOTICES_URL, privateKey: env.CARD_PROCESSOR_NOTICE_KEY } } : {}),
    messageDays: env.MESSAGE_DAYS,
    ...(env.MOVABLE_CLOCK === 'true' ? { clock: { databaseUrls: env.CLOCK_DATABASE_URLS } } : {}),
    log,
  });
  shutdown.add('sandbox', () => sandbox.stop());
  log.info({ url: sandbox.url, smtpUrl: sandbox.smtpUrl }, 'the sandbox is ready');
}

main().catch((error: unknown) => {
  process.stderr.write(`The sandbox could not start: ${(error as Error).stack ?? String(error)}\n`);
  process.exit(1);
});
