import fs from 'node:fs';
import path from 'node:path';
import { mayEnter } from '../stack/postgres.mjs';
import { Problem } from '../stack/problem.mjs';

/** A segment is handed over when it is full, and at least so often where anything was written: what a lost disk may cost. */
const HAND_OVER_S = 60;

/**
 * A folder of backups: base/<moment> holds the files of the server as they were, wal what was written since.
 * @param {string} folder
 */
export const placesIn = (folder) => ({ bases: path.join(folder, 'base'), wal: path.join(folder, 'wal') });

/**
 * The settings of a server that keeps its write-ahead log in a folder. Postgres' own module does it: it copies, syncs and
 * renames, and takes the same segment twice.
 * @param {string} folder
 * @param {import('../stack/postgres.mjs').Cluster} cluster
 * @returns {Record<string, string>}
 */
export function archiveSettings(folder, { binaries, user }) {
  if (!fs.existsSync(path.join(binaries, 'lib', 'postgresql', 'basic_archive.so')) && !fs.existsSync(path.join(binaries, 'lib', 'postgresql', 'basic_archive.dylib'))) {
    throw new Problem('This embedded Postgres has no module for keeping its log.', 'Start without TAEL_ARCHIVE; npm run backup works without it.');
  }
  const { wal } = placesIn(folder);
  fs.mkdirSync(folder, { recursive: true, mode: 0o755 });
  fs.mkdirSync(wal, { recursive: true, mode: 0o700 });
  if (user) {
    fs.chownSync(wal, user.uid, user.gid);
    if (!mayEnter(wal, user)) {
      throw new Problem(
        `Postgres runs as a user of its own, who may not enter ${folder}.`,
        'Give TAEL_ARCHIVE a folder that others may pass into, such as /var/lib/tael-backups.',
      );
    }
  }
  return {
    archive_mode: 'on',
    archive_library: 'basic_archive',
    'basic_archive.archive_directory': wal,
    archive_timeout: String(HAND_OVER_S),
  };
}
