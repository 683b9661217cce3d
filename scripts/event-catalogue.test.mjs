import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

it('docs/events.md is what packages/events says', () => {
  const { status, stderr } = spawnSync(process.execPath, [at('event-catalogue.mjs'), '--check'], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
});

it('docs/events.md names no field without a type', () => {
  const rows = readFileSync(at('../docs/events.md'), 'utf8').match(/^\| `.*$/gm);
  assert.ok(rows.length > 100);
  assert.deepEqual(
    rows.filter((row) => /\| *(undefined|)? *\|$/.test(row)),
    [],
  );
});
