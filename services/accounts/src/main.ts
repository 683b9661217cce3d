import 'reflect-metadata';
import { createBus } from '@tael/platform/bus';
import { startDatabaseClock } from '@tael/platform/clock';
import { busOf, servingOf, tracingOf } from '@tael/platform/env';
import { armFailpoints } from '@tael/platform/failpoint';
import { beside, type HealthCheck } from '@tael/platform/http';
import { createLogger } from '@tael/platform/log';
import { faultsTo, startResealing, tellSealKey } from '@tael/platform/reseal';
import { createOutboxRelay } from '@tael/platform/outbox';
import { openDataSource } from '@tael/platform/postgres';
import { createShutdown } from '@tael/platform/shutdown';
import { startTracing } from '@tael/platform/telemetry';
import { createApp } from './app';
import { startArtifactLoop } from './authorization/authorization-artifact.loop';
import { startCardLoops } from './charge-notices/card.loops';
import { startConsentOrderLoop } from './consents/consent-order.loop';
import { measureCheckpoints, startCheckpoints } from './checkpoints/checkpoint.loop';
import { accountsDataSource } from './data-source';
import { accountsSettings } from './env';
import { startAccountsConsumer } from './events/accounts.consumer';
import { startDisputeDocumentLoop } from './dispute-documents/dispute-document.loop';
import { startDisputeLoop } from './disputes/dispute.loop';
import { fingerprintTasks, sealTasks } from './key-turns/key-turn.tasks';
import { startBankFileLoop } from './bank-files/bank-file.loop';
import { measureBankFiles } from './bank-files/bank-file.metrics';
import { startHistoryLoop } from './history-imports/history.loop';
import { startFolder } from './ledger/ledger.folder';
import { measureDrift } from './ledger/ledger.metrics';
import { startRebateLoop } from './reward-postings/rebate.loop';
import { startBankOrderLoop, startBankStatementLoop } from './bank-orders/bank-order.loop';
import { startDebtLoop } from './debts/debt.loop';
import { startSessionLoop } from './sessions/session.loop';
import { startFactorRemovalLoop } from './factor-removals/factor-removal.loop';
import { startSettlementLoop } from './settlements/settlement.loop';

async function main(): Promise<void> {
  const env = accountsSettings();
  const log = createLogger({ service: 'accounts', level: env.LOG_LEVEL });
  const shutdown = createShutdown({ log });
  armFailpoints(env, log);
  process.on('unhandledRejection', (error) => {
    log.fatal({ error }, 'a rejection was not handled');
    process.exit(1);
  });

  const tracing = await startTracing(tracingOf('accounts', env, log));
  shutdown.add('traces', () => tracing.stop());
  const dataSource = await openDataSource(accountsDataSource({ url: env.DATABASE_URL, poolSize: env.DATABASE_POOL_SIZE }), log);
  shutdown.add('postgres', () => dataSource.destroy());
  const clock = await startDatabaseClock(dataSource, log);
  shutdown.add('clock', () => clock.stop());
  const bus = createBus({ ...busOf(env), clientId: 'accounts', log });
  shutdown.add('bus', () => bus.close());

  const relay = createOutboxRelay({ dataSource, bus, log });
  shutdown.add('relay', () => relay.stop());
  for (const measure of [measureDrift, measureCheckpoints, measureBankFiles]) measure(dataSource);
  const folder = startFolder(dataSource, log);
  shutdown.add('folder', () => folder.stop());
  const checkpoints = startCheckpoints(dataSource, log);
  shutdown.add('checkpoints', () => checkpoints.stop());

  const checks: Record<string, HealthCheck> = {
    bus: beside(() => bus.health()), relay: beside(relay.health), folder: beside(folder.health), checkpoints: beside(checkpoints.health),
  };
  const { server, services } = await createApp({ dataSource, log, settings: env, now: clock.now, real: clock.real }, checks, servingOf(env));
  const cardLoops = startCardLoops({ ...services, log });
  shutdown.add('cards', () => cardLoops.stop());
  const historyLoop = startHistoryLoop({ work: services.historyWork, keeping: services.historyKeeping, log });
  checks['history imports'] = beside(historyLoop.health);
  shutdown.add('history imports', () => historyLoop.stop());
  const bankFileLoop = startBankFileLoop({ work: services.bankFileWork, log });
  shutdown.add('bank files', () => bankFileLoop.stop());
  const bankOrderLoop = startBankOrderLoop({ bankOrders: services.bankOrders, log });
  shutdown.add('bank-orders', () => bankOrderLoop.stop());
  const statementLoop = startBankStatementLoop({ bankStatement: services.bankStatement, log });
  shutdown.add('bank-statement', () => statementLoop.stop());
  const debtLoop = startDebtLoop({ debts: services.debts, log, collects: env.DEBT_COLLECTION === 'on' });
  shutdown.add('debts', () => debtLoop.stop());
  const settlementLoop = startSettlementLoop({ ...services, log });
  shutdown.add('settlements', () => settlementLoop.stop());
  const loops = {
    rebates: startRebateLoop({ dataSource, log }),
    disputes: startDisputeLoop({ disputes: services.disputes, log }),
    'dispute documents': startDisputeDocumentLoop({ ...services, log }),
    sessions: startSessionLoop({ ...services, log }),
    'lost second factors': startFactorRemovalLoop({ ...services, log }),
    artifacts: startArtifactLoop({ ...services, log }),
    'orders to end consents': startConsentOrderLoop({ ...services, log }),
  };
  for (const [name, loop] of Object.entries(loops)) shutdown.add(name, () => loop.stop());
  tellSealKey('seal', services.sealer);
  tellSealKey('fingerprint', services.fingerprints.sealer);
  const tasks = [...sealTasks(env, faultsTo(log)), ...fingerprintTasks(env, faultsTo(log))];
  const resealing = startResealing({ dataSource, log, tasks });
  shutdown.add('resealing', () => resealing.stop());
  const consumer = await startAccountsConsumer({ bus, dataSource, log, inboxDays: env.INBOX_DAYS });
  checks['consumer'] = beside(consumer.health);
  shutdown.add('consumer', () => consumer.stop());
  shutdown.add('http', () => server.close());
  await server.listen({ host: env.HOST, port: env.PORT });
}

main().catch((error: unknown) => {
  process.stderr.write(`accounts could not start: ${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
