import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { environmentOf } from './services.mjs';
import { readSettings, ROOT } from './settings.mjs';

const PAGE = fs.readFileSync(path.join(ROOT, 'docs', 'partners', 'sandbox.md'), 'utf8');

/** The settings in front of a command of a page, as a shell would give them to it. */
function settingsOf(/** @type {string} */ command) {
  const [, start] = new RegExp(`^((?:\\w+=\\S+ )+)${command}$`, 'm').exec(PAGE) ?? [];
  assert.ok(start, `the page has ${command}`);
  return Object.fromEntries(start.trim().split(' ').map((pair) => /** @type {[string, string]} */ (pair.split('='))));
}

test('the command that the page for banks starts a sandbox with gives one: a home of its own, a clock to be moved, and the ports that the page asks', () => {
  const given = settingsOf('npm start');
  assert.deepEqual(Object.keys(given).sort(), ['TAEL_HOME', 'TAEL_PORT', 'TAEL_SANDBOX']);
  const settings = readSettings([], given);
  assert.equal(settings.home, path.join(ROOT, '.tael-sandbox'));
  assert.equal(settings.movableClock, true);
  const asked = new Set([...PAGE.matchAll(/localhost:(\d+)/g)].map(([, port]) => Number(port)));
  assert.deepEqual([...asked], [settings.ports.sandbox]);
  const wiring = /** @type {any} */ ({ settings, secrets: { identityKeys: 'k1:AAAA', vapid: {}, cardProcessorNotices: {} }, urls: {}, bus: { kind: 'postgres' } });
  assert.equal(environmentOf('merchants', wiring)['SANDBOX_PARTNERS'], 'true');
});
