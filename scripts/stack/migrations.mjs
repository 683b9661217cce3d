import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { runCommand } from './commands.mjs';
import { DATA_SERVICES, entryOf, migrationEnvironmentOf } from './services.mjs';

/**
 * Brings each service's database up to date.
 * @param {import('./services.mjs').Wiring} wiring
 * @param {object} options
 * @param {string} options.version sum of the build; what it has migrated once in embedded Postgres needs no second look
 * @param {boolean} options.isNew databases were made or changed hands just now
 * @param {AbortSignal} options.signal
 * @param {(detail: string) => void} options.say
 */
export async function migrateAll(wiring, { version, isNew, signal, say }) {
  const { home, databaseUrl, movableClock } = wiring.settings;
  const wanted = movableClock ? `${version} movable` : version;
  const stamp = path.join(home, 'migrated.json');
  const skippable = !databaseUrl && !isNew && fs.existsSync(stamp);
  if (skippable && fs.readFileSync(stamp, 'utf8') === wanted) return say('nothing to do');
  await Promise.all(
    DATA_SERVICES.map((name) =>
      runCommand(process.execPath, ['--enable-source-maps', entryOf(name, 'migrate')], {
        title: `Migrating ${name}`,
        log: path.join(home, 'logs', `migrate-${name}.log`),
        signal,
        env: migrationEnvironmentOf(name, wiring),
      }),
    ),
  );
  fs.writeFileSync(stamp, wanted);
  say(DATA_SERVICES.join(', '));
}
