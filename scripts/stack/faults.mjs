import fs from 'node:fs';
import path from 'node:path';

/**
 * Whether somebody keeps a part from being started again: a file of its name stands in TAEL_HOME/hold. For an operator who
 * wants a part to stay down, and for the tests of faults.
 * @param {string} home
 * @param {string} part
 */
export const isHeld = (home, part) => fs.existsSync(path.join(home, 'hold', part));

/**
 * What an earlier run asked for does not concern this one.
 * @param {import('./settings.mjs').Settings} settings
 */
export function prepareFaults({ home, failpoints }) {
  for (const name of ['hold', 'failpoints', 'clocks']) fs.rmSync(path.join(home, name), { recursive: true, force: true });
  if (!failpoints) return;
  for (const name of ['failpoints', 'clocks']) fs.mkdirSync(path.join(home, name), { recursive: true });
}
