import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Identity, identityKeysFor } from '@tael/platform/identity';
import { createLogger } from '@tael/platform/log';
import { WITHDRAW_DOCUMENT } from '../../src/partners/document.store';
import { createPublishedDocuments, type PublishedDocuments } from '../../src/partners/published.documents';
import { IDENTITY_KEYS } from '../gateway';
import { MARKED_SDL, startSubgraphs, type Subgraphs } from '../subgraphs';

// What a gateway remembers of the documents of banks, by a clock that the test moves.

let subgraphs: Subgraphs;
beforeAll(async () => {
  subgraphs = await startSubgraphs(IDENTITY_KEYS, MARKED_SDL);
});
afterAll(() => subgraphs?.close());

const MINUTE = 60_000;
const log = createLogger({ service: 'test', level: 'silent' });
const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const lookUps = () => subgraphs.seen.filter(({ subgraph, body }) => subgraph === 'merchants' && body === '').length;

let banks = 0;
function newBank(text: string) {
  const partnerId = `bank-${(banks += 1)}`;
  const key = `${partnerId}/${sumOf(text)}`;
  subgraphs.documents.set(key, text);
  const identity = { principal: null, locale: 'en', reference: 'r', traceparent: '', address: '', partner: { partnerId, clientId: 'c', scopes: [] } } as unknown as Identity;
  let ahead = 0;
  const published: PublishedDocuments = createPublishedDocuments({
    merchantsUrls: [subgraphs.urls['merchants']!], identityKeys: identityKeysFor(IDENTITY_KEYS, 'merchants'), now: () => Date.now(), elapsed: () => ahead, log,
  });
  return {
    find: () => published.find(`sha256:${sumOf(text)}`, identity),
    pass: (ms: number) => void (ahead += ms),
    withdraw: () => void subgraphs.documents.delete(key),
    publish: () => void subgraphs.documents.set(key, text),
  };
}

test('a document that was withdrawn runs for a minute at most, and again once it is published again', async () => {
  const text = '{ partner { id } }';
  const bank = newBank(text);
  expect(await bank.find()).toBe(text);
  bank.withdraw();
  bank.pass(MINUTE / 2);
  expect(await bank.find()).toBe(text);
  bank.pass(MINUTE / 2);
  expect(await bank.find()).toBeUndefined();
  expect(await bank.find()).toBeUndefined();
  bank.publish();
  expect(await bank.find()).toBe(text);
});

test('one that stays is looked up once a minute, however often and by however many at once it is asked for', async () => {
  const bank = newBank('{ partner { name } }');
  await bank.find();
  const before = lookUps();
  for (let round = 0; round < 20; round += 1) await bank.find();
  expect(lookUps()).toBe(before);
  bank.pass(MINUTE + 1);
  const all = await Promise.all(Array.from({ length: 20 }, () => bank.find()));
  expect(new Set(all)).toEqual(new Set(['{ partner { name } }']));
  expect(lookUps()).toBe(before + 1);
});

test('one that was withdrawn runs for nobody after its minute, however many come while the first is looking it up', async () => {
  const bank = newBank('{ partner { id name } }');
  await bank.find();
  bank.withdraw();
  bank.pass(MINUTE);
  const before = lookUps();
  const all = await Promise.all(Array.from({ length: 20 }, () => bank.find()));
  expect(new Set(all)).toEqual(new Set([undefined]));
  expect(lookUps()).toBe(before + 1);
});

test('while merchants is away it runs for a quarter of an hour, and not for ever', async () => {
  const text = '{ partner { environment } }';
  const bank = newBank(text);
  await bank.find();
  await subgraphs.all['merchants']!.stop();
  try {
    bank.pass(14 * MINUTE);
    expect(await bank.find()).toBe(text);
    // Known to be away, it is not asked at each request.
    expect(await bank.find()).toBe(text);
    bank.pass(MINUTE + 1);
    await expect(bank.find()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await expect(bank.find()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    bank.pass(120 * MINUTE);
    const late = await Promise.allSettled(Array.from({ length: 5 }, () => bank.find()));
    expect(late.map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => 'rejected'));
  } finally {
    await subgraphs.all['merchants']!.restart();
  }
  bank.pass(MINUTE);
  expect(await bank.find()).toBe(text);
});

test('the page for banks tells the document by which others are withdrawn, and its id', () => {
  const page = readFileSync(path.join(__dirname, '..', '..', '..', '..', 'docs', 'partners', 'door.md'), 'utf8');
  expect(page).toContain(`\n${WITHDRAW_DOCUMENT}\n`);
  expect(page).toContain(`sha256:${sumOf(WITHDRAW_DOCUMENT)}`);
});
