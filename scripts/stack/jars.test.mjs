import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { checkJars, parseSums } from './jars.mjs';
import { ROOT } from './settings.mjs';

/** @param {string} text */
const sumOf = (text) => createHash('sha512').update(text).digest('hex');

/** @type {string} */
let folder;
before(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tael-jars-'));
  fs.writeFileSync(path.join(folder, 'a.jar'), 'first');
  fs.writeFileSync(path.join(folder, 'b.jar'), 'second');
});
after(() => fs.rmSync(folder, { recursive: true }));

test('jars that are as listed have no fault', () => {
  const sums = parseSums(`${sumOf('first')}  a.jar\n${sumOf('second')} *b.jar\n`);
  assert.deepEqual(checkJars(folder, sums), []);
});

test('a jar that is changed, missing or not on the list is named', () => {
  const sums = new Map([
    ['a.jar', sumOf('other')],
    ['c.jar', sumOf('third')],
  ]);
  assert.deepEqual(checkJars(folder, sums), [
    'b.jar is not on the list',
    'a.jar has another SHA-512 sum',
    'c.jar is missing',
  ]);
});

test('a folder that is not there lacks every jar', () => {
  assert.deepEqual(checkJars(path.join(folder, 'none'), new Map([['a.jar', 'x']])), ['a.jar is missing']);
});

test('a line that is no sum, or leads out of the folder, is refused', () => {
  for (const line of ['abc  a.jar', `${sumOf('x')}  ../a.jar`, `${sumOf('x')}`]) assert.throws(() => parseSums(line));
});

test('the committed list names the broker that the pom asks for', () => {
  const sums = parseSums(fs.readFileSync(path.join(ROOT, 'infra', 'kafka', 'jars.sha512'), 'utf8'));
  const pom = fs.readFileSync(path.join(ROOT, 'infra', 'kafka', 'pom.xml'), 'utf8');
  const version = /<artifactId>kafka_2\.13<\/artifactId>\s*<version>([\d.]+)</.exec(pom)?.[1];
  assert.ok(sums.has(`kafka_2.13-${version}.jar`));
  assert.ok(sums.size > 40);
});
