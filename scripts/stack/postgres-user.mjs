import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { Problem } from './problem.mjs';

const NAME = 'postgres';

/**
 * Postgres refuses to run as root: gives the user whom it runs as then, made where there is none. Undefined where we are
 * not root and it simply runs as ourselves.
 * @returns {{ uid: number, gid: number } | undefined}
 */
export function unprivilegedUser() {
  if (process.getuid?.() !== 0) return undefined;
  const found = idsOf(NAME) ?? create();
  if (found) return found;
  throw new Problem(
    'Postgres does not run as root, and no user for it could be made.',
    `Run \`npm start\` as another user, or make one: useradd --system ${NAME}`,
  );
}

function create() {
  spawnSync('groupadd', ['--system', NAME]);
  spawnSync('useradd', ['--system', '--gid', NAME, '--no-create-home', '--shell', '/usr/sbin/nologin', NAME]);
  return idsOf(NAME);
}

/** @param {string} name */
function idsOf(name) {
  const [uid, gid] = ['-u', '-g'].map((option) => spawnSync('id', [option, name], { encoding: 'utf8' }));
  if (uid?.status !== 0 || gid?.status !== 0) return undefined;
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}
