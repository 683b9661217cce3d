import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseFor, branchesOf, newestTimeline, positionOf } from './timelines.mjs';

const HISTORY = '1\t0/5000158\tbefore 2026-11-27 23:10:00+00\n\n2\t1/A0\tno recovery target specified\n';
const bases = [
  { endedAt: '2026-01-01T10:00:00.000Z', timeline: 1, stopLsn: '0/3000000' },
  { endedAt: '2026-01-01T12:00:00.000Z', timeline: 1, stopLsn: '0/6000000' },
  { endedAt: '2026-01-01T14:00:00.000Z', timeline: 2, stopLsn: '0/7000000' },
];
const goal = { until: undefined, timeline: 1, branches: new Map() };

test('a history says where each timeline was left', () => {
  assert.deepEqual(branchesOf(HISTORY), new Map([[1, 0x5000158n], [2, 0x1000000a0n]]));
  assert.deepEqual(branchesOf(''), new Map());
});

test('positions are compared as numbers', () => {
  assert.ok(positionOf('0/FFFFFFFF') < positionOf('1/0'));
  assert.ok(positionOf('A/0') > positionOf('9/FFFFFFFF'));
});

test('the newest timeline is that of the last history; without one it is the first', () => {
  assert.equal(newestTimeline(['000000010000000000000003', '00000002.history', '0000000A.history', '0000000B.history.tmp']), 10);
  assert.equal(newestTimeline([]), 1);
});

test('the youngest base before the moment is taken', () => {
  assert.equal(baseFor(bases, { ...goal, until: new Date('2026-01-01T13:00:00Z') }), bases[1]);
  assert.equal(baseFor(bases, { ...goal, until: new Date('2026-01-01T11:59:59.999Z') }), bases[0]);
  assert.equal(baseFor(bases, { ...goal, until: new Date('2026-01-01T12:00:00.000Z') }), bases[1]);
  assert.equal(baseFor(bases, { ...goal, until: new Date('2026-01-01T09:00:00Z') }), undefined);
});

test('a base of the future that a restore has left behind is passed over', () => {
  const branches = branchesOf(HISTORY);
  assert.equal(baseFor(bases.slice(0, 2), { until: undefined, timeline: 2, branches }), bases[0]);
  assert.equal(baseFor(bases, { until: undefined, timeline: 2, branches }), bases[2]);
  assert.equal(baseFor(bases, { until: undefined, timeline: 3, branches: new Map() }), undefined);
});
