import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupOfFile, timeOf, timeTable } from './time-groups.mjs';

const FILES = [
  ['file:///a/node_modules/pg/lib/client.js', 'driver'],
  ['/a/node_modules/pg-protocol/dist/parser.js', 'driver'],
  ['/a/node_modules/typeorm/driver/Driver.js', 'TypeORM'],
  ['/a/node_modules/graphql/execution/execute.js', 'graphql'],
  ['/a/node_modules/graphql-yoga/x.js', 'graphql'],
  ['/a/node_modules/type-graphql/build/x.js', 'type-graphql'],
  ['/a/node_modules/@apollo/server/dist/x.js', 'Apollo'],
  ['/a/node_modules/@apollo/server/node_modules/graphql/x.js', 'graphql'],
  ['/a/node_modules/kafkajs/src/index.js', 'Kafka'],
  ['/a/node_modules/pino/lib/proto.js', 'logs'],
  ['/a/node_modules/undici/lib/x.js', 'HTTP'],
  ['/a/node_modules/@pinojs/redact/index.js', 'logs'],
  ['/a/node_modules/zod/x.js', 'package: zod'],
  ['/a/scripts/stack/moved-clock.cjs', 'files elsewhere'],
  ['/a/services/accounts/dist/payments/payment.service.js', 'ours: accounts'],
  ['file:///a/packages/platform/dist/outbox/outbox.js', 'ours: platform'],
  ['/a/node_modules/@tael/money/dist/money.js', 'ours: money'],
  ['node:net', 'sockets and buffers'],
  ['node:internal/stream_base_commons', 'sockets and buffers'],
  ['node:_http_server', 'HTTP'],
  ['node:internal/crypto/hash', 'crypto'],
  ['node:internal/process/task_queues', 'event loop and kernel'],
  ['node:internal/url', 'other of Node'],
];
for (const [file = '', group] of FILES) test(`${file} is of: ${group}`, () => assert.equal(groupOfFile(file), group));

/**
 * @param {number} id
 * @param {string} functionName
 * @param {{ url?: string, children?: number[] }} [more]
 */
const node = (id, functionName, { url = '', children = [] } = {}) => ({ id, callFrame: { functionName, url, lineNumber: 6 }, children });
const OURS = '/a/services/accounts/dist/payments/payment.service.js';
const PROFILE = {
  nodes: [
    node(1, '(root)', { children: [2, 3, 4, 5] }), node(2, '(idle)'), node(3, '(garbage collector)'), node(4, '(program)'),
    node(5, 'pay', { url: OURS, children: [6, 7] }), node(6, 'writev'), node(7, 'parse', { children: [8] }), node(8, 'writev'),
  ],
  samples: [2, 3, 5, 6, 7, 8, 2],
  timeDeltas: [0, 6_000, 1_000, 2_000, 4_000, 1_000, 2_000],
  startTime: 0,
  endTime: 16_000,
};

test('a sample counts for the innermost function, until the next one; idle time is nobody\'s', () => {
  const { groups, functions, busyMs, wholeMs } = timeOf(PROFILE);
  assert.deepEqual([busyMs, wholeMs], [10, 16]);
  assert.deepEqual(groups, [
    // writev says what it is whoever called it; what says nothing counts for its caller.
    { group: 'sockets and buffers', ms: 6, share: 60 },
    { group: 'ours: accounts', ms: 3, share: 30 },
    { group: 'garbage collection', ms: 1, share: 10 },
  ]);
  assert.deepEqual(functions[0], { name: 'writev', group: 'sockets and buffers', ms: 6, share: 60 });
  assert.deepEqual(functions[1], { name: 'pay services/accounts/dist/payments/payment.service.js:7', group: 'ours: accounts', ms: 2, share: 20 });
});

test('the table has its groups by size, and the small ones in one line', () => {
  const samples = [...Array.from({ length: 200 }, () => 5), 3, 2];
  const text = timeTable(timeOf({ ...PROFILE, samples, timeDeltas: samples.map(() => 1_000) }));
  assert.match(text, /^busy for 201 of 201 ms\n {3}99\.5 % +200 ms {2}ours: accounts\n {4}0\.5 % +1 ms {2}1 others\n/);
});
