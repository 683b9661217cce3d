import fs from 'node:fs';
import path from 'node:path';
import { certificateFiles } from './certificate.mjs';
import { DATABASES } from './databases.mjs';
import { LOGINS } from './personas.mjs';
import { writePrivately } from './secrets.mjs';
import { DATA_SERVICES, environmentOf, instancesOf, SERVICES } from './services.mjs';

/** @param {import('./services.mjs').Wiring} wiring */
export function urlsOf({ settings: { ports, home } }) {
  return {
    gatewayUrl: `http://localhost:${ports.gateway}/graphql`,
    sandboxUrl: `http://localhost:${ports.sandbox}`,
    partnerTls: { url: `https://localhost:${ports.partnerTls}/partner`, certificate: certificateFiles(home).cert },
    subgraphs: Object.fromEntries(DATA_SERVICES.map((name) => [name, `http://127.0.0.1:${ports[name]}/graphql`])),
  };
}

/**
 * Says for tools on this machine where everything is, keys and passwords included: only its owner may read it.
 * @param {import('./services.mjs').Wiring} wiring
 * @param {{ adminUrl: string, pids: Record<string, number> }} present
 */
export function writeStackFile(wiring, { adminUrl, pids }) {
  const { bus, urls, settings } = wiring;
  writePrivately(path.join(settings.home, 'stack.json'), {
    ...urlsOf(wiring),
    ports: settings.ports,
    eventBus: bus.kind,
    kafkaBrokers: bus.kind === 'kafka' ? bus.brokers : null,
    busDatabaseUrl: urls.tael_bus,
    databaseUrls: Object.fromEntries(DATABASES.map((name) => [name.replace('tael_', ''), urls[name]])),
    adminDatabaseUrl: adminUrl,
    pids,
    instances: Object.fromEntries(
      SERVICES.map((name) => [
        name,
        instancesOf(name, settings).map(({ part, port }) => ({ part, port, pid: pids[part] ?? null })),
      ]),
    ),
    services: Object.fromEntries(
      SERVICES.map((name) => [
        name,
        { port: settings.ports[name], pid: pids[name] ?? null, env: environmentOf(name, wiring) },
      ]),
    ),
  });
}

/**
 * Says that all is ready, and how to come in.
 * @param {import('./services.mjs').Wiring} wiring
 */
export function writeDemoFile(wiring) {
  const { bus, settings } = wiring;
  writePrivately(path.join(settings.home, 'demo.json'), {
    ...urlsOf(wiring),
    eventBus: bus.kind,
    eventBusReason: bus.reason,
    personas: settings.seed ? LOGINS : {},
  });
}

/** @param {string} home */
export function removeStackFiles(home) {
  for (const name of ['demo.json', 'stack.json']) fs.rmSync(path.join(home, name), { force: true });
}
