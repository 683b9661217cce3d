import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

const readManifest = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

function manifestsOf(group) {
  const parent = join(ROOT, group);
  if (!existsSync(parent)) return [];
  return readdirSync(parent)
    .filter((name) => existsSync(join(parent, name, 'package.json')))
    .map((name) => readManifest(join(parent, name)));
}

/** What the house consists of: the names of its services, and what each package lets others import. */
export function readWorkspace() {
  const packages = new Map(
    manifestsOf('packages').map(({ name, exports = {} }) => [
      name,
      new Set(Object.keys(exports).map((path) => name + path.slice(1))),
    ]),
  );
  return { packages, services: new Set(manifestsOf('services').map(({ name }) => name)), homes: new Map() };
}

/**
 * Gives the workspace that a file belongs to: its folder, its kind (service, package or other), its name, and its
 * manifest where there is one.
 */
export function homeOf(path, workspace) {
  const match = [...path.matchAll(/\/(services|packages)\/([^/]+)(?=\/)/g)].at(-1);
  const folder = match ? path.slice(0, match.index + match[0].length) : nearestManifest(dirname(path));
  let home = workspace.homes.get(folder);
  if (!home) {
    const kind = match ? match[1].slice(0, -1) : 'other';
    const manifest = existsSync(join(folder, 'package.json')) ? readManifest(folder) : undefined;
    home = { folder, kind, name: match?.[2] ?? '', manifest };
    workspace.homes.set(folder, home);
  }
  return home;
}

function nearestManifest(folder) {
  if (existsSync(join(folder, 'package.json')) || folder === sep) return folder;
  return nearestManifest(dirname(folder));
}
