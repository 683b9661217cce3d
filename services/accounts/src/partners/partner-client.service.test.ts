import { X509Certificate } from 'node:crypto';
import { selfSignedCertificate } from '@tael/testkit';
import type { DataSource } from 'typeorm';
import { PartnerClientService } from './partner-client.service';

const { der } = selfSignedCertificate('bank');
const end = Math.floor(new Date(new X509Certificate(der).validTo).getTime() / 1_000);
const x5c = [der.toString('base64')];

// A service of the version before tells of a certificate without `exp`, whenever it tells.
it.each<[string, object, number, boolean]>([
  ['its certificate has not ended, and nobody said an end', { x5c }, end - 1, true],
  ['its certificate ends, and nobody said an end', { x5c }, end, false],
  ['its certificate ends before what was said', { x5c, exp: end + 60 }, end, false],
  ['its certificate ends after what was said', { x5c, exp: end - 60 }, end - 60, false],
  ['neither has ended', { x5c, exp: end - 60 }, end - 61, true],
  ['its certificate cannot be read', { x5c: ['bm9uZQ=='] }, end - 1, false],
])('a key signs in or not where %s', async (_what, key, seconds, expected) => {
  const row = { clientId: 'c', partnerId: 'p', keys: [key], scopes: [], ratePerSecond: 1, rateBurst: 1, rateCostMax: null };
  const dataSource = { query: () => Promise.resolve([row]) } as unknown as DataSource;
  const service = new PartnerClientService({ dataSource, now: () => new Date(seconds * 1_000) });
  expect((await service.find('0195f6a8-0000-7000-8000-000000000001')) !== undefined).toBe(expected);
});
