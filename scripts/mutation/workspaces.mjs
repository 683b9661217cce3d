import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from '../stack/settings.mjs';

const isDomain = (/** @type {string} */ file) => file.endsWith('.domain.ts');

/**
 * Where the rules stand, of money, rewards and messages first: there each file must reach the bar (`isBarred`). A file of texts alone has nothing
 * to decide and is left out.
 */
export const MUTATED = [
  { folder: 'packages/money', isBarred: true, isRule: (/** @type {string} */ file) => !/(\.test|\/index)\.ts$/.test(file) },
  { folder: 'packages/emvco', isBarred: true, isRule: (/** @type {string} */ file) => !/(\.test|\/index)\.ts$/.test(file) },
  { folder: 'services/rewards', isBarred: true, isRule: isDomain },
  {
    folder: 'services/notifications',
    isBarred: true,
    isRule: (/** @type {string} */ file) => isDomain(file) || /\/(messages\/local-day|templates\/render)\.ts$/.test(file),
  },
  { folder: 'services/accounts', isBarred: true, isRule: isDomain },
  { folder: 'services/merchants', isBarred: false, isRule: isDomain },
  { folder: 'services/gateway', isBarred: false, isRule: isDomain },
];

/** Gives the files of rules of a workspace, from the root on. @param {{ folder: string, isRule: (file: string) => boolean }} workspace */
export function rulesOf({ folder, isRule }) {
  return fs
    .readdirSync(path.join(ROOT, folder, 'src'), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/src/${name.replaceAll('\\', '/')}`)
    .filter((file) => file.endsWith('.ts') && isRule(file))
    .sort();
}

/** Gives the workspace of a file of rules, and where Stryker keeps what it finds of it. @param {string} file */
export function placeOf(file) {
  const folder = MUTATED.map((workspace) => workspace.folder).find((one) => file.startsWith(`${one}/`)) ?? '';
  const name = file.replaceAll('/', '-').replace(/\.ts$/, '');
  return { folder, report: `.tael/mutation/${name}.json`, known: `.tael/mutation/${name}.known.json` };
}
