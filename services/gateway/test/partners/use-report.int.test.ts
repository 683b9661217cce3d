import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { IDENTITY_HEADER, verifyIdentity } from '@tael/platform/identity';
import { createLogger } from '@tael/platform/log';
import { eventually } from '@tael/testkit';
import { createPartnerRates } from '../../src/limits/partner.rates';
import { createRateBuckets } from '../../src/limits/rate.buckets';
import { type PartnerUseReport, startPartnerUseReport } from '../../src/partners/partner-use.report';
import { IDENTITY_KEYS } from '../gateway';

// The other end of the line as accounts has it (its own test is partner-use.int of accounts; both together are e2e/faults/partner-door): what it is told, and what it says.

interface Told {
  readonly used: { partnerId: string; units: number }[];
  readonly isSigned: boolean;
}
interface OtherEnd {
  readonly url: string;
  readonly told: Told[];
  answer(status: number, levels?: { partnerId: string; missing: number }[]): void;
  close(): Promise<void>;
}

async function startOtherEnd(): Promise<OtherEnd> {
  const told: Told[] = [];
  let [status, levels]: [number, object[]] = [200, []];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const signed = verifyIdentity(request.headers[IDENTITY_HEADER] as string | undefined, body, IDENTITY_KEYS, Date.now());
      told.push({ used: JSON.parse(body).used, isSigned: signed?.principal === null });
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ levels }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/.well-known/partner-use`,
    told,
    answer: (newStatus, newLevels = []) => void ([status, levels] = [newStatus, newLevels]),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const SLOW = { perSecond: 0.001, burst: 100 };
let end: OtherEnd;
let report: PartnerUseReport | undefined;
const warnings: string[] = [];
beforeEach(async () => {
  warnings.length = 0;
  end = await startOtherEnd();
});
afterEach(async () => {
  report?.close();
  await end.close();
});

function start(urls = [end.url]) {
  const rates = createPartnerRates(createRateBuckets(SLOW));
  for (const partnerId of ['p', 'q']) rates.know(partnerId, SLOW, 0);
  const log = createLogger({ service: 'gateway', level: 'silent' });
  log.warn = (_fields: unknown, message?: string) => void warnings.push(message ?? '');
  report = startPartnerUseReport({ urls, identityKeys: IDENTITY_KEYS, use: rates, now: Date.now, log, pauseMs: 20 });
  const most = (partnerId: string): number => {
    let units = 0;
    for (; rates.wait(partnerId, 1) === 0; units += 1) rates.draw(partnerId, 1);
    return units;
  };
  return { rates, most };
}
const units = () => end.told.flatMap(({ used }) => used).reduce((sum, use) => sum + use.units, 0);

test('tells what was used, once, signed as a gateway, and nothing where nobody uses anything', async () => {
  const { rates } = start();
  rates.draw('p', 7);
  rates.draw('q', 2);
  await eventually(async () => expect(end.told).toHaveLength(1));
  expect(end.told).toEqual([{ used: [{ partnerId: 'p', units: expect.closeTo(7, 3) }, { partnerId: 'q', units: expect.closeTo(2, 3) }], isSigned: true }]);
  rates.draw('p', 1);
  await eventually(async () => expect(end.told).toHaveLength(2));
  // Rounds in which nobody used anything went by in between, and sent nothing.
  expect(units()).toBeCloseTo(10, 2);
});

test('hears what is missing at all gateways together', async () => {
  const { rates, most } = start();
  end.answer(200, [{ partnerId: 'p', missing: 95 }]);
  rates.draw('p', 1);
  await eventually(async () => expect(rates.wait('p', 6)).toBeGreaterThan(0));
  expect([most('p'), most('q')]).toEqual([5, 100]);
});

test('sends nothing twice where it fails, counts by itself meanwhile, says so once, and goes on', async () => {
  const { rates } = start();
  end.answer(503);
  rates.draw('p', 10);
  await eventually(async () => expect(end.told).toHaveLength(1));
  rates.draw('p', 5);
  await eventually(async () => expect(end.told).toHaveLength(2));
  end.answer(200, [{ partnerId: 'p', missing: 3 }]);
  rates.draw('p', 1);
  await eventually(async () => expect(end.told).toHaveLength(3));
  expect(end.told.map(({ used }) => Math.round(used[0]!.units))).toEqual([10, 5, 1]);
  expect(warnings).toEqual(['accounts could not be told what partners have used']);
  // Accounts knows of less than this gateway does.
  expect([rates.wait('p', 84), rates.wait('p', 85) > 0]).toEqual([0, true]);
});

test.each([503, 500])('sends nothing to another instance where one answers %i: it may have added it up', async (status) => {
  const other = await startOtherEnd();
  try {
    end.answer(status);
    const { rates } = start([end.url, other.url]);
    rates.draw('p', 10);
    await eventually(async () => expect(end.told).toHaveLength(1));
    end.answer(200);
    rates.draw('p', 2);
    await eventually(async () => expect(Math.round(units() + other.told.flatMap(({ used }) => used).reduce((sum, use) => sum + use.units, 0))).toBe(12));
    expect(warnings).toHaveLength(1);
  } finally {
    await other.close();
  }
});

test('asks the next instance where one knows nothing of reports', async () => {
  const other = await startOtherEnd();
  try {
    end.answer(404);
    const { rates } = start([end.url, other.url]);
    rates.draw('p', 3);
    await eventually(async () => expect(other.told).toHaveLength(1));
    expect(warnings).toEqual([]);
  } finally {
    await other.close();
  }
});

test('asks the next instance where one is away, and sends no more partners at once than are taken', async () => {
  const { rates } = start(['http://127.0.0.1:2/.well-known/partner-use', end.url]);
  for (let index = 0; index < 1_001; index += 1) {
    rates.know(`n${index}`, SLOW, 0);
    rates.draw(`n${index}`, 1);
  }
  await eventually(async () => expect(units()).toBeCloseTo(1_001, 0));
  expect(Math.max(...end.told.map(({ used }) => used.length))).toBe(1_000);
  expect(warnings).toEqual([]);
});
