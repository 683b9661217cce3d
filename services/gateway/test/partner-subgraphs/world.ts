import { readSigningKeys } from '@tael/http-signature';
import { eventually } from '@tael/testkit';
import { createPublicKey } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AppSettings } from '../../src/app';
import { startGateway, type TestGateway } from '../gateway';
import { SDL } from '../subgraphs';
import { type Bank, BANK_SDL, type Merchants, startBank, startMerchants, type Told } from './bank';

const RING: [{ id: string; key: Buffer }, { id: string; key: Buffer }] = [
  { id: 's2', key: Buffer.alloc(32, 5) }, { id: 's1', key: Buffer.alloc(32, 6) },
];
const keys = readSigningKeys(RING);
/** Our public keys, as a bank reads them. */
export const publicKeys = Object.fromEntries(
  keys.published.keys.map((jwk) => [String(jwk['kid']), createPublicKey({ key: jwk, format: 'jwk' })]),
);

export interface World {
  readonly gateway: TestGateway;
  readonly merchants: Merchants;
  readonly bank: Bank;
  /** What merchants tells of the bank. */
  entry(change?: object): Told;
  /** Writes a schema of the house anew, as a rollout does. */
  writeSchema(name: string, sdl: string): void;
  /** Waits until the graph has, or has not, the bank's root field. */
  settles(has: boolean, field?: string): Promise<void>;
  close(): Promise<void>;
}

/** A gateway with a bank beside it; its subgraph is in the graph unless told otherwise. */
export async function startWorld(options: { isIn?: boolean; told?: readonly Told[]; settings?: Partial<AppSettings> } = {}): Promise<World> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tael-schemas-'));
  const writeSchema = (name: string, sdl: string): void => writeFileSync(path.join(folder, name, 'schema.graphql'), sdl);
  for (const [name, sdl] of Object.entries(SDL)) {
    mkdirSync(path.join(folder, name));
    writeSchema(name, sdl);
  }
  const [merchants, bank] = await Promise.all([startMerchants(), startBank(publicKeys)]);
  const entry = (change: object = {}) => ({ id: 'first', partnerId: 'partner-1', slug: 'nordbank', address: bank.url, sdl: BANK_SDL, ...change });
  if (options.told) merchants.tell(...options.told);
  else if (options.isIn !== false) merchants.tell(entry());
  const gateway = await startGateway(
    {
      MERCHANTS_URL: merchants.url, SUBGRAPH_SCHEMAS: folder, PARTNER_SUBGRAPH_KEYS: RING, PARTNER_SUBJECT_KEY: Buffer.alloc(32, 9),
      PARTNER_SUBGRAPHS_ALLOW_HTTP: true, ...options.settings,
    },
    // Longer than banks get: a machine that has much to do must not be taken for a bank that is slow.
    { pollMs: 20, partnerPollMs: 20, partnerAnswerMs: 5_000, graphRetryMs: 200 },
  );
  merchants.graphUrl = gateway.subgraphs.urls['merchants']!;
  return {
    gateway, merchants, bank, entry, writeSchema,
    async settles(has, field = 'nordbank') {
      await eventually(async () => {
        const { body } = await gateway.ask('{ __schema { queryType { fields { name } } } }');
        const names: string[] = body.data.__schema.queryType.fields.map(({ name }: { name: string }) => name);
        expect(names.includes(field)).toBe(has);
      }, { timeoutMs: 10_000 });
    },
    async close() {
      await gateway.close();
      await Promise.all([merchants.close(), bank.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
